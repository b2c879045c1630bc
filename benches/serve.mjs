#!/usr/bin/env node
// What it costs a dream to be looked at: dreams of the same picture in turns, with nobody there, with a program that
// fetches every preview, and with the page open in headless Chromium.
//
//     cargo build --release && (cd tests/browser && npm ci)
//     node benches/serve.mjs target/release/puppyslug --sides 384,768 --rounds 8
//     node benches/serve.mjs target/release/puppyslug --ways alone,client
//     node benches/serve.mjs target/release/puppyslug --ways alone,page --apart
//
// A dream's time is what the server says that it took. Compared are neighbours in time: the ratio is the median of
// those of each round to its own turn alone. On Linux, the time is given as well that the thread of previews ("paint")
// and the one that answers ("serve") had on a processor, as parts of the dream's time. With `--apart` (Linux) the program
// has the first processor to itself, and whoever looks the second, so that what is measured is what the dream loses and not
// how a browser that draws without a GPU shares its processors. Needs Node 20 and, for the page, Chromium, as
// tests/browser.sh does.

import { execFileSync } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { parseArgs } from "node:util";

const { values: wanted, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sides: { type: "string", default: "384,768" },
    rounds: { type: "string", default: "8" },
    ways: { type: "string", default: "alone,client,page" },
    settings: { type: "string", default: "{}" },
    apart: { type: "boolean", default: false },
  },
});
if (positionals.length !== 1) throw new Error("name the puppyslug binary, and nothing else");
[process.env.PUPPYSLUG] = positionals;
const { Served, folder, launch } = await import("../tests/browser/browser.mjs");

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const median = (values) => {
  const sorted = [...values].sort((one, other) => one - other);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
};

/** Every process below one, but for another and what is below that. */
function descendants(processes, above, but) {
  const below = [...processes].filter(([id, { parent }]) => parent === above && id !== but);
  return below.flatMap(([id, it]) => [it, ...descendants(processes, id, but)]);
}

/** A server, and somebody who has its cookie. */
class Bench {
  static async begin() {
    const bench = new Bench();
    bench.served = await Served.begin(await folder());
    const answer = await fetch(bench.served.address, { redirect: "manual" });
    bench.cookie = answer.headers.get("set-cookie").split(";")[0];
    return bench;
  }

  ask(path, options = {}) {
    const headers = { Cookie: this.cookie, "X-Puppyslug": "1" };
    return fetch(`${this.served.origin}${path}`, { ...options, headers });
  }

  /** Seconds on a processor: of the thread that makes previews, of the one that answers, and of all of the browser. */
  async busy() {
    const { pid } = this.served.child;
    const busy = { paint: 0, serve: 0, browser: 0 };
    for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const name = (await readFile(`/proc/${pid}/task/${task}/comm`, "utf8")).trim();
      const part = name === "previews" ? "paint" : Number(task) === pid ? "serve" : null;
      if (part) busy[part] += Number((await readFile(`/proc/${pid}/task/${task}/schedstat`, "utf8")).split(" ")[0]) / 1e9;
    }
    const processes = new Map();
    for (const id of (await readdir("/proc").catch(() => [])).map(Number).filter(Boolean)) {
      const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => null);
      const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
      // Fields 4, 14 and 15 of proc(5): the parent, and hundredths of a second for itself and in the system.
      if (fields) processes.set(id, { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / 100 });
    }
    for (const { seconds } of descendants(processes, process.pid, pid)) busy.browser += seconds;
    return busy;
  }

  /** Dreams, looked at in one of the ways; gives the seconds that it took. */
  async dream(side, way) {
    const looks = await LOOKS[way](this);
    const before = await this.busy();
    const order = { source: { sky: 1 }, size: String(side), settings: JSON.parse(wanted.settings) };
    const { id } = await (await this.ask("/api/jobs", { method: "POST", body: JSON.stringify(order) })).json();
    await looks.turn?.(id);
    let job;
    do {
      await pause(100);
      job = await (await this.ask(`/api/jobs/${id}`)).json();
    } while (job.state === "queued" || job.state === "dreaming");
    if (job.state !== "done") throw new Error(job.error);
    const after = await this.busy();
    await looks.end?.();
    await this.ask("/api/jobs", { method: "DELETE" });
    const parts = Object.keys(before).map((name) => [name, (after[name] - before[name]) / job.seconds]);
    return { seconds: job.seconds, previews: job.preview, ...Object.fromEntries(parts) };
  }
}

let browser;
let page;

const LOOKS = {
  alone: async () => ({}),

  /** Hears every event, and fetches every preview. */
  client: async (bench) => {
    const over = new AbortController();
    const stream = await bench.ask("/api/events", { signal: over.signal });
    const hear = async () => {
      const seen = new Set();
      let text = "";
      for await (const bytes of stream.body.pipeThrough(new TextDecoderStream())) {
        text += bytes;
        const events = text.split("\n\n");
        text = events.pop();
        for (const data of events.map((event) => /^data: (.*)$/m.exec(event)?.[1]).filter(Boolean)) {
          const job = JSON.parse(data);
          const key = `${job.id} ${job.preview}`;
          if (!job.preview || seen.has(key)) continue;
          seen.add(key);
          await (await bench.ask(`/api/jobs/${job.id}/preview?rev=${job.preview}`)).arrayBuffer();
        }
      }
    };
    const heard = hear().catch((error) => error.name === "AbortError" || Promise.reject(error));
    return { end: () => (over.abort(), heard) };
  },

  /** The page, with the dream on its stage. */
  page: async (bench) => {
    if (!page) {
      browser = await launch();
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const [name, value] = bench.cookie.split("=");
      await context.addCookies([{ name, value, url: bench.served.origin }]);
      page = await context.newPage();
    }
    await page.goto(bench.served.origin);
    await page.waitForSelector(".preset");
    // What is built and painted at first is no part of the dream.
    await pause(1000);
    return {
      turn: () => page.waitForSelector(".card").then((c) => c.evaluate((e) => e.click())),
      end: () => page.goto("about:blank"),
    };
  },
};

/** Makes this program, and what it starts from now on, run on one processor only. */
const stay = (processor) => execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", processor, process.pid]);

if (wanted.apart) stay(0);
const bench = await Bench.begin();
if (wanted.apart) stay(1);
try {
  const ways = wanted.ways.split(",");
  for (const side of wanted.sides.split(",").map(Number)) {
    const turns = Object.fromEntries(ways.map((way) => [way, []]));
    for (let round = -1; round < Number(wanted.rounds); round += 1) {
      // Each is first as often as the others; the first round warms up.
      const order = ways.map((_, at) => ways[(at + Math.max(round, 0)) % ways.length]);
      for (const way of order) {
        const turn = await bench.dream(side, way);
        if (round >= 0) turns[way].push(turn);
      }
    }
    for (const way of ways) {
      const of = (key) => median(turns[way].map((turn) => turn[key] ?? 0));
      const ratios = turns[way].map((turn, at) => turn.seconds / (turns.alone ?? turns[way])[at].seconds);
      console.log(`${side} pixels, ${way}: ${of("seconds").toFixed(3)} s, ${(100 * (median(ratios) - 1)).toFixed(1)} % more ` +
        `(${ratios.map((ratio) => (100 * (ratio - 1)).toFixed(1)).join(" ")}); ${of("previews")} pictures; ` +
        ["paint", "serve", "browser"].map((name) => `${name} ${(100 * of(name)).toFixed(2)} %`).join(", "));
    }
  }
} finally {
  await browser?.close();
  await bench.served.forget();
}
