import { RecordingLog } from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
const log = new RecordingLog();
beforeAll(async () => {
  api = await startApiUnderTest({}, log);
});
afterAll(() => api.stop());

const job = { domain: "shop.example" };
const NIGHTLY = { name: "nightly", cron: "30 3 * * *", timeZone: "Europe/Berlin", job };
const create = async (json: object = NIGHTLY, key = api.adminKey) =>
  (await api.ask("/v1/schedules", { json, key })).json;
const post = (path: string, key: string | null = api.adminKey) => api.ask(path, { method: "POST", key });

describe("a schedule", () => {
  test("is made with what is not said, and tells when it runs next", async () => {
    const { status, json, headers } = await api.ask("/v1/schedules", { json: NIGHTLY });
    expect([status, headers.get("location")]).toEqual([201, `/v1/schedules/${json.id}`]);
    expect(json).toMatchObject({
      ...{ name: "nightly", cron: "30 3 * * *", everySeconds: null, timeZone: "Europe/Berlin" },
      ...{ jitterSeconds: 0, quietHours: null, overlap: "skip", missed: "run-once", status: "active" },
      ...{ job: { domain: "shop.example", maxPages: 500, verify: "all" }, hasHook: false },
    });
    const shown = new Intl.DateTimeFormat("de", { timeZone: "Europe/Berlin", timeStyle: "short" });
    expect(json.nextRuns.map((run: string) => shown.format(new Date(run)))).toEqual(Array(5).fill("03:30"));
    expect((await api.ask(`/v1/schedules/${json.id}`)).json).toEqual(json);
  });

  test.each([
    ["no time at all", { name: "x", job }, "/cron"],
    ["two of them", { ...NIGHTLY, everySeconds: 60 }, "/cron"],
    ["a cron expression that is none", { ...NIGHTLY, cron: "every day" }, "/cron"],
    ["a day that never comes", { ...NIGHTLY, cron: "0 0 30 2 *" }, "/cron"],
    ["a zone that nobody knows", { ...NIGHTLY, timeZone: "Mars/Olympus" }, "/timeZone"],
    ["an interval of seconds", { name: "x", everySeconds: 5, job }, "/everySeconds"],
    [
      "quiet hours that do not end",
      { ...NIGHTLY, quietHours: { from: "08:00", to: "08:00" } },
      "/quietHours",
    ],
    [
      "a time that no clock shows",
      { ...NIGHTLY, quietHours: { from: "8", to: "25:00" } },
      "/quietHours/from",
    ],
    ["another policy", { ...NIGHTLY, overlap: "ignore" }, "/overlap"],
    ["no job", { name: "x", cron: "0 3 * * *" }, "/job"],
    ["a job with a typo", { ...NIGHTLY, job: { ...job, maxpages: 5 } }, "/job/maxpages"],
    [
      "a job of a pattern that matches nothing",
      { ...NIGHTLY, job: { ...job, include: ["x"] } },
      "/job/include/0",
    ],
    ["a job of a private address", { ...NIGHTLY, job: { url: "http://127.0.0.1/" } }, "/job/url"],
    ["a field that nobody knows", { ...NIGHTLY, zone: "UTC" }, "/zone"],
  ])("with %s is refused", async (_name, json, pointer) => {
    const problem = problemIn(await api.ask("/v1/schedules", { json }));
    expect([problem.status, problem.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(problem.errors?.[0]?.detail).toMatch(/expected/);
  });

  test("of a user may not ask for a tier", async () => {
    const { secret: key } = await api.newKey("standard");
    const json = { ...NIGHTLY, job: { ...job, priority: "critical" } };
    expect(problemIn(await api.ask("/v1/schedules", { json, key })).status).toBe(403);
  });

  test("is seen by whom it belongs to and by operators, and by nobody else", async () => {
    const [one, other] = [await api.newKey("standard"), await api.newKey("premium")];
    const { id } = await create(NIGHTLY, one.secret);
    const listOf = async (key: string) =>
      (await api.ask("/v1/schedules", { key })).json.schedules.map((schedule: { id: string }) => schedule.id);
    expect(await listOf(one.secret)).toEqual([id]);
    expect(await listOf(other.secret)).toEqual([]);
    expect(await listOf(api.adminKey)).toContain(id);
    for (const path of ["", "/runs"]) {
      expect(problemIn(await api.ask(`/v1/schedules/${id}${path}`, { key: other.secret })).status).toBe(404);
    }
    for (const order of ["pause", "resume", "run", "hook"]) {
      expect(problemIn(await post(`/v1/schedules/${id}/${order}`, other.secret)).status).toBe(404);
    }
    expect((await api.ask(`/v1/schedules/${id}`, { method: "DELETE", key: other.secret })).status).toBe(404);
    const reader = await api.newKey("standard", { readOnly: true, ownerId: one.id });
    expect(await listOf(reader.secret)).toEqual([id]);
    expect((await post(`/v1/schedules/${id}/run`, reader.secret)).status).toBe(403);
  });

  test("that an operator orders for somebody else stands in the audit log", async () => {
    const { id } = await create(NIGHTLY, (await api.newKey("standard")).secret);
    await post(`/v1/schedules/${id}/pause`);
    const [entry] = (await api.ask("/v1/audit")).json.entries;
    expect(entry).toMatchObject({ action: "schedule.pause", target: id, outcome: "done" });
  });

  test("is changed in part; what is wrong changes nothing", async () => {
    const { id } = await create();
    const patch = (json: object) => api.ask(`/v1/schedules/${id}`, { method: "PATCH", json });
    const changed = (await patch({ everySeconds: 7_200, overlap: "queue" })).json;
    expect(changed).toMatchObject({ name: "nightly", cron: null, everySeconds: 7_200, overlap: "queue" });
    expect((await patch({ quietHours: { from: "08:00", to: "18:00" } })).json.everySeconds).toBe(7_200);
    expect((await patch({ quietHours: null })).json.quietHours).toBeNull();
    const before = (await api.ask(`/v1/schedules/${id}`)).json;
    for (const wrong of [{ cron: null, everySeconds: null }, { timeZone: "x" }, { nam: "x" }, { job: {} }]) {
      expect(problemIn(await patch(wrong)).status).toBe(422);
    }
    expect((await api.ask(`/v1/schedules/${id}`)).json).toEqual(before);
  });

  test("is paused, resumed, and removed", async () => {
    const { id, nextRuns } = await create();
    expect((await post(`/v1/schedules/${id}/pause`)).json).toMatchObject({ status: "paused", nextRuns: [] });
    expect((await post(`/v1/schedules/${id}/resume`)).json).toMatchObject({ status: "active", nextRuns });
    expect((await api.ask(`/v1/schedules/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await api.ask(`/v1/schedules/${id}`)).status).toBe(404);
  });

  test("is run at once: that is written down, and one wish that waits is enough", async () => {
    const { id } = await create();
    const [first, second] = [await post(`/v1/schedules/${id}/run`), await post(`/v1/schedules/${id}/run`)];
    expect([first.status, first.json]).toMatchObject([
      202,
      { state: "waiting", trigger: "manual", jobId: null },
    ]);
    expect(second.json).toEqual(first.json);
    expect((await api.ask(`/v1/schedules/${id}/runs`)).json).toEqual({
      runs: [first.json],
      nextCursor: null,
    });
  });
});

describe("a hook", () => {
  const hookOf = async (id: string) => (await post(`/v1/schedules/${id}/hook`)).json;

  test("runs its schedule without a key, whatever is sent; calls while a run waits are one", async () => {
    const { id } = await create();
    const { token, path } = await hookOf(id);
    expect(path).toBe(`/v1/hooks/${token}`);
    expect((await api.ask(`/v1/schedules/${id}`)).json.hasHook).toBe(true);
    const first = await post(path, null);
    const second = await api.ask(path, {
      key: null,
      body: "ref=main",
      headers: { "content-type": "text/plain" },
    });
    expect([first.status, second.json]).toEqual([202, first.json]);
    const { runs } = (await api.ask(`/v1/schedules/${id}/runs`)).json;
    expect(runs).toMatchObject([{ id: first.json.run, trigger: "hook", state: "waiting" }]);
  });

  test("is nothing any more once it is revoked or another was made", async () => {
    const { id } = await create();
    const old = await hookOf(id);
    const { path } = await hookOf(id);
    expect(problemIn(await post(old.path, null)).status).toBe(404);
    expect((await post(path, null)).status).toBe(202);
    expect((await api.ask(`/v1/schedules/${id}/hook`, { method: "DELETE" })).status).toBe(204);
    expect(problemIn(await post(path, null)).status).toBe(404);
  });

  test("of a paused schedule is refused", async () => {
    const { id } = await create();
    const { path } = await hookOf(id);
    await post(`/v1/schedules/${id}/pause`);
    expect(problemIn(await post(path, null)).status).toBe(409);
  });

  test("is called at most ten times a minute, and its token stands in no log", async () => {
    const { id } = await create();
    const { token, path } = await hookOf(id);
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await post(path, null)).status);
    expect(statuses).toEqual([...Array(10).fill(202), 429]);
    expect(JSON.stringify(log)).toContain("/v1/hooks/…");
    expect(JSON.stringify(log)).not.toContain(token);
  });

  test("is not to be guessed: unknown tokens of an address are limited", async () => {
    const statuses = new Set<number>();
    for (let i = 0; i < 11; i++) statuses.add((await post(`/v1/hooks/wrong-${i}`, null)).status);
    expect(statuses).toEqual(new Set([404, 429]));
  });
});
