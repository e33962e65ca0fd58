import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { identifyProcess, isRunning } from "@bee/embedded";
import { afterEach, expect, test } from "@jest/globals";
import { LIFELINE_FD, LineHolder, type News } from "./lifeline.ts";

const LIFELINE = new URL("./lifeline.ts", import.meta.url).href;

/** A process on a line: tells of itself, perhaps starts another on the same line, ends when the line is cut. */
function program(depth: number): string {
  return `
    const { Lifeline } = await import(${JSON.stringify(LIFELINE)});
    const { spawn } = await import("node:child_process");
    const line = new Lifeline(${LIFELINE_FD});
    const alive = setInterval(() => {}, 1000);
    line.onCut(() => clearInterval(alive));
    line.tell({ from: ${JSON.stringify(depth === 0 ? "worker" : "scaler")}, pid: process.pid, isReady: true });
    if (${depth} > 0) {
      spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(depth > 0 ? program(depth - 1) : "")}], {
        detached: true,
        stdio: ["ignore", "inherit", "inherit", ${LIFELINE_FD}],
      });
    }`;
}

const pids: number[] = [];
afterEach(() => {
  for (const pid of pids.splice(0)) if (isRunning(identifyProcess(pid))) process.kill(pid, "SIGKILL");
});

/** A line with a scaler and a worker on it, both of which have told of themselves. */
async function crewOfTwo() {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program(1)], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const { promise, resolve } = Promise.withResolvers<News[]>();
  const heard: News[] = [];
  const line = new LineHolder(child.stdio[LIFELINE_FD] as Duplex, (news) => {
    pids.push(news.pid);
    if (heard.push(news) === 2) resolve(heard);
  });
  const [scaler, worker] = await promise;
  return { child, line, scaler: scaler!, worker: worker! };
}

test("carries news from children and from their children", async () => {
  const { child, scaler, worker } = await crewOfTwo();
  expect(scaler).toEqual({ from: "scaler", pid: child.pid, isReady: true });
  expect(worker.from).toBe("worker");
  expect(worker.pid).not.toBe(child.pid);
});

test("a worker outlives its scaler; the line tells when the last one is gone", async () => {
  const { child, line, worker } = await crewOfTwo();
  let isGone = false;
  const gone = line.gone.then(() => {
    isGone = true;
  });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(isRunning(identifyProcess(worker.pid))).toBe(true);
  expect(isGone).toBe(false);
  line.cut();
  await gone;
});

test("cutting the line ends everybody on it", async () => {
  const { child, line } = await crewOfTwo();
  const exited = once(child, "exit");
  line.cut();
  expect(await exited).toEqual([0, null]);
  await line.gone;
});

test("the death of who holds it cuts the line", async () => {
  const holder = `
    const { spawn } = await import("node:child_process");
    const child = spawn(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(program(0))}], {
      detached: true,
      stdio: ["ignore", "inherit", "inherit", "pipe"],
    });
    child.stdio[${LIFELINE_FD}].once("data", () => console.log(child.pid));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", holder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [chunk] = await once(child.stdout!, "data");
  pids.push(Number(chunk));
  child.kill("SIGKILL");
  // The orphan has inherited our pipe as well: it closes when both are gone.
  await once(child.stdout!.resume(), "close");
});
