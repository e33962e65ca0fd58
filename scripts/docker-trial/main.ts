/**
 * `npm run docker-trial`: the fleet in containers, tried with a real engine. Builds the image, starts the composition,
 * warms demo sites from outside, scales the workers 3 → 12 → 3 under this load, kills a worker, Redis and the API on the
 * way, and ends with exit code 1 unless every page has exactly one outcome and every site was asked within its rule.
 * Needs Docker with Compose on this machine, and 3 GB of memory; takes about three minutes.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DEFAULT_RULE } from "@bee/core";
import { Lateness, type RequestEntry } from "@bee/testkit";
import { run } from "./command.ts";
import { Composition } from "./composition.ts";
import { Fleet, type Job, until, type Worker } from "./fleet.ts";
import { judgeJob, judgeLog } from "./verdict.ts";

const SITES = Array.from({ length: 8 }, (_, i) => `garden-${i + 1}`);
const FEW = 3;
const MANY = 12;
/** So soon must workers that were added have taken work. */
const JOIN_S = 10;
const START_S = 120;
/** How long Redis is away. */
const OUTAGE_MS = 3_000;
/** A run that is not over by then is stuck. */
const END_S = 300;
const ENDED = ["completed", "failed", "cancelled"];

const began = performance.now();
const breaches: string[] = [];

function say(line: string): void {
  process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${line}\n`);
}

function breach(line: string): void {
  say(`BREACH: ${line}`);
  breaches.push(line);
}

const folder = await mkdtemp(join(tmpdir(), "bee-trial-"));
const port = await freePort();
const adminKey = randomBytes(24).toString("base64url");
const fleet = new Fleet(`http://127.0.0.1:${port}`, adminKey);
const composition = await Composition.prepare({ port, adminKey, sites: SITES, folder });
try {
  await trial();
} catch (error) {
  breach((error as Error).message);
  process.stderr.write(await composition.logs("worker").catch(String));
} finally {
  await composition.down();
  await rm(folder, { recursive: true });
}
say(breaches.length === 0 ? "every figure holds" : `${breaches.length} breaches`);
process.exitCode = breaches.length === 0 ? 0 : 1;

async function trial(): Promise<void> {
  const lateness = new Lateness();
  await composition.build();
  say(`image built, ${(await composition.imageMegabytes()).toFixed(0)} MB with its base`);
  await composition.up(FEW);
  await until("the API to be ready", START_S, () => fleet.isReady());
  await until(`${FEW} workers`, START_S, async () => (await working()).length === FEW);
  say(`the composition is up: ${FEW} workers`);

  lateness.start();
  const jobs = await Promise.all(SITES.map((site) => fleet.submit(composition.urlOf(site))));
  say(`${jobs.length} jobs submitted`);
  await until("work under way", START_S, async () => (await working()).every(hasTaken));

  await scaleUp();
  await kill("worker", (await composition.containersOf("worker"))[0]!);
  await kill("Redis", (await composition.containersOf("redis"))[0]!, OUTAGE_MS);
  await kill("API", (await composition.containersOf("api"))[0]!, 0);
  const backS = await until("the API to be ready again", START_S, () => fleet.isReady());
  say(`the API is ready again after ${backS.toFixed(1)} s`);
  await delay(5_000);
  await scaleDown();

  await until("all jobs to end", END_S, async () => (await readAll(jobs)).every(hasEnded));
  say("all jobs have ended");
  lateness.stop();
  await composition.stopSites();
  await judge(await readAll(jobs), lateness.worst());
}

async function scaleUp(): Promise<void> {
  const before = new Set((await working()).map(({ id }) => id));
  const added = performance.now();
  await composition.up(MANY);
  const tookS = (performance.now() - added) / 1_000;
  const joined = async () => (await working()).filter(({ id }) => !before.has(id));
  const isHere = async () => (await joined()).length === MANY - FEW;
  const hereS = await until(`${MANY - FEW} more workers`, START_S, isHere);
  const takenS = await until("all of them at work", START_S, async () => (await joined()).every(hasTaken));
  const s = hereS + takenS;
  say(
    `${FEW} → ${MANY}: Compose took ${tookS.toFixed(1)} s; the last was registered ${hereS.toFixed(1)} s later, and all had taken work after ${s.toFixed(1)} s`,
  );
  if (s > JOIN_S) breach(`expected added workers to take work within ${JOIN_S} s, got ${s.toFixed(1)}`);
}

/** Workers that are taken away must end in order: exit code 0, before the grace period is over. */
async function scaleDown(): Promise<void> {
  const containers = await composition.containersOf("worker");
  const ends = containers.map((id) =>
    run("docker", ["wait", id]).then((code) => ({ id, code: code.trim() })),
  );
  const settled: { id: string; code: string }[] = [];
  for (const end of ends) void end.then((how) => settled.push(how)).catch(() => {});
  const asked = performance.now();
  await composition.up(FEW);
  const tookS = (performance.now() - asked) / 1_000;
  await until("the registry to list the rest", START_S, async () => (await working()).length === FEW);
  say(`${containers.length} → ${FEW}: ${settled.length} workers drained in ${tookS.toFixed(1)} s`);
  for (const { id, code } of settled)
    if (code !== "0") breach(`expected worker ${id.slice(0, 12)} to end in order, got exit code ${code}`);
}

/** @param awayMs after how long it is started again; not at all without. */
async function kill(what: string, id: string, awayMs?: number): Promise<void> {
  await run("docker", ["kill", id]);
  if (awayMs === undefined) return say(`killed a ${what} container`);
  await delay(awayMs);
  await run("docker", ["start", id]);
  say(`killed the ${what} container, started it again after ${awayMs / 1_000} s`);
}

async function judge(jobs: readonly Job[], lateMs: number): Promise<void> {
  let pages = 0;
  for (const job of jobs) {
    const seen = await fleet.pages(job.id);
    pages += seen.length;
    judgeJob(job, seen).forEach(breach);
  }
  say(`${pages} pages of ${jobs.length} jobs, each with one outcome unless said otherwise`);
  say(`this machine was late by ${lateMs.toFixed(0)} ms at worst; twice that, less 250, is allowed for`);
  for (const site of SITES) {
    const lines = (await readFile(composition.logOf(site), "utf8")).trim().split("\n");
    const log = lines.map((line): RequestEntry => JSON.parse(line));
    const { requests, excess, inFlight, breaches } = judgeLog(site, log, DEFAULT_RULE, lateMs);
    say(`${site}: ${requests} requests, excess over r·T + b ${excess.toFixed(2)}, ${inFlight} in flight`);
    breaches.forEach(breach);
  }
}

async function working(): Promise<Worker[]> {
  return (await fleet.workers()).filter(({ state }) => state === "working");
}

function readAll(jobs: readonly Job[]): Promise<Job[]> {
  return Promise.all(jobs.map(({ id }) => fleet.job(id)));
}

function hasTaken({ sinceTakenMs }: Worker): boolean {
  return sinceTakenMs !== null;
}

function hasEnded({ status }: Job): boolean {
  return ENDED.includes(status);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
