import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { silentLog } from "@bee/core";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { News } from "../process/lifeline.ts";
import { KeptProcess, type KeptProcessOptions } from "./kept-process.ts";

/** Tells over its IPC channel that it is ready, and shrugs at SIGTERM if it is stubborn. */
const READY = `process.send("ready"); setInterval(() => {}, 1000);`;
const STUBBORN = `process.on("SIGTERM", () => {}); ${READY}`;

let children: ChildProcess[];
/** Emits each child that is spawned. */
let spawned: EventEmitter<{ child: [ChildProcess] }>;
let urgent: AbortController;
beforeEach(() => {
  children = [];
  spawned = new EventEmitter();
  urgent = new AbortController();
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
});

function keep(program: string, options: Partial<KeptProcessOptions> = {}): KeptProcess {
  const listeners = new Set<(news: News) => void>();
  return new KeptProcess({
    name: "api",
    spawn() {
      const child = spawn(process.execPath, ["-e", program], {
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      child.on("message", () => {
        for (const listen of listeners) listen({ from: "api", pid: child.pid!, isReady: true });
      });
      children.push(child);
      spawned.emit("child", child);
      return child;
    },
    hear: (isLookedFor) =>
      new Promise((resolve) => void listeners.add((news) => isLookedFor(news) && resolve(news))),
    log: silentLog,
    urgent: urgent.signal,
    patienceMs: 60_000,
    ...options,
  });
}

test("is started when it is ready, and ends when it is stopped", async () => {
  const kept = keep(READY);
  expect(await kept.start()).toMatchObject({ from: "api", pid: children[0]!.pid });
  await kept.stop();
  expect(children[0]!.signalCode).toBe("SIGTERM");
});

test("one that ends before it was ready never will be", async () => {
  const kept = keep("process.exit(3)");
  await expect(kept.start()).rejects.toThrow(
    "the api ended before it was ready (exit code 3); its log says why",
  );
  await kept.stop();
  expect(children).toHaveLength(1);
});

test("is started again when it is killed", async () => {
  const kept = keep(READY);
  await kept.start();
  const second = once(spawned, "child");
  children[0]!.kill("SIGKILL");
  await second;
  await once(children[1]!, "message");
  await kept.stop();
  expect(children.map(({ signalCode }) => signalCode)).toEqual(["SIGKILL", "SIGTERM"]);
});

test("stopping during the pause before a new start starts nothing", async () => {
  const kept = keep(READY);
  await kept.start();
  children[0]!.kill("SIGKILL");
  await once(children[0]!, "exit");
  await kept.stop();
  expect(children).toHaveLength(1);
});

test("one that does not stop is killed when its time is up", async () => {
  const kept = keep(STUBBORN, { patienceMs: 100 });
  await kept.start();
  await kept.stop();
  expect(children[0]!.signalCode).toBe("SIGKILL");
});

test("and at once when somebody is in a hurry", async () => {
  const kept = keep(STUBBORN);
  await kept.start();
  const stopped = kept.stop();
  urgent.abort("SIGINT");
  await stopped;
  expect(children[0]!.signalCode).toBe("SIGKILL");
});
