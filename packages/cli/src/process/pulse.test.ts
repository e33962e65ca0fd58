import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const PULSE = new URL("./pulse.ts", import.meta.url).href;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pulse-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("the file holds where the process listens and stays young while its event loop turns", async () => {
  const file = join(folder, "pulse");
  // The beat is five seconds long; a clock that runs a thousand times as fast shows it at once.
  const program = `
    const real = setInterval;
    globalThis.setInterval = (beat, ms) => real(beat, ms / 1000);
    const { startPulse } = await import(${JSON.stringify(PULSE)});
    startPulse(${JSON.stringify(file)}, "http://127.0.0.1:3000");
    console.log("ready");
    real(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    expect(await readFile(file, "utf8")).toBe("http://127.0.0.1:3000");
    const old = new Date(0);
    await utimes(file, old, old);
    while ((await stat(file)).mtimeMs === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  } finally {
    child.kill("SIGKILL");
  }
});
