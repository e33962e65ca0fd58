import { randomUUID } from "node:crypto";
import { silentLog } from "@bee/core";
import {
  BREAKER_SETTINGS,
  Breakers,
  FleetRegistry,
  openRedis,
  Queues,
  type Redis,
  readCause,
  visitId,
} from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import {
  addPages,
  beginExpansion,
  closeDomain,
  expireLeases,
  finishExpansion,
  type Release,
  settle,
} from "@bee/store";
import { runSql } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { done } from "../testing/seed.ts";
import type { JobView } from "./job-view.ts";

let api: ApiUnderTest;
let redis: Redis;
let queues: Queues;
beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  queues = new Queues(redis, "default", "general");
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await api.stop();
});
beforeEach(reportWorker);

/** A worker that lives, but takes no task. */
async function reportWorker(): Promise<void> {
  await new FleetRegistry(redis).report(
    workerReport({ id: randomUUID(), slots: 1, usable: 1, startedAt: new Date().toISOString() }),
    1,
  );
}

async function submit(domain: string, more: object = {}): Promise<JobView> {
  return (await api.ask("/v1/jobs", { json: { domain, ...more } })).json;
}

async function show({ id }: { id: string }) {
  const job: JobView = (await api.ask(`/v1/jobs/${id}`)).json;
  return { ...job, told: job.waiting.map(({ reason, pages }) => [reason, pages]) };
}

/** A job whose pages are known; its window is released, and not yet in the queues. */
async function begin(domain: string, pages: number): Promise<{ job: JobView; release: Release }> {
  const job = await submit(domain);
  await beginExpansion(api.db, job.id);
  const found = Array.from({ length: pages }, (_, i) => {
    return { url: `https://${domain}/${i}`, foundOn: null, disallowedBy: null };
  });
  const { release } = await addPages(api.db, job.id, domain, found);
  await finishExpansion(api.db, job.id, domain, []);
  // The first good answer opens the domain's window.
  return { job, release: await settleFirst(release) };
}

async function settleFirst({ visits }: Release): Promise<Release> {
  const { task } = visits[0]!;
  return (await settle(api.db, [{ ...task, inTime: true, settlement: done() }])).release;
}

/** Takes a task as a worker does, so that it has a lock. */
async function take(task: string): Promise<void> {
  const { normal } = queues.queues;
  await redis.lrem(normal.toKey("wait"), 1, task);
  await redis.lpush(normal.toKey("active"), task);
  await redis.set(`${normal.toKey(task)}:lock`, "token", "PX", 60_000);
}

test("a job that was just accepted waits for its turn", async () => {
  expect((await show(await submit("new.example"))).told).toEqual([["tier-share", 0]]);
});

test("a job behind another of its domain and tier waits for its turn", async () => {
  await submit("turn.example");
  expect((await show(await submit("turn.example"))).told).toEqual([["tier-share", 0]]);
});

test("a job whose expansion lost its task waits for a worker", async () => {
  const job = await submit("lost.example");
  await beginExpansion(api.db, job.id);
  expect((await show(job)).told).toEqual([["tier-share", 0]]);
  await queues.queues.normal.remove(`expand-${job.id}`);
  expect((await show(job)).told).toEqual([["no-worker", 0]]);
});

test.each(["retry-after", "circuit-open"] as const)(
  "a job whose expansion was handed back waits for its domain: %s",
  async (reason) => {
    const domain = `${reason}.example`;
    const job = await submit(domain);
    await beginExpansion(api.db, job.id);
    await closeDomain(api.db, domain, 60_000, reason);
    await queues.queues.normal.remove(`expand-${job.id}`);
    const closed = { reason, pages: 0, until: expect.any(String) };
    expect((await show(job)).waiting).toEqual([closed]);
    expect((await api.ask(`/v1/jobs?domain=${domain}`)).json.jobs[0].waiting).toEqual([closed]);
    // It has opened, and nobody has looked at it yet.
    await runSql(
      api.databaseUrl,
      `update domains set closed_until = now() - interval '1 second' where name = '${domain}'`,
    );
    expect((await show(job)).told).toEqual([["tier-share", 0]]);
  },
);

test("a job whose domain is closed tells what closed it", async () => {
  const breakers = new Breakers({ redis, deadlineMs: 20_000, log: silentLog });
  const fail = () =>
    breakers.send(
      "down.example",
      async () => {},
      () => ({ type: "failed", failure: "answered 500" }),
    );
  for (let i = 0; i < BREAKER_SETTINGS.failures; i++) await fail();
  breakers.leaveAlone("quiet.example", 60_000, "answered 429");
  while ((await readCause(redis, "down.example", "circuit-open")) === null) await new Promise(setImmediate);
  while ((await readCause(redis, "quiet.example", "retry-after")) === null) await new Promise(setImmediate);
  breakers.stop();
  const down = await submit("down.example");
  await closeDomain(api.db, "down.example", 60_000, "circuit-open");
  expect((await show(down)).waiting).toMatchObject([{ reason: "circuit-open", because: "answered 500" }]);
  const quiet = await submit("quiet.example");
  await closeDomain(api.db, "quiet.example", 60_000, "retry-after");
  expect((await show(quiet)).waiting).toMatchObject([{ reason: "retry-after", because: "answered 429" }]);
});

test("a paused job without pages waits to be resumed", async () => {
  const job = await submit("paused.example");
  await api.ask(`/v1/jobs/${job.id}/pause`, { method: "POST" });
  expect((await show(job)).told).toEqual([["paused", 0]]);
});

test("every page that no worker has in its hands is counted, whatever it waits for", async () => {
  const { job, release } = await begin("all.example", 20);
  const tasks = release.visits.map(({ task }) => visitId(task.page, task.lease));
  expect(tasks).toHaveLength(5);
  // Not in the queues yet, and then never: the worker that released them died before it put them there.
  expect((await show(job)).told).toEqual([["tier-share", 19]]);
  await expireLeases(api.db);
  expect((await show(job)).told).toEqual([
    ["rate-limit", 14],
    ["no-worker", 5],
  ]);
  await queues.dispatch(release);
  expect((await show(job)).told).toEqual([["tier-share", 19]]);
  await take(tasks[0]!);
  await take(tasks[1]!);
  expect((await show(job)).told).toEqual([
    ["rate-limit", 14],
    ["tier-share", 3],
  ]);
  // The second worker died: its lock is gone, and nobody has taken the task up yet.
  await redis.del(`${queues.queues.normal.toKey(tasks[1]!)}:lock`);
  const { told, waiting, counts, etaSeconds } = await show(job);
  expect(told).toEqual([
    ["rate-limit", 14],
    ["tier-share", 3],
    ["no-worker", 1],
  ]);
  expect(told.reduce((sum, [, pages]) => sum + Number(pages), 0)).toBe(counts.pending + counts.released - 1);
  // The pace has an end, the others have none that is known.
  expect(waiting.map(({ until }) => until !== null)).toEqual([true, false, false]);
  expect(etaSeconds).toBeGreaterThan(0);
});

test("the list takes released pages to be under way, and has an answer for the rest", async () => {
  const { job } = await begin("listed.example", 20);
  const { json } = await api.ask("/v1/jobs?domain=listed.example");
  expect(json.jobs).toMatchObject([{ id: job.id, waiting: [{ reason: "rate-limit", pages: 14 }] }]);
});
