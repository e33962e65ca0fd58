import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { identifyProcess, isRunning } from "@bee/embedded";
import { expect, test } from "@jest/globals";

const CLEAR_UP = join(import.meta.dirname, "clear-up.ts");
const EVAL = ["--input-type=module", "-e"];

/** What a test file does: it starts a Redis, and lives until it is done with it. */
const WORKER = `
  import { startRedis } from ${JSON.stringify(import.meta.resolve("@bee/embedded"))};
  const directory = process.env.TMPDIR + "/redis";
  const redis = await startRedis({ directory, binary: process.env.BEE_TEST_REDIS, durable: false });
  console.log(redis.pid);
  setInterval(() => {}, 1000);`;

/** What a run does: it has somebody to clear up after it, and processes that run the tests. */
const RUN = `
  import { spawn } from "node:child_process";
  const args = [${JSON.stringify(CLEAR_UP)}, process.env.TMPDIR, String(process.pid)];
  spawn(process.execPath, args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  const worker = spawn(process.execPath, ${JSON.stringify([...EVAL, WORKER])}, { stdio: ["ignore", "inherit", "inherit"] });
  console.log(worker.pid);`;

test("a run that is killed leaves no process, no server and no directory", async () => {
  const directory = mkdtempSync(join(tmpdir(), "run-"));
  const run = spawn(process.execPath, [...EVAL, RUN], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: run.stdout })[Symbol.asyncIterator]();
  const worker = identifyProcess(Number((await lines.next()).value));
  const redis = identifyProcess(Number((await lines.next()).value));
  expect([worker, redis].map(isRunning)).toEqual([true, true]);
  run.kill("SIGKILL");
  await once(run, "exit");
  while (existsSync(directory)) await delay(25);
  expect([worker, redis].map(isRunning)).toEqual([false, false]);
});
