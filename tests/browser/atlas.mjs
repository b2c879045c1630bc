// The page of an atlas: all channels are there, nothing is loaded, and it can be used by hand, by keyboard and by ear.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { folder, launch, program, violations } from "./browser.mjs";

const LAYERS = ["conv1/relu_7x7", "conv2/relu_3x3_reduce"];
const COUNT = 128;

let browser, desk, file, html;

before(async () => {
  desk = await folder();
  file = process.env.ATLAS ?? path.join(desk, "atlas.html");
  if (!process.env.ATLAS) {
    const layers = LAYERS.flatMap((layer) => ["--layer", layer]);
    execFileSync(program, ["atlas", "--device", "cpu", "--out", file, ...layers], { env: { ...process.env, PUPPYSLUG_DATA: desk } });
  }
  html = await readFile(file, "utf8");
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await rm(desk, { recursive: true, force: true });
});

/** The page, with all that it asked for and complained of. */
async function open({ hash = "", viewport = { width: 1280, height: 900 }, ...options } = {}) {
  const context = await browser.newContext({ viewport, ...options });
  const page = await context.newPage();
  const heard = { requests: [], complaints: [] };
  page.on("request", (request) => heard.requests.push(request.url()));
  page.on("console", (message) => message.type() === "error" && heard.complaints.push(message.text()));
  page.on("pageerror", (error) => heard.complaints.push(String(error)));
  await page.goto(pathToFileURL(file).href + hash);
  return { page, heard, close: () => context.close() };
}

const shown = (page) => page.locator(".grid .unit:not([hidden])").count();
const focused = (page) => page.evaluate(() => document.activeElement.id);

test("every channel is there, and nothing is loaded", async () => {
  const { page, heard, close } = await open();
  assert.equal(await shown(page), COUNT);
  const ids = await page.locator(".grid .unit").evaluateAll((units) => units.map((unit) => unit.id));
  assert.equal(new Set(ids).size, COUNT);
  assert.ok(ids.includes(`${LAYERS[1]}:63`));
  assert.deepEqual(await page.locator("h2").allTextContents(), LAYERS.map((layer) => `${layer} 64 channels`));
  // A cell shows a picture: its pixels are not all the same.
  const bytes = await page.locator(".grid .unit").first().screenshot();
  assert.ok(bytes.length > 500, `${bytes.length} bytes`);
  assert.deepEqual(heard.complaints, []);
  const elsewhere = heard.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:") && !url.startsWith("blob:"));
  assert.deepEqual(elsewhere, []);
  assert.equal(heard.requests.filter((url) => url.startsWith("file:")).length, 1);
  await close();
});

test("an address names a channel, and a channel its neighbours", async () => {
  const { page, heard, close } = await open({ hash: `#${LAYERS[1]}:5` });
  const panel = page.locator("#atlas-panel");
  assert.equal(await panel.locator("h2").textContent(), `${LAYERS[1]}:5`);
  assert.equal(await panel.locator("pre").textContent(), `puppyslug dream PICTURE --objective channel:${LAYERS[1]}:5`);
  assert.equal(await panel.locator("tr").count(), 6);
  const rows = panel.locator(".row");
  assert.deepEqual([await rows.nth(0).locator("a").count(), await rows.nth(1).locator("a").count()], [6, 6]);
  const feeder = rows.nth(0).locator("a").first();
  const name = await feeder.getAttribute("aria-label");
  assert.ok(name.startsWith(`${LAYERS[0]}:`), name);
  await feeder.click();
  assert.equal(await panel.locator("h2").textContent(), name);
  assert.ok((await page.evaluate(() => decodeURIComponent(location.hash))).endsWith(name));
  await panel.getByRole("button", { name: "Close" }).click();
  assert.equal(await panel.isVisible(), false);
  assert.deepEqual(heard.complaints, []);
  await close();
});

