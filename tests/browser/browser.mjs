// What tests of pages share: a browser, and the program with a data folder of its own.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const project = fileURLToPath(new URL("../..", import.meta.url));

/** The program that was built for the tests, or the one that is named. */
export const program =
  process.env.PUPPYSLUG ?? path.join(process.env.CARGO_TARGET_DIR ?? path.join(project, "target"), "debug/puppyslug");

/** Chromium without a window; `CHROMIUM` names another than Debian's. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/** What axe finds wrong with a page. */
export async function violations(page) {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" ")}`);
}

/** A temporary folder. */
export const folder = () => mkdtemp(path.join(tmpdir(), "puppyslug-"));

/** The program as a server; it begins with the data that another has left in `data`. */
export class Served {
  static async begin(data, port = 0) {
    const served = new Served();
    served.data = data;
    const environment = { ...process.env, PUPPYSLUG_DATA: data };
    served.child = spawn(program, ["serve", "--port", String(port), "--device", "cpu"], { env: environment });
    served.ended = new Promise((resolve) => served.child.once("exit", resolve));
    served.address = await served.next();
    return served;
  }

  /** The next address that is told. */
  next() {
    return new Promise((resolve, reject) => {
      let text = "";
      const hear = (bytes) => {
        text += bytes;
        const found = /http:\/\/\S+/.exec(text);
        if (!found) return;
        this.child.stderr.off("data", hear);
        resolve(found[0]);
      };
      this.child.stderr.on("data", hear);
      this.child.once("exit", () => reject(new Error(`the program ended: ${text}`)));
    });
  }

  get origin() {
    return new URL(this.address).origin;
  }

  async end(signal = "SIGINT") {
    this.child.kill(signal);
    await this.ended;
  }

  async forget() {
    await this.end("SIGKILL");
    await rm(this.data, { recursive: true, force: true });
  }
}
