import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis } from "@bee/queue";
import { scalingReport } from "@bee/queue/testing";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { type AskOptions, problemIn } from "../testing/ask.ts";
import { waitingTasks } from "../testing/look.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const basic = (secret: string, user = "anybody") => ({
  key: null,
  headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}` },
});

describe.each([
  "/queues",
  "/queues/",
  "/queues/api/queues",
  "/queues/static/images/logo.svg",
  "/queues/nothing",
])("%s", (path) => {
  test("asks for a key in the way that makes a browser ask its user", async () => {
    const answer = await api.ask(path, { key: null });
    expect(problemIn(answer)).toMatchObject({ status: 401, code: "unauthorized" });
    expect(answer.headers.get("www-authenticate")).toMatch(
      /^Basic realm="Blue Banded Bee", charset="UTF-8", Bearer /,
    );
  });

  test.each(["standard", "premium"] as const)("is not for %s keys", async (plan) => {
    const { secret } = await api.newKey(plan);
    expect(problemIn(await api.ask(path, basic(secret)))).toMatchObject({ status: 403, code: "forbidden" });
    expect(problemIn(await api.ask(path, { key: secret })).status).toBe(403);
  });

  test("opens to an operator's key, by Basic with any user name and by Bearer", async () => {
    const { secret } = await api.newKey("operator");
    const statuses = [basic(secret), basic(api.adminKey, ""), { key: secret }].map(
      async (options) => (await api.ask(path, options)).status,
    );
    const expected = path === "/queues/nothing" ? 404 : 200;
    expect(await Promise.all(statuses)).toEqual([expected, expected, expected]);
  });
});

test("Basic opens nothing else", async () => {
  expect(problemIn(await api.ask("/v1/jobs", basic(api.adminKey))).status).toBe(401);
});

test("the page loads from this host only", async () => {
  const { text, headers } = await api.ask("/queues");
  expect(text).toContain('<base href="/queues/"');
  const policy = headers.get("content-security-policy");
  expect(policy).toMatch(/style-src 'self' 'unsafe-inline'(?:;|$)/);
  expect(policy).toMatch(/font-src 'self' data:(?:;|$)/);
  const style = /href="(static\/css\/main[^"]+)"/.exec(text)![1];
  for (const part of [text, (await api.ask(`/queues/${style}`)).text]) {
    expect(part).not.toMatch(/\/\/[\w-]+\.\w/);
  }
  const script = /src="(static\/js\/main[^"]+)"/.exec(text)![1];
  expect((await api.ask(`/queues/${script}`)).headers.get("content-type")).toMatch(/javascript/);
});

test("the board shows the queues of each region that has jobs, workers or a scaler", async () => {
  const redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  await new FleetRegistry(redis).reportScaling({ region: "eu", workerClass: "general" }, scalingReport());
  const { json } = await api.ask("/queues/api/queues");
  const names = json.queues.map((queue: { name: string }) => queue.name);
  expect(names).toEqual(expect.arrayContaining(["eu-general-critical", "eu-general-low"]));
  await redis.flushall();
  redis.disconnect();
});

describe("what is ordered in the board", () => {
  const put = (path: string, options: AskOptions = {}) =>
    api.ask(`/queues/api/queues/${path}`, { method: "PUT", json: {}, ...options });
  const queuesOf = async (key = api.adminKey) => (await api.ask("/queues/api/queues", { key })).json.queues;

  test("by operators happens, and stands in the audit log", async () => {
    const names = (await queuesOf()).map((queue: { name: string }) => queue.name);
    expect(names).toEqual(["critical", "high", "normal", "low"]);
    const { json: job } = await api.ask("/v1/jobs", { json: { domain: "board.example" } });
    expect((await put("normal/pause")).status).toBe(200);
    expect((await queuesOf())[2].isPaused).toBe(true);
    expect((await put("normal/resume")).status).toBe(200);
    expect((await put(`normal/expand-${job.id}/clean`)).status).toBeLessThan(300);
    expect(await waitingTasks(api, "normal")).toEqual([]);
    const { json } = await api.ask("/v1/audit");
    expect(
      json.entries.map(({ action, target, outcome }: Record<string, string>) => [action, target, outcome]),
    ).toEqual([
      ["board", `normal/expand-${job.id}/clean`, "done"],
      ["board", "normal/resume", "done"],
      ["board", "normal/pause", "done"],
    ]);
  });

  test("by keys that only read does not happen, and their board offers nothing", async () => {
    const { secret: key } = await api.newKey("operator", { readOnly: true });
    expect((await queuesOf(key)).map((queue: { readOnlyMode: boolean }) => queue.readOnlyMode)).toEqual(
      Array(4).fill(true),
    );
    expect(problemIn(await put("normal/pause", { key })).status).toBe(403);
    expect((await queuesOf())[2].isPaused).toBe(false);
  });

  test("never makes a task, nor changes one, behind the back of its job", async () => {
    const { json: job } = await api.ask("/v1/jobs", { json: { domain: "board2.example" } });
    const task = `expand-${job.id}`;
    for (const [method, path] of [
      ["POST", "normal/add"],
      ["PATCH", `normal/${task}/update-data`],
      ["PUT", "normal/obliterate"],
      ["PUT", "normal/concurrency"],
      ["PUT", "normal/rate-limit"],
    ] as const) {
      expect([path, problemIn(await put(path, { method })).status]).toEqual([path, 403]);
    }
    expect(await waitingTasks(api, "normal")).toEqual([task]);
  });
});
