import { DEFAULT_RULE, type RuleInForce, silentLog } from "@bee/core";
import { type Admit, createHttpClient, type HttpAnswer, type HttpClient } from "@bee/crawl";
import { claimRobots, type Database, ensureDomain, openDatabase, readRule } from "@bee/store";
import { freshDatabase, robotsTxt, startWeb, type TestStore, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { RobotsBook } from "./robots-book.ts";
import { JobStoppedError } from "./stopped-jobs.ts";

const HOSTS = [
  "once.test",
  "stopped.test",
  "broken.test",
  "fleet.test",
  "dropped.test",
  "dead.test",
  "aged.test",
];

let store: TestStore;
let db: Database;
let web: Web;
let client: HttpClient;
let book: RobotsBook;
/** Rules that were put in force, by domain. */
const repaced: [domain: string, requestsPerSecond: number][] = [];

beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 2, name: "test", log: silentLog });
  const site = { pages: { "/robots.txt": robotsTxt("User-agent: *", "Disallow: /private") } };
  const slow = () => ({ ...robotsTxt("User-agent: *", ...slowLines), delayMs: 300 });
  web = await startWeb({
    hosts: {
      ...Object.fromEntries(HOSTS.map((host) => [host, site])),
      "crowded.test": { pages: { "/robots.txt": slow } },
      "slow.test": { pages: { "/robots.txt": slow } },
      "down.test": { pages: {}, otherwise: () => ({ status: up ? 404 : 503 }) },
      "stale.test": {
        pages: { "/robots.txt": () => (up ? robotsTxt("User-agent: *", "Disallow: /x") : { status: 503 }) },
      },
    },
  });
  client = createHttpClient({
    userAgent: "Bee/1",
    allowPrivate: ["127.0.0.0/8"],
    resolve: [["*.test", "127.0.0.1"]],
  });
  book = anotherWorker();
});
afterAll(async () => {
  client.close();
  await web.stop();
  await db.destroy();
  await store.stop();
});

const admit: Admit = (_, request) => request();
/** What the slow sites ask for, and whether the others are there. */
let slowLines = ["Crawl-delay: 5"];
let up = true;

/** The book of one more worker process. */
function anotherWorker(): RobotsBook {
  const repace = async (domain: string, { rule }: RuleInForce) => {
    repaced.push([domain, rule.requestsPerSecond]);
  };
  return new RobotsBook({ db, client, productToken: "Bee", repace });
}

/** Lets the fleet's copy of a host's robots.txt be as old as that, and whoever is fetching it be as late. */
async function age(host: string, seconds: number): Promise<void> {
  const { expires_at, fetching_until } = await robotsOf(host).executeTakeFirstOrThrow();
  const earlier = (moment: Date) => new Date(moment.getTime() - seconds * 1_000);
  await db
    .updateTable("robots")
    .set({ expires_at: earlier(expires_at), fetching_until: fetching_until && earlier(fetching_until) })
    .where("origin", "=", originOf(host))
    .execute();
}

const robotsOf = (host: string) => db.selectFrom("robots").selectAll().where("origin", "=", originOf(host));

const originOf = (host: string) => new URL(web.url(host)).origin;

test("many who ask at once cost one request", async () => {
  const entries = await Promise.all([1, 2, 3].map(() => book.of(originOf("once.test"), admit)));
  expect(entries.map(({ rules }) => rules.check("/private").allowed)).toEqual([false, false, false]);
  expect(web.logOf("once.test").entries).toHaveLength(1);
});

test("when the job that it is read for is stopped, one of those who wait reads it for all", async () => {
  const origin = originOf("stopped.test");
  const gate = Promise.withResolvers<HttpAnswer>();
  const atGate = Promise.withResolvers<void>();
  const first = book.of(origin, () => {
    atGate.resolve();
    return gate.promise;
  });
  await atGate.promise;
  const others = Promise.all([book.of(origin, admit), book.of(origin, admit)]);
  gate.reject(new JobStoppedError());
  await expect(first).rejects.toThrow(JobStoppedError);
  expect((await others).map(({ record }) => record.status)).toEqual(["found", "found"]);
  expect(web.logOf("stopped.test").entries).toHaveLength(1);
});

