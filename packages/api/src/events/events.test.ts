import { silentLog } from "@bee/core";
import { openRedis, sendControl } from "@bee/queue";
import { revokeKey } from "@bee/store";
import { RecordingLog } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { EventReader, type ReadEvent } from "../testing/event-reader.ts";
import { connectRaw } from "../testing/raw-connection.ts";
import { done, finishJob } from "../testing/seed.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const readers: EventReader[] = [];
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});

async function open(path: string, headers: Record<string, string> = {}, key = api.adminKey) {
  const reader = await EventReader.open(api.url + path, key, headers);
  readers.push(reader);
  return reader;
}

let sites = 0;
const submit = async (key = api.adminKey): Promise<{ id: string; domain: string }> =>
  (await api.ask("/v1/jobs", { key, json: { domain: `site${sites++}.example` } })).json;
const isOf = (id: string, status?: string) => (event: ReadEvent) =>
  event.type === "job" && event.data.id === id && (status === undefined || event.data.status === status);
const isReset = ({ type }: ReadEvent) => type === "reset";
const pagesOf = (domain: string, pages: number) =>
  Object.fromEntries(Array.from({ length: pages }, (_, i) => [`https://${domain}/${i}`, done()]));

test("a job's stream tells of the job until it has ended, and ends with it", async () => {
  const job = await submit();
  const stream = await open(`/v1/jobs/${job.id}/events`);
  expect(stream.response.status).toBe(200);
  expect(Object.fromEntries(stream.response.headers)).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const first = await stream.next(isOf(job.id));
  expect(first.data).toEqual((await api.ask(`/v1/jobs/${job.id}`)).json);
  await finishJob(api.db, job, pagesOf(job.domain, 12));
  const last = await stream.next(isOf(job.id, "completed"));
  expect(last.data).toMatchObject({ counts: { total: 12, succeeded: 12 }, outcomes: { ok: 12 } });
  await stream.ended();
});

test("who comes back to a job's stream gets what has changed, and nothing where it has seen the end", async () => {
  const job = await submit();
  const path = `/v1/jobs/${job.id}/events`;
  const stream = await open(path);
  const { id: seen } = await stream.next(isOf(job.id));
  stream.close();
  await finishJob(api.db, job, pagesOf(job.domain, 3));
  const again = await open(path, { "last-event-id": seen! });
  const { id: end, data } = await again.next(isOf(job.id));
  expect(data.status).toBe("completed");
  await again.ended();
  expect((await open(path, { "last-event-id": end! })).response.status).toBe(204);
});

test("the stream of all tells of each job that is changed", async () => {
  const stream = await open("/v1/events");
  await stream.next(isReset);
  const job = await submit();
  expect((await stream.next(isOf(job.id))).data).toMatchObject({ domain: job.domain, status: "pending" });
  await finishJob(api.db, job, pagesOf(job.domain, 5));
  const { data, id } = await stream.next(isOf(job.id, "completed"));
  expect(data).toMatchObject({ counts: { total: 5, succeeded: 5 } });
  expect(data).not.toHaveProperty("keyId");
  expect(id).toMatch(/^\d+$/);
});

test("nothing is missed by who was away, also at another process", async () => {
  const stream = await open("/v1/events");
  await stream.next(isReset);
  const [before, ends] = [await submit(), await submit()];
  await stream.next(isOf(ends.id));
  const since = stream.lastId!;
  stream.close();
  const missed = [await submit(), await submit(), await submit()].map(({ id }) => id);
  await finishJob(api.db, ends, pagesOf(ends.domain, 2));
  const other = await api.startAnother();
  for (const url of [api.url, other.url]) {
    const back = await EventReader.open(`${url}/v1/events`, api.adminKey, { "last-event-id": since });
    const told = new Map<string, string>();
    while (missed.some((id) => !told.has(id)) || told.get(ends.id) !== "completed") {
      const { type, data } = await back.next(() => true);
      expect(type).not.toBe("reset");
      if (type === "job") told.set(data.id, data.status);
    }
    expect(told.has(before.id)).toBe(false);
    back.close();
  }
  await other.stop();
});

test("a position that is not of this database begins anew", async () => {
  const stream = await open("/v1/events?since=9999999999999");
  await stream.next(isReset);
});

