import { silentLog } from "@bee/core";
import { openRedis, publishCanary, type Redis, readApiAddress, withdrawCanary } from "@bee/queue";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { asker, problemIn } from "../testing/ask.ts";
import { readExposition, sampleOf } from "../testing/exposition.ts";

let api: ApiUnderTest;
let redis: Redis;
beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

const LAST = Date.parse("2026-05-01T12:00:00Z");
const publish = (ok: boolean, lastAt: number | null = LAST) =>
  publishCanary(redis, { lastAt, durationMs: lastAt === null ? null : 42, ok, since: LAST });
const view = { lastAt: "2026-05-01T12:00:00.000Z", durationMs: 42 };
const ready = () => api.ask("/readyz", { key: null });

test("where nobody checks the fleet, its API is ready by its stores alone", async () => {
  await withdrawCanary(redis);
  expect((await ready()).json).toEqual({ status: "ok", canary: null });
  expect((await api.ask("/v1/fleet")).json.canary).toBeNull();
});

test("tells when the last check passed, and how long it took", async () => {
  await publish(true);
  expect((await ready()).json).toEqual({ status: "ok", canary: { ...view, ok: true } });
  expect((await api.ask("/v1/fleet")).json.canary).toEqual({ ...view, ok: true });
});

test.each([
  [LAST, "got the last one at 2026-05-01T12:00:00.000Z; "],
  [null, "got none yet; "],
])("is not ready while no check passes (last at %s)", async (lastAt, got) => {
  await publish(false, lastAt);
  const answer = await ready();
  const problem = problemIn(answer);
  expect(problem).toMatchObject({ status: 503, code: "not-working" });
  expect(problem.detail).toContain(got);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect((await api.ask("/livez", { key: null })).status).toBe(200);
  expect((await api.ask("/v1/fleet")).json.canary.ok).toBe(false);
  await publish(true);
  expect((await ready()).status).toBe(200);
});

test("the fleet is told where the API listens", async () => {
  const { port } = new URL(api.url);
  let address = null;
  while (address === null) address = await readApiAddress(redis);
  expect(address).toEqual({ address: "127.0.0.1", port: Number(port) });
});

test("an API that listens everywhere names the address by which it reaches Redis", async () => {
  const other = await api.startAnother({ host: "0.0.0.0" });
  const { port } = new URL(other.url);
  let address = await readApiAddress(redis);
  while (address?.port !== Number(port)) address = await readApiAddress(redis);
  expect(address.address).toBe("127.0.0.1");
  await other.stop();
});

test("its age and duration are metrics", async () => {
  await withdrawCanary(redis);
  const look = async () => {
    const another = await api.startAnother();
    const { text } = await asker(another.url, null)("/metrics");
    await another.stop();
    const metrics = readExposition(text);
    return (name: string) => sampleOf(metrics, name);
  };
  const before = await look();
  expect(before("bee_canary_ok")).toBeUndefined();
  await publishCanary(redis, { lastAt: Date.now() - 20_000, durationMs: 42, ok: true, since: LAST });
  const after = await look();
  expect([after("bee_canary_ok"), after("bee_canary_duration_seconds")]).toEqual([1, 0.042]);
  expect(after("bee_canary_age_seconds")).toBeGreaterThanOrEqual(20);
});
