// The page of `puppyslug serve` as somebody uses it: with a mouse, with the keyboard alone, on a phone, and with a
// reader of screens. Nothing here waits for a time: it waits for what is to be seen.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Served, folder, launch, program, violations } from "./browser.mjs";

const run = promisify(execFile);
/** Pictures of the page to look at, if somebody wants them. */
const shots = process.env.SCREENSHOTS;

let browser;
let served;
let work;
let session;

before(async () => {
  work = await folder();
  browser = await launch();
  served = await Served.begin(await folder());
  if (shots) await mkdir(shots, { recursive: true });
  // A small picture, and one that takes a while.
  for (const [name, size] of [["small", "96x64"], ["photo", "320x213"]]) {
    await run(program, ["dream", "--strength", "0", "--octaves", "1", "--iterations", "1", "--size", size, "--seed", "5",
      "--device", "cpu", "-o", file(`${name}.ppm`)]);
  }
  // The address is good once: what it gave the first page, the others have too.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(served.address);
  await page.waitForSelector(".preset");
  session = await context.storageState();
  await context.close();
});

after(async () => {
  await browser?.close();
  await served?.forget();
});

const file = (name) => path.join(work, name);

/** A page of its own; it may ask nobody but its server, and nothing may go wrong in it. */
async function open(options = {}) {
  const context = await browser.newContext({ storageState: session, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (message) => message.type() === "error" && !/404|422/.test(message.text()) && wrong.push(message.text()));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "blob:" && origin !== served.origin) wrong.push(request.url());
  });
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto(served.origin);
  await page.waitForSelector(".preset");
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, close };
}

/** Drops a file onto the page, as a mouse does. */
async function drop(page, name) {
  const bytes = (await readFile(file(name))).toString("base64");
  const transfer = await page.evaluateHandle(async ([bytes, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0))], name));
    return transfer;
  }, [bytes, path.basename(name)]);
  await page.dispatchEvent("#stage", "drop", { dataTransfer: transfer });
}

/** Waits for the words under the picture. */
const status = (page, words) => page.locator(".status", { hasText: words }).waitFor({ timeout: 120_000 });

/** Sets a setting among all of them. */
async function set(page, title, value) {
  await page.locator("details", { hasText: "All settings" }).evaluate((details) => (details.open = true));
  const field = page.locator(".form").getByLabel(title, { exact: true });
  await field.fill(value);
  await field.blur();
}