test("what is sought is found", async () => {
  const { page, close } = await open({ hash: `#${LAYERS[0]}:0` });
  const first = await page.locator("#atlas-panel th").first().textContent();
  await page.keyboard.press("Escape");
  const said = page.locator("#atlas-said");
  for (const [words, count] of [["47", 2], ["reduce 47", 1], [`${LAYERS[0]}:4`, 11], ["no such thing", 0]]) {
    await page.locator("#atlas-search").fill(words);
    assert.equal(await shown(page), count, words);
    assert.equal(await said.textContent(), `${count} ${count === 1 ? "channel" : "channels"} found`);
  }
  await page.locator("#atlas-search").fill(first);
  assert.equal(await page.locator(`[id="${LAYERS[0]}:0"]`).isVisible(), true, first);
  assert.ok((await shown(page)) < COUNT);
  await close();
});

test("a keyboard is enough", async () => {
  const { page, close } = await open();
  await page.keyboard.press("/");
  assert.equal(await focused(page), "atlas-search");
  await page.keyboard.type("conv2");
  await page.locator(`[id="${LAYERS[1]}:0"]`).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await focused(page), `${LAYERS[1]}:1`);
  const across = await page.locator(".layer:not([hidden]) .unit").evaluateAll(
    (units) => units.filter((unit) => unit.offsetTop === units[0].offsetTop).length);
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(page), `${LAYERS[1]}:${1 + across}`);
  await page.keyboard.press("End");
  assert.equal(await focused(page), `${LAYERS[1]}:63`);
  await page.keyboard.press("Enter");
  await page.locator("#atlas-panel").waitFor();
  assert.equal(await focused(page), "atlas-name");
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), `${LAYERS[1]}:63`);
  const width = () => page.locator(`[id="${LAYERS[1]}:63"]`).evaluate((unit) => unit.offsetWidth);
  const narrow = await width();
  await page.keyboard.press("+");
  assert.equal(await width(), narrow + 16);
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const [device, viewport] of [["desktop", { width: 1280, height: 900 }], ["phone", { width: 375, height: 700 }]]) {
    test(`nothing stands in anybody's way: ${colorScheme}, ${device}`, async () => {
      const { page, close } = await open({ colorScheme, viewport });
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(ground === "rgb(22, 23, 26)", colorScheme === "dark", ground);
      assert.deepEqual(await violations(page), []);
      const keep = process.env.SCREENSHOTS && (await mkdir(process.env.SCREENSHOTS, { recursive: true }), true);
      const shoot = (name) => keep && page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}-${device}-${colorScheme}.png`) });
      await shoot("atlas");
      await page.locator(`[id="${LAYERS[1]}:9"]`).click();
      assert.deepEqual(await violations(page), []);
      await shoot("channel");
      const { scroll, client } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, client: document.documentElement.clientWidth }));
      assert.ok(scroll <= client, `${scroll} wide in ${client}`);
      await close();
    });
  }
}

/** The page as a server with a policy would send it. */
async function sent(policy, change = (text) => text, files = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const headers = { "content-security-policy": policy };
  await page.route("**/*", (route) => {
    const name = new URL(route.request().url()).pathname;
    if (name === "/") return route.fulfill({ contentType: "text/html", headers, body: change(html) });
    return files[name] ? route.fulfill({ contentType: "text/javascript", body: files[name] }) : route.abort();
  });
  await page.goto("http://atlas.test/");
  return { page, close: () => context.close() };
}

test("without leave for its script it shows its sheets, and a script of the page's own will do", async () => {
  const strict = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'self'";
  const bare = await sent(strict);
  assert.equal(await bare.page.locator(".sheet:visible").count(), 2);
  assert.equal(await bare.page.locator(".grid").count(), 0);
  await bare.close();
  const script = await readFile(new URL("../../src/atlas/page/atlas.js", import.meta.url), "utf8");
  const inline = html.lastIndexOf("<script>");
  const outside = (text) => text.slice(0, inline).replace(/<meta http-equiv[^>]*>/, "") + '<script src="/atlas.js"></script>';
  const own = await sent(strict, outside, { "/atlas.js": script });
  assert.equal(await shown(own.page), COUNT);
  await own.close();
});
