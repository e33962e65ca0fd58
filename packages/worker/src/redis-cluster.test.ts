import { countsAddUp, silentLog } from "@bee/core";
import { openRedis, requireSafeRedis } from "@bee/queue";
import { listPages } from "@bee/store";
import {
  freshRedis,
  html,
  mostInFlight,
  RecordingLog,
  robotsTxt,
  sitemapOf,
  startRedisCluster,
  startWeb,
  type Web,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";
import { jitterSince } from "./testing/jitter.ts";

const RULE = { requestsPerSecond: 20, burst: 5, concurrency: 3 };
/** By their hash slots one of them is on the first node, two are on the second, and one is on the third. */
const HOSTS = ["five.test", "one.test", "two.test", "six.test"];
const PATHS = Array.from({ length: 12 }, (_, i) => `/page-${i}`);

let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
let web: Web;
let fleet: TestFleet;
const log = new RecordingLog();
const jitterMs = jitterSince(beforeAll);

beforeAll(async () => {
  cluster = await startRedisCluster();
  web = await startWeb({
    hosts: Object.fromEntries(
      HOSTS.map((host) => [
        host,
        {
          pages: {
            "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
            "/sitemap.xml": () => sitemapOf(PATHS.map((path) => web.url(host, path))),
          },
          otherwise: () => html("a page"),
        },
      ]),
    ),
  });
  fleet = await startFleet({ rules: { default: RULE }, log, redis: cluster });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

test("jobs go their way on a Redis Cluster of three nodes, within their domains' rules", async () => {
  const ids = await Promise.all(HOSTS.map((host) => fleet.submit({ url: web.url(host, "/") })));
  for (const id of ids) {
    const job = await fleet.ended(id);
    expect(job).toMatchObject({ status: "completed", failure: null });
    expect(countsAddUp(job.counts)).toBe(true);
    const pages = await listPages(fleet.db, id, { limit: 50 });
    expect(pages.map(({ outcome }) => outcome)).toEqual(Array(PATHS.length + 1).fill("ok"));
  }
  for (const host of HOSTS) {
    const requests = web.logOf(host).entries;
    expect(requests.length).toBeGreaterThan(PATHS.length);
    expect(worstExcess(requests, RULE, jitterMs())).toBeLessThanOrEqual(0);
    expect(mostInFlight(requests)).toBeLessThanOrEqual(RULE.concurrency);
  }
  // No script was refused for keys of two nodes, and each node holds a part.
  expect(log.lines.filter(({ level }) => level === "warn" || level === "error")).toEqual([]);
  const held = await Promise.all(
    cluster.nodes.map(async (url) => {
      const node = openRedis({ url, name: "test", log: silentLog });
      const keys = await node.dbsize();
      node.disconnect();
      return keys;
    }),
  );
  expect(Math.min(...held)).toBeGreaterThan(0);
});

test("a cluster that is taken for one server is refused, and so is one server that is taken for a cluster", async () => {
  const [node = ""] = cluster.nodes;
  await expect(requireSafeRedis(node)).rejects.toThrow("put ?cluster=true behind REDIS_URL");
  const single = await freshRedis();
  await expect(requireSafeRedis(`${single.url}?cluster=true`)).rejects.toThrow("take cluster=true out of");
  await single.stop();
});

test("a cluster of which one node may evict keys is refused", async () => {
  const [, , last = ""] = cluster.nodes;
  const node = openRedis({ url: last, name: "test", log: silentLog });
  await node.config("SET", "maxmemory-policy", "allkeys-lru");
  await expect(requireSafeRedis(cluster.url)).rejects.toThrow("got allkeys-lru");
  await node.config("SET", "maxmemory-policy", "noeviction");
  await expect(requireSafeRedis(cluster.url)).resolves.toBeUndefined();
  node.disconnect();
});