async function shoot(page, name, options = {}) {
  if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`), ...options });
}

/** Downloads what is on the stage. */
async function download(page, format, name) {
  await page.getByLabel("File format").selectOption(format);
  const arrives = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  await (await arrives).saveAs(file(name));
}

test("one drop is a first dream, which changes as it is looked at", async () => {
  const { page, close } = await open();
  // Every picture that is shown counts.
  await page.evaluate(() => {
    globalThis.seen = new Set();
    new MutationObserver(() => {
      const { rev } = document.querySelector(".after").dataset;
      if (rev) globalThis.seen.add(rev);
    }).observe(document.querySelector(".after"), { attributes: true });
  });
  await drop(page, "photo.ppm");
  await status(page, "Size");
  await shoot(page, "dreaming");
  await status(page, "Done");
  const seen = await page.evaluate(() => globalThis.seen.size);
  assert.ok(seen >= 4, `${seen} pictures were shown, the last of them the dream`);
  // What was there before is under the slider.
  await page.getByLabel("How much of the original").fill("50");
  assert.equal(await page.locator(".frame").evaluate((frame) => frame.style.getPropertyValue("--wipe")), "50%");
  await shoot(page, "done");
  await download(page, "png", "first.png");
  await run(program, ["dream", file("photo.ppm"), "--device", "cpu", "-o", file("told.png")]);
  assert.ok((await readFile(file("first.png"))).equals(await readFile(file("told.png"))), "the command line's bytes");
  await close();
});

test("stopping keeps what is shown, and it goes on from there in branches", async () => {
  const { page, close } = await open();
  await set(page, "iterations", "100000");
  await set(page, "octaves", "1");
  await drop(page, "small.ppm");
  await page.locator(".after[data-rev]").waitFor();
  await page.getByRole("button", { name: "Stop here" }).click();
  await status(page, "Stopped");
  await set(page, "iterations", "2");
  for (const look of ["brush", "eyes"]) {
    await page.locator(`input[name=preset][value=${look}]`).check();
    await set(page, "iterations", "1");
    await page.locator(".status", { hasText: "Stopped" }).waitFor();
    await page.getByRole("button", { name: "Dream on from here" }).click();
    await status(page, "Done");
    // Back to where the branches part.
    if (look === "brush") await page.locator(".card", { hasText: "Stopped" }).first().click();
  }
  assert.equal(await page.locator("#shelf li li").count(), 2, "two branches of one dream");
  await shoot(page, "branches", { fullPage: true });
  await close();
});

test("a dream that is dropped can be dreamed again, to the byte", async () => {
  const { page, close } = await open();
  await page.getByRole("button", { name: "Delete all finished" }).click();
  await page.locator(".card").first().waitFor({ state: "detached" });
  await drop(page, "first.png");
  await page.getByRole("button", { name: "Dream it again" }).click();
  await status(page, "Done");
  await download(page, "png", "again.png");
  assert.ok((await readFile(file("again.png"))).equals(await readFile(file("first.png"))));
  // What was dreamed over is not here: it is asked for.
  await run(program, ["dream", "--strength", "0", "--octaves", "1", "--iterations", "1", "--size", "80x60", "--seed", "9",
    "--device", "cpu", "-o", file("unseen.ppm")]);
  await run(program, ["dream", file("unseen.ppm"), "--size", "64", "--iterations", "1", "--octaves", "2", "--device", "cpu",
    "-o", file("strange.png")]);
  await drop(page, "strange.png");
  await page.locator("#controls").getByText("To dream it again, drop the picture").waitFor();
  await drop(page, "unseen.ppm");
  const before = await page.locator(".card").count();
  await page.getByRole("button", { name: "Dream it again" }).click();
  await page.locator(".card").nth(before).waitFor();
  await status(page, "Done");
  await download(page, "png", "strange-again.png");
  assert.ok((await readFile(file("strange-again.png"))).equals(await readFile(file("strange.png"))));
  await close();
});

test("a reload loses nothing, and two tabs keep to themselves", async () => {
  const { page, close } = await open();
  await set(page, "iterations", "100000");
  await set(page, "octaves", "1");
  await drop(page, "small.ppm");
  await page.locator(".after[data-rev]").waitFor();
  const other = await open();
  await other.page.getByRole("button", { name: "No picture at hand?" }).click();
  await status(other.page, "Waiting");
  await page.reload();
  await page.locator(".after[data-rev]").waitFor();
  await status(page, "Size");
  assert.equal(await page.locator(".card", { hasText: "Waiting" }).count(), 1, "the other tab's waits");
  await other.page.getByRole("button", { name: "Cancel" }).click();
  await status(other.page, "Cancelled");
  await status(page, "Size");
  await page.getByRole("button", { name: "Stop here" }).click();
  await status(page, "Stopped");
  await other.close();
  await close();
});

test("a mask is painted with the mouse, and with the keyboard", async () => {
  const { page, close } = await open();
  await set(page, "iterations", "2");
  await set(page, "octaves", "1");
  await drop(page, "small.ppm");
  await status(page, "Done");
  await page.locator("summary", { hasText: "Masks" }).click();
  await page.getByRole("button", { name: "Paint", exact: true }).click();
  const canvas = page.locator(".easel canvas");
  const white = () => page.evaluate(async () => {
    const image = document.querySelector(".slot img");
    await image.decode();
    const paper = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
    paper.drawImage(image, 0, 0);
    const { data } = paper.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    return data.filter((value, at) => at % 4 === 0 && value > 127).length / (data.length / 4);
  });
  const box = await canvas.boundingBox();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await shoot(page, "mask");
  await page.getByRole("button", { name: "Use this mask" }).click();
  await page.locator(".slot img").first().waitFor();
  const painted = await white();
  assert.ok(painted > 0.03 && painted < 0.4, `${painted}`);
  const before = await page.locator(".card").count();
  await page.getByRole("button", { name: "Dream again" }).click();
  await page.locator(".card").nth(before).waitFor();
  await status(page, "Done");
  const recipe = await page.evaluate(async () => {
    const { jobs } = await (await fetch("/api/jobs")).json();
    return (await fetch(`/api/jobs/${jobs.at(-1).id}/recipe`)).json();
  });
  assert.equal(recipe.references.masks.length, 1);
  assert.ok(recipe.dream.objectives.every((spec) => spec.endsWith("#1")));
  const last = await page.locator(".slot img").first().getAttribute("src").then((src) => new URL(src, served.origin).href);
  // Two dabs by keyboard, one of them taken back: about one circle of the brush.
  await page.getByRole("button", { name: "Paint", exact: true }).press("Enter");
  await canvas.waitFor();
  await canvas.press("Space");
  for (let step = 0; step < 6; step += 1) await canvas.press("ArrowRight");
  await canvas.press("Space");
  await canvas.press("u");
  await page.getByRole("button", { name: "Use this mask" }).press("Enter");
  await page.waitForFunction((last) => document.querySelector(".slot img").src !== last, last);
  const dab = await white();
  assert.ok(dab > 0.01 && dab < painted, `${dab}`);
  await close();
});

test("classes are found by name, with the keyboard alone", async () => {
  const { page, close } = await open();
  const search = page.getByLabel("Look for", { exact: true });
  await search.focus();
  await page.keyboard.type("dog face");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.locator(".chips li", { hasText: "dog face" }).waitFor();
  await page.keyboard.type("inception_4c/output:44");
  await page.keyboard.press("Enter");
  await page.locator(".chips li", { hasText: "channel:inception_4c/output:44" }).waitFor();
  // Before a word is written, the best channels of the network are there, with pictures.
  const best = page.locator(".gallery li").first();
  await best.locator(".channel").waitFor();
  await shoot(page, "channels");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".chips li", { hasText: "channel:" }).count(), 2);
  // The whole page is reached by Tab, the file first of all.
  await page.evaluate(() => document.activeElement.blur());
  await page.locator(".skip").focus();
  await page.keyboard.press("Tab");
  const reached = await page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  assert.equal(reached, "file");
  await close();
});

test("a film is dreamed on the page, stopped, and played", async () => {
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-frames:v", "6", "-pix_fmt", "yuv420p", file("film.webm")]);
  const { page, close } = await open();
  await set(page, "iterations", "2");
  await set(page, "octaves", "1");
  await drop(page, "film.webm");
  await status(page, "Done");
  await page.getByLabel("per frame", { exact: true }).fill("1");
  await page.getByLabel("start", { exact: true }).fill("1f");
  await page.getByLabel("film format").selectOption("webm");
  const before = await page.locator(".card").count();
  await page.getByRole("button", { name: "Dream again" }).click();
  await page.locator(".card").nth(before).waitFor();
  await status(page, "Done");
  const player = page.locator("video");
  await player.waitFor();
  // It plays: this browser decodes a frame of what was dreamed.
  await page.waitForFunction(() => document.querySelector("video").videoWidth === 96);
  assert.deepEqual(await violations(page), []);
  await shoot(page, "film");
  const arrives = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download webm" }).click();
  await (await arrives).saveAs(file("film-dream.webm"));
  await run(program, ["video", file("film.webm"), "--iterations", "2", "--octaves", "1", "--per-frame", "1", "--from", "1f",
    "--device", "cpu", "-o", file("told.webm")]);
  assert.ok((await readFile(file("film-dream.webm"))).equals(await readFile(file("told.webm"))), "the command line's bytes");
  // A film that comes back brings its settings along.
  await page.getByLabel("start", { exact: true }).fill("");
  await page.getByLabel("film format").selectOption("mkv");
  await drop(page, "film-dream.webm");
  await page.getByRole("button", { name: "Dream it again" }).waitFor();
  assert.equal(await page.getByLabel("start", { exact: true }).inputValue(), "1f");
  assert.equal(await page.getByLabel("film format").inputValue(), "webm");
  assert.equal(await page.getByLabel("codec").inputValue(), "vp9");
  await set(page, "iterations", "100000");
  await page.getByRole("button", { name: "Dream it again" }).click();
  await page.getByRole("button", { name: "Stop here" }).click();
  await status(page, "Cancelled");
  await close();
});

test("a dream that is deleted comes back if that is wished", async () => {
  const { page, close } = await open();
  await set(page, "iterations", "1");
  await set(page, "octaves", "1");
  await drop(page, "small.ppm");
  await status(page, "Done");
  const cards = page.locator(".card");
  const count = await cards.count();
  // The list is drawn anew after what caused it.
  const are = (count) => page.waitForFunction((count) => document.querySelectorAll(".card").length === count, count);
  const remove = page.locator(".row", { has: page.locator("[aria-current=true]") }).getByRole("button", { name: "Delete" });
  await remove.press("Enter");
  await page.locator(".undo").getByText("is deleted").waitFor();
  await are(count - 1);
  await page.keyboard.press("Enter");
  await page.locator(".card[aria-current=true]").waitFor();
  await are(count);
  await page.waitForFunction(() => document.activeElement.classList.contains("card"));
  await remove.click();
  await page.getByRole("button", { name: "Delete now" }).click();
  await page.waitForFunction(async (count) => (await (await fetch("/api/jobs")).json()).jobs.length < count, count);
  await close();
});

test("what only the browser reads is sent as PNG, and what neither reads is said in one sentence", async () => {
  const { page, close } = await open();
  await set(page, "iterations", "1");
  await set(page, "octaves", "1");
  await run("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=48x32", "-frames:v", "1", "-c:v", "libaom-av1", "-still-picture", "1", file("photo.avif")]);
  await drop(page, "photo.avif");
  await status(page, "Done");
  const { width, height } = await page.locator(".after").evaluate((image) => ({ width: image.naturalWidth, height: image.naturalHeight }));
  assert.deepEqual({ width, height }, { width: 48, height: 32 });
  // A HEIC is known by its first box; this browser has no decoder for what would follow.
  const box = Buffer.from("0000001c667479706865696300000000686569636d696631", "hex");
  await writeFile(file("photo.heic"), Buffer.concat([box, Buffer.alloc(64)]));
  await drop(page, "photo.heic");
  await page.locator(".trouble").waitFor();
  const words = await page.locator(".trouble").textContent();
  assert.match(words, /^[^.]*\.$/, "one sentence");
  await close();
});

test("it fits a phone, in the dark and in the light, and axe finds nothing wrong", async () => {
  for (const colorScheme of ["dark", "light"]) {
    const { page, close } = await open({ viewport: { width: 390, height: 844 }, colorScheme, reducedMotion: "reduce" });
    await page.locator("details").evaluateAll((all) => all.forEach((details) => (details.open = true)));
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `${width} pixels wide`);
    assert.deepEqual(await violations(page), [], colorScheme);
    await page.locator(".card").first().click();
    await status(page, "");
    assert.deepEqual(await violations(page), [], `${colorScheme}, a dream on the stage`);
    await page.locator("details").evaluateAll((all) => all.forEach((details) => (details.open = false)));
    await shoot(page, `phone-${colorScheme}`, { fullPage: true });
    await close();
  }
});

test("what cannot be read is said in a sentence, and what is missing without the token too", async () => {
  const { page } = await open();
  await writeFile(file("note.txt"), "no picture");
  await drop(page, "note.txt");
  await page.locator(".trouble").waitFor();
  const words = await page.locator(".trouble").textContent();
  assert.ok(words.endsWith(".") && !words.includes(served.data), words);
  await page.context().close();
  const stranger = await browser.newPage();
  await stranger.goto(served.origin);
  await stranger.locator(".trouble", { hasText: "terminal" }).waitFor();
  await stranger.close();
});
