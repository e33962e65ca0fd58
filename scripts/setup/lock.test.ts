import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const MODULE = JSON.stringify(join(import.meta.dirname, "lock.mjs"));

let folder: string;
let lock: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bee-lock-"));
  lock = join(folder, "deep/lock");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** Another process that does this work under the lock. */
function working(work: string): ChildProcess {
  const program = `
    import { appendFileSync, existsSync, readFileSync } from "node:fs";
    import { withLock } from ${MODULE};
    const file = ${JSON.stringify(join(folder, "file"))};
    const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    withLock(${JSON.stringify(lock)}, () => { ${work} });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  return child;
}

async function line(stream: NodeJS.ReadableStream | null): Promise<string> {
  const [text] = await once(createInterface(stream!), "line");
  return text;
}

const HOLD = 'process.stdout.write("in\\n"); pause(60_000);';

test("lets one work at a time", async () => {
  const work = 'appendFileSync(file, "("); pause(20); appendFileSync(file, ")");';
  await Promise.all(Array.from({ length: 6 }, () => once(working(work), "exit")));
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("()".repeat(6));
  expect(readdirSync(join(folder, "deep"))).toEqual([]);
});

test("is released by work that fails", async () => {
  const [code] = await once(working('throw new Error("no");'), "exit");
  expect(code).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test("tells for whom it waits", async () => {
  const holder = working(HOLD);
  await line(holder.stdout);
  expect(readlinkSync(lock)).toBe(String(holder.pid));
  expect(await line(working("").stderr)).toBe(`Waiting for the set-up by process ${holder.pid} …`);
});

test("outlives no holder that was killed, whoever comes first", async () => {
  const holder = working(HOLD);
  await line(holder.stdout);
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const work = 'appendFileSync(file, "("); pause(20); appendFileSync(file, ")");';
  await Promise.all(Array.from({ length: 6 }, () => once(working(work), "exit")));
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("()".repeat(6));
  expect(readdirSync(join(folder, "deep"))).toEqual([]);
});