test("a key hears of its own jobs only, an operator of all", async () => {
  const [mine, theirs] = [await api.newKey("standard"), await api.newKey("standard")];
  const stream = await open("/v1/events", {}, mine.secret);
  await stream.next(isReset);
  const other = await submit(theirs.secret);
  const own = await submit(mine.secret);
  const heard: string[] = [];
  await stream.next((event) => {
    if (event.type === "job") heard.push(event.data.id);
    return isOf(own.id)(event);
  });
  expect(heard).not.toContain(other.id);
  expect(problemIn(await api.ask(`/v1/jobs/${other.id}/events`, { key: mine.secret })).status).toBe(404);
});

test("one job may be followed with all that is known of it, through another of its lives", async () => {
  const job = await submit();
  const stream = await open(`/v1/events?job=${job.id}`);
  const isView =
    (status: string) =>
    ({ type, data }: ReadEvent) =>
      type === "job-view" && data.status === status;
  expect((await stream.next(isView("pending"))).data.waiting).toEqual([
    { reason: "no-worker", pages: 0, until: null },
  ]);
  await finishJob(api.db, job, { [`https://${job.domain}/`]: done({ outcome: "broken", cache: "none" }) });
  await stream.next(isView("completed"));
  await api.ask(`/v1/jobs/${job.id}/retry`, { method: "POST" });
  expect((await stream.next(isView("running"))).data.counts).toMatchObject({ failed: 0, total: 1 });
});

test("the fleet and the domains that change are told, too", async () => {
  const stream = await open("/v1/events");
  const { data } = await stream.next(({ type }) => type === "fleet");
  expect(data).toMatchObject({ current: 0, desired: expect.any(Number), queues: { critical: {} } });
  const redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  await sendControl(redis, { type: "domain-paused", domain: "told.example" });
  expect((await stream.next(({ type }) => type === "domain")).data).toEqual({ domain: "told.example" });
  redis.disconnect();
});

test("streams end when the process stops, so that it can", async () => {
  const other = await api.startAnother();
  const stream = await EventReader.open(`${other.url}/v1/events`, api.adminKey);
  await stream.next(isReset);
  await Promise.all([stream.ended(), other.stop()]);
});

test("a key has so many streams and no more; the next is told to close some", async () => {
  const { secret } = await api.newKey("standard");
  const all = await Promise.all(Array.from({ length: 250 }, () => open("/v1/events", {}, secret)));
  expect(all.every(({ response }) => response.status === 200)).toBe(true);
  expect(problemIn(await api.ask("/v1/events", { key: secret }))).toMatchObject({
    status: 429,
    code: "too-many-requests",
  });
  // All of them hear of the same jobs.
  await Promise.all(all.map((stream) => stream.next(isReset)));
  const job = await submit(secret);
  await finishJob(api.db, job, pagesOf(job.domain, 1));
  await Promise.all(all.map((stream) => stream.next(isOf(job.id, "completed"))));
});

test("a reader that reads nothing is cut off, and the others are not kept waiting", async () => {
  const log = new RecordingLog();
  const busy = await startApiUnderTest({}, log);
  const lazy = await connectRaw(Number(new URL(busy.url).port));
  await lazy.send(`GET /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${busy.adminKey}\r\n\r\n`);
  lazy.pause();
  const stream = await EventReader.open(`${busy.url}/v1/events`, busy.adminKey);
  await stream.next(isReset);
  // A few are more than the socket's buffers and ours hold together.
  const failure = "x".repeat(1_000_000);
  const isCutOff = () => log.of("request").some(({ fields }) => fields["path"] === "/v1/events");
  while (!isCutOff()) {
    const { id } = (await busy.ask("/v1/jobs", { json: { domain: "told.example" } })).json;
    await busy.db.updateTable("jobs").set({ failure }).where("id", "=", id).execute();
    await stream.next((event) => isOf(id)(event) && event.data.failure !== null);
  }
  stream.close();
  await busy.stop();
}, 60_000);

test("who asks for the head only gets it, and nothing stays open", async () => {
  const answer = await api.ask("/v1/events", { method: "HEAD" });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    expect.stringMatching(/^text\/event-stream/),
  ]);
});

test("a revoked key opens no stream, and unknown parameters are refused", async () => {
  const { id, secret } = await api.newKey("standard");
  await revokeKey(api.db, id);
  expect((await api.ask("/v1/events", { key: secret })).status).toBe(401);
  expect(problemIn(await api.ask("/v1/events?x=1")).status).toBe(422);
  expect(problemIn(await api.ask("/v1/events?since=x")).status).toBe(422);
});