test("what else went wrong is wrong for all who wait", async () => {
  const origin = originOf("broken.test");
  const failing: Admit = () => Promise.reject(new Error("the circuit is open"));
  const readings = await Promise.allSettled([book.of(origin, failing), book.of(origin, admit)]);
  expect(readings.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(web.logOf("broken.test").entries).toHaveLength(0);
});

test("ten workers that meet an origin at once send one request, and one more when it has aged", async () => {
  const origin = originOf("crowded.test");
  const log = web.logOf("crowded.test").entries;
  for (const requests of [1, 2]) {
    const entries = await Promise.all(Array.from({ length: 10 }, () => anotherWorker().of(origin, admit)));
    expect(entries.map(({ rules }) => rules.crawlDelay)).toEqual(Array(10).fill(5));
    expect(log).toHaveLength(requests);
    await age("crowded.test", 86_400);
  }
});

test("who waits for another worker's request holds no connection", async () => {
  const origin = originOf("fleet.test");
  const gate = Promise.withResolvers<void>();
  const atGate = Promise.withResolvers<void>();
  const first = anotherWorker().of(origin, async (_, request) => {
    atGate.resolve();
    await gate.promise;
    return request();
  });
  await atGate.promise;
  const others = [anotherWorker(), anotherWorker(), anotherWorker()].map((worker) =>
    worker.of(origin, admit),
  );
  // Four wait, and the pool has two connections.
  for (let i = 0; i < 20; i++) await Promise.all([readRule(db, "a"), readRule(db, "b")]);
  gate.resolve();
  await Promise.all([first, ...others]);
  expect(web.logOf("fleet.test").entries).toHaveLength(1);
});

test("a worker that drops its request lets the next one go ahead", async () => {
  const origin = originOf("dropped.test");
  const dropping: Admit = () => Promise.reject(new Error("the circuit is open"));
  await expect(anotherWorker().of(origin, dropping)).rejects.toThrow("the circuit is open");
  await anotherWorker().of(origin, admit);
  expect(web.logOf("dropped.test").entries).toHaveLength(1);
});

test("a worker that died while fetching holds up the others until its request must have ended", async () => {
  const origin = originOf("dead.test");
  expect(await claimRobots(db, origin, "dead.test")).toBe(true);
  const waiting = anotherWorker().of(origin, admit);
  await age("dead.test", 20);
  expect((await waiting).record.status).toBe("found");
});

test("who is stopped while waiting for another worker waits no more", async () => {
  const origin = originOf("aged.test");
  await claimRobots(db, origin, "aged.test");
  const stop = new AbortController();
  const waiting = anotherWorker().of(origin, admit, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow();
  expect(web.logOf("aged.test").entries).toHaveLength(0);
});

test("a Crawl-delay is in force at the gate before anybody reads it, and so is its end", async () => {
  await ensureDomain(db, "slow.test", { ...DEFAULT_RULE, source: "default" });
  await anotherWorker().of(originOf("slow.test"), admit);
  expect(repaced.filter(([domain]) => domain === "slow.test")).toEqual([["slow.test", 0.2]]);
  expect((await readRule(db, "slow.test"))!.rule.requestsPerSecond).toBe(0.2);
  slowLines = [];
  await age("slow.test", 86_400);
  await anotherWorker().of(originOf("slow.test"), admit);
  expect(repaced.filter(([domain]) => domain === "slow.test").at(-1)).toEqual(["slow.test", 3]);
});

test("a robots.txt that could not be read is not kept in the process, so that it may be asked for anew", async () => {
  const origin = originOf("down.test");
  up = false;
  const worker = anotherWorker();
  expect((await worker.of(origin, admit)).record.status).toBe("unreachable");
  expect((await worker.of(origin, admit)).record.status).toBe("unreachable");
  expect(web.logOf("down.test").entries).toHaveLength(1);
  up = true;
  await age("down.test", 60);
  expect((await worker.of(origin, admit)).record.status).toBe("absent");
});

test("while it cannot be read, the copy from before holds for a minute at a time", async () => {
  const origin = originOf("stale.test");
  up = true;
  await anotherWorker().of(origin, admit);
  up = false;
  for (const requests of [2, 3]) {
    await age("stale.test", 3_600);
    const { record, rules } = await anotherWorker().of(origin, admit);
    expect(record).toMatchObject({ status: "found", maxAgeSeconds: 60 });
    expect(rules.check("/x").allowed).toBe(false);
    expect(web.logOf("stale.test").entries).toHaveLength(requests);
  }
});
