import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import {
  freshDatabase,
  freshRedis,
  html,
  mostInFlight,
  type Site,
  sitemapOf,
  startWeb,
  type TestRedis,
  type TestStore,
  type Web,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { WireFleet, WireJob } from "./client/wire.ts";
import { spawnBee, type Variables } from "./testing/bee.ts";

// A region whose workers were killed is noticed after a quarter of a minute, and left within half a minute.
jest.setTimeout(240_000);

/** The first of them to come up leads all, and is the one that is killed. */
const REGIONS = ["eu", "ap", "us"];
const KEY = "operator-key-of-these-tests";
const RULE = { requestsPerSecond: 4, burst: 4, concurrency: 3 };
const PAGES = 150;
const HOSTS = ["ap.test", "us.test", "both.test", "garden.fr"];
/** What lies between the gate and the target's log may bring requests this much closer together. */
const JITTER_MS = 250;

const directory = mkdtempSync(join(tmpdir(), "bee-regions-"));
const children: ChildProcess[] = [];
let database: TestStore;
let redis: TestRedis;
let web: Web;
let variables: Variables;
let url: string;
const scalers = new Map<string, ChildProcess>();

/** A process of the fleet; resolves with what it says when it is ready. */
async function start(command: string, more: Variables = {}): Promise<{ child: ChildProcess; url?: string }> {
  const child = spawnBee([command], { ...variables, ...more }, { stdio: ["ignore", "ignore", "pipe"] });
  children.push(child);
  const { promise, resolve, reject } = Promise.withResolvers<{ child: ChildProcess; url?: string }>();
  const said: string[] = [];
  createInterface({ input: child.stderr as Readable }).on("line", (line) => {
    said.push(line);
    const { message, url } = line.startsWith("{") ? JSON.parse(line) : { message: line, url: undefined };
    if (message === "the API listens" || (message === "ready" && command !== "api")) resolve({ child, url });
  });
  child.once("exit", () => reject(new Error(`bee ${command} ended:\n${said.join("\n")}`)));
  return promise;
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}

async function until<T>(read: () => Promise<T>, isAsWanted: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (isAsWanted(value)) return value;
    await delay(200);
  }
}

const fleet = () => ask<WireFleet>("/v1/fleet");
const workersIn = ({ workers }: WireFleet, region: string) =>
  workers.filter((worker) => worker.region === region && worker.state === "working");

