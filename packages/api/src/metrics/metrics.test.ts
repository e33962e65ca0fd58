import { readFileSync } from "node:fs";
import { type Config, DEFAULT_ALERT_SETTINGS, silentLog } from "@bee/core";
import { countDecision, countNames, FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import { changeAlert, nextAlertMessages, noteUndelivered } from "@bee/store";
import { runSql } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { asker } from "../testing/ask.ts";
import { type Exposition, readExposition, sampleOf } from "../testing/exposition.ts";

let api: ApiUnderTest;
let redis: Redis;
let registry: FleetRegistry;

beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

const PAGER = { type: "slack", url: "http://127.0.0.1:1/" } as const;

/** The channel did not take what it was told of an alert. */
async function failOnce(channel: string): Promise<void> {
  const alert = {
    name: "no_progress",
    subject: channel,
    severity: "critical",
    threshold: 0,
    detail: "",
  } as const;
  await changeAlert(api.db, { ...alert, event: "firing", reading: 1, toldAt: null, channels: [channel] });
  const [message] = await nextAlertMessages(api.db, [channel]);
  await noteUndelivered(api.db, message!.id, "answered 500", 0);
}

/** Scrapes, without a key, a process that has not looked at the fleet yet. */
async function scrape(change: Partial<Config> = {}): Promise<Exposition> {
  const another = await api.startAnother(change);
  try {
    const answer = await asker(another.url, null)("/metrics");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    return readExposition(answer.text);
  } finally {
    await another.stop();
  }
}

test("tells what the workers are and do, without a key", async () => {
  const busy = { busy: 50, usable: 100, cpu: 30, cpuLimit: 50, lagMs: 12 };
  await registry.report(workerReport({ id: "a", memory: 800e6, ...busy }), 2);
  await registry.report(workerReport({ id: "b", state: "holding", busy: 0, usable: 100 }), 1);
  const scaling = scalingReport({ desired: 6, runnable: { tasks: 1, oldestMs: 1_500 } });
  await registry.reportScaling({ region: "default", workerClass: "general" }, scaling);
  await countDecision(redis, "up");
  await api.ask("/v1/jobs", { json: { domain: "metrics.example" } });
  const metrics = await scrape();
  expect(sampleOf(metrics, "bee_workers", { state: "working" })).toBe(1);
  expect(sampleOf(metrics, "bee_workers", { state: "holding" })).toBe(1);
  expect(sampleOf(metrics, "bee_workers_desired")).toBe(6);
  expect(sampleOf(metrics, "bee_worker_utilisation_ratio")).toBe(0.25);
  expect(sampleOf(metrics, "bee_worker_cpu_ratio")).toBe(0.6);
  expect(sampleOf(metrics, "bee_worker_memory_bytes")).toBe(900e6);
  expect(sampleOf(metrics, "bee_worker_memory_ratio")).toBe(0.8);
  expect(sampleOf(metrics, "bee_worker_loop_lag_seconds")).toBe(0.012);
  expect(sampleOf(metrics, "bee_queue_tasks", { tier: "normal", state: "waiting" })).toBe(1);
  expect(sampleOf(metrics, "bee_queue_oldest_seconds")).toBe(1.5);
  expect(sampleOf(metrics, "bee_decisions_total", { direction: "up" })).toBe(1);
  expect(sampleOf(metrics, "bee_jobs_active")).toBe(1);
  expect(sampleOf(metrics, "bee_database_connections_limit")).toBe(50);
  expect(sampleOf(metrics, "bee_redis_memory_bytes")).toBeGreaterThan(0);
});

test("counters and histograms do not go back when the worker that counted ends", async () => {
  const counts = [
    { name: countNames.visits("ok", "warmed"), value: 7, told: 0 },
    { name: countNames.visits("broken", "none"), value: 3, told: 0 },
    { name: countNames.times("responses", 3), value: 9, told: 0 },
    { name: countNames.times("responses", 12), value: 1, told: 0 },
    { name: countNames.timesSum("responses"), value: 40_000, told: 0 },
  ];
  await registry.report(workerReport({ id: "short" }), 1, counts);
  const look = async () => {
    const metrics = await scrape();
    return {
      warmed: sampleOf(metrics, "bee_visits_total", { result: "ok", cache: "warmed" }),
      broken: sampleOf(metrics, "bee_visits_total", { result: "broken", cache: "none" }),
      within: sampleOf(metrics, "bee_response_seconds_bucket", { le: "0.1" }),
      all: sampleOf(metrics, "bee_response_seconds_count"),
      seconds: sampleOf(metrics, "bee_response_seconds_sum"),
    };
  };
  const before = await look();
  expect(before).toEqual({ warmed: 7, broken: 3, within: 9, all: 10, seconds: 40 });
  await registry.leave("short");
  expect(await look()).toEqual(before);
});

test("a result that no visit had yet is told as none, so that the first one is an increase", async () => {
  const metrics = await scrape();
  expect(sampleOf(metrics, "bee_visits_total", { result: "retried", cache: "none" })).toBe(0);
  expect(sampleOf(metrics, "bee_visits_total", { result: "ok", cache: "uncacheable" })).toBe(0);
  expect(metrics.get("bee_visits_total")!.samples).toHaveLength(14);
});

test("domains that are left alone are counted by why, and not named", async () => {
  await api.ask("/v1/jobs", { json: { domain: "shut.example" } });
  await runSql(
    api.databaseUrl,
    "update domains set closed_until = now() + interval '1 hour', closed_reason = 'circuit-open' where name = 'shut.example'",
  );
  const metrics = await scrape();
  expect(sampleOf(metrics, "bee_domains_closed", { reason: "circuit-open" })).toBe(1);
  expect(sampleOf(metrics, "bee_domains_closed", { reason: "retry-after" })).toBe(0);
});

test("requests are counted by the route that they met, and what anybody makes up is one label", async () => {
  const another = await api.startAnother();
  const ask = asker(another.url, api.adminKey);
  const { id } = (await ask("/v1/jobs", { json: { domain: "routes.example" } })).json;
  await ask(`/v1/jobs/${id}`);
  await ask("/v1/jobs/no-such-job");
  await ask("/made/up?by=me");
  await ask("/livez", { method: "PROPFIND" });
  const answer = await ask("/metrics");
  const metrics = readExposition(answer.text);
  const count = (method: string, route: string, status: string) =>
    sampleOf(metrics, "bee_http_requests_total", { method, route, status });
  expect(count("POST", "/v1/jobs", "201")).toBe(1);
  expect(count("GET", "/v1/jobs/:id", "200")).toBe(1);
  expect(count("GET", "/v1/jobs/:id", "404")).toBe(1);
  expect(count("GET", "other", "404")).toBe(1);
  expect(count("other", "/livez", "405")).toBe(1);
  expect(
    sampleOf(metrics, "bee_http_request_duration_seconds_count", { method: "GET", route: "/v1/jobs/:id" }),
  ).toBe(2);
  expect(answer.text).not.toContain(id);
  expect(answer.text).not.toContain("example");
  await another.stop();
});

test("a store that is away is told as away, and the rest still is told", async () => {
  const another = await api.startAnother();
  await redis.config("SET", "maxmemory", "0");
  // What Redis does not answer is all that it knows.
  await redis.call("CLIENT", "PAUSE", "4000", "ALL");
  const metrics = readExposition((await asker(another.url, null)("/metrics")).text);
  expect(sampleOf(metrics, "bee_store_up", { store: "redis" })).toBe(0);
  expect(sampleOf(metrics, "bee_store_up", { store: "postgres" })).toBe(1);
  expect(sampleOf(metrics, "bee_workers", { state: "working" })).toBeUndefined();
  expect(sampleOf(metrics, "bee_jobs_active")).toBeGreaterThanOrEqual(1);
  await another.stop();
});

test("tells what alerts outside the fleet are judged by", async () => {
  const troubles = { failedStarts: 3, stuck: 1 };
  await registry.reportScaling({ region: "eu", workerClass: "general" }, scalingReport({ troubles }));
  await registry.report(workerReport({ id: "leaves", region: "us", state: "stopping" }), 1);
  await registry.report(workerReport({ id: "stays", region: "eu" }), 1);
  await registry.report(workerReport({ id: "lost", region: "ap" }), 1);
  await registry.leave("lost");
  await api.ask("/v1/jobs", { json: { domain: "regions.example" } });
  await failOnce("pager");
  const metrics = await scrape({ alerts: { ...DEFAULT_ALERT_SETTINGS, channels: { pager: PAGER } } });
  expect(sampleOf(metrics, "bee_workers_failed_starts", { fleet: "eu/general" })).toBe(3);
  expect(sampleOf(metrics, "bee_workers_stuck", { fleet: "eu/general" })).toBe(1);
  expect(sampleOf(metrics, "bee_region_workers", { region: "eu" })).toBe(1);
  expect(sampleOf(metrics, "bee_region_workers", { region: "us" })).toBeUndefined();
  expect(sampleOf(metrics, "bee_region_lost", { region: "ap" })).toBe(1);
  expect(sampleOf(metrics, "bee_region_lost", { region: "eu" })).toBeUndefined();
  expect(sampleOf(metrics, "bee_region_jobs", { region: "default" })).toBeGreaterThanOrEqual(1);
  expect(sampleOf(metrics, "bee_channel_failures", { channel: "pager" })).toBe(1);
});

test("docs/metrics.md has every metric as it is told, and no other", async () => {
  await registry.report(workerReport({ id: "documented" }), 1, [
    { name: countNames.visits("ok", "none"), value: 1, told: 0 },
  ]);
  await registry.reportScaling({ region: "default", workerClass: "general" }, scalingReport());
  const another = await api.startAnother({
    alerts: { ...DEFAULT_ALERT_SETTINGS, channels: { documented: PAGER } },
  });
  await failOnce("documented");
  const ask = asker(another.url, null);
  await ask("/livez");
  const told = [...readExposition((await ask("/metrics")).text).values()].map(
    ({ name, type, samples, help }) => {
      const labels = Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== "le");
      return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`;
    },
  );
  await another.stop();
  const docs = readFileSync(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");
  expect(told).toEqual(docs.split("\n").filter((line) => line.startsWith("| `bee_")));
});