beforeAll(async () => {
  const rules = join(directory, "rules.json");
  writeFileSync(rules, JSON.stringify({ default: RULE }));
  const regions = join(directory, "regions.json");
  writeFileSync(regions, JSON.stringify({ eu: { countries: ["fr"] } }));
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  web = await startWeb({ hosts: Object.fromEntries(HOSTS.map((host) => [host, siteOf(host)])) });
  variables = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    BEE_ADMIN_KEY: KEY,
    BEE_PORT: "0",
    BEE_RULES: rules,
    BEE_REGIONS: regions,
    BEE_ALLOW_PRIVATE: "127.0.0.0/8",
    BEE_RESOLVE: "*.test=127.0.0.1,*.fr=127.0.0.1",
    BEE_MIN_WORKERS: "1",
    BEE_MAX_WORKERS: "2",
  };
  url = (await start("api")).url!;
  for (const region of REGIONS) scalers.set(region, (await start("scaler", { BEE_REGION: region })).child);
  await until(fleet, (now) => REGIONS.every((region) => workersIn(now, region).length > 0));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(
    children.map(
      (child) => child.exitCode ?? child.signalCode ?? new Promise((done) => child.once("exit", done)),
    ),
  );
  await web.stop();
  await Promise.all([database.stop(), redis.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

/** Its pages lie in no cache, so each is visited once. */
function siteOf(host: string): Site {
  const paths = Array.from({ length: PAGES }, (_, i) => (i === 0 ? "/" : `/page/${i}`));
  const sitemap = () => sitemapOf(paths.map((path) => web.url(host, path)));
  const pages = Object.fromEntries(paths.map((path) => [path, { ...html("a page"), delayMs: 100 }]));
  return { pages: { ...pages, "/sitemap.xml": sitemap } };
}

const submit = (host: string, more: object = {}) => ask<WireJob>("/v1/jobs", { url: web.url(host), ...more });
const show = (id: string) => ask<WireJob>(`/v1/jobs/${id}`);

/** The process that holds a duty: `<host>-<pid>-<random>`. */
async function leaderOf(duty: string): Promise<number> {
  const client = openRedis({ url: redis.url, name: "test", log: silentLog });
  const holder = await client.get(`{bee}:leader:${duty}`);
  client.disconnect();
  return Number(holder?.split("-").at(-2));
}

/** Everything that works for a region ends at once, as when its data centre does. */
function kill(region: string, now: WireFleet): void {
  scalers.get(region)!.kill("SIGKILL");
  for (const { pid } of now.workers.filter((worker) => worker.region === region))
    process.kill(pid, "SIGKILL");
}

test("three regions share the work; what waits in one that is killed is done by the others, each page once", async () => {
  const jobs = [
    await submit("ap.test", { region: "ap" }),
    await submit("us.test", { region: "us" }),
    await submit("garden.fr"),
    // Two regions at one domain: they share its gate.
    await submit("both.test", { region: "eu" }),
    await submit("both.test", { region: "us", include: ["/page/1*"] }),
  ];
  expect(jobs.map(({ region }) => region)).toEqual(["ap", "us", "eu", "eu", "us"]);
  expect(jobs.map(({ routing }) => routing).slice(1, 3)).toEqual(["us was asked for", "eu is near .fr"]);
  const isUnderWay = ({ counts }: WireJob) => counts.succeeded > 10;
  for (const { id } of jobs) await until(() => show(id), isUnderWay);
  const before = await fleet();
  expect(before.fleets.map(({ region }) => region).toSorted()).toEqual(["ap", "eu", "us"]);
  // Its own size is each fleet's affair; what is handed over, one for all decides.
  for (const region of REGIONS)
    expect(await leaderOf(`scaling:${region}/general`)).toBe(scalers.get(region)!.pid);
  expect(await leaderOf("all")).toBe(scalers.get("eu")!.pid);
  // Three scalers have six of the fifty connections, and the workers know.
  expect(before.connections.budget).toBe(2 * before.current + 9);
  kill("eu", before);

  for (const id of [jobs[2]!.id, jobs[3]!.id]) {
    const moved = await until(
      () => show(id),
      ({ region }) => region !== "eu",
    );
    expect(moved.routing).toMatch(/^eu\/general has no worker left; /);
  }
  const { fleets } = await fleet();
  expect(
    fleets
      .filter(({ workers }) => workers > 0)
      .map(({ region }) => region)
      .toSorted(),
  ).toEqual(["ap", "us"]);
  expect(await submit("garden.fr", { region: "eu" })).toMatchObject({
    status: 422,
    detail: expect.stringContaining('expected a region with workers (ap, us), got "eu"'),
  });

  const ended = await Promise.all(
    jobs.map(({ id }) =>
      until(
        () => show(id),
        ({ finishedAt }) => finishedAt !== null,
      ),
    ),
  );
  const visited = [PAGES, PAGES, PAGES, PAGES, 62];
  expect(ended.map(({ status, counts }) => [status, counts.succeeded])).toEqual(
    visited.map((pages) => ["completed", pages]),
  );
  for (const host of HOSTS) {
    const { entries } = web.logOf(host);
    expect(worstExcess(entries, RULE, JITTER_MS)).toBeLessThanOrEqual(0);
    expect(mostInFlight(entries)).toBeLessThanOrEqual(RULE.concurrency);
    const pages = entries.filter(({ path }) => /^\/(page\/|$)/.test(path));
    const due = ended.reduce((sum, job, i) => sum + (job.domain === host ? visited[i]! : 0), 0);
    // What the killed workers had under way is asked for once more.
    const lost = host === "garden.fr" || host === "both.test" ? RULE.concurrency : 0;
    expect(pages.length).toBeGreaterThanOrEqual(due);
    expect(pages.length).toBeLessThanOrEqual(due + lost);
  }
});
