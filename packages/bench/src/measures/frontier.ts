import { DEFAULT_RULE, type Settlement, silentLog } from "@bee/core";
import { openRedis, Queues, type Redis } from "@bee/queue";
import {
  cancelJob,
  createKey,
  type Database,
  listJobs,
  openDatabase,
  type Release,
  releaseDomain,
  settle,
} from "@bee/store";
import { runSql } from "@bee/testkit";
import type { Figure, Measure } from "../harness/figure.ts";
import { median } from "../harness/statistics.ts";
import { startStores } from "../harness/stores.ts";
import { watchStatement } from "../harness/watch-statement.ts";

const DOMAINS = 1_000;
const PAGES_EACH = 1_000;
/** One domain has a paused job of this many pages besides, which a release must not walk over. */
const PAUSED_PAGES = 100_000;
/** Domains whose results one worker settles together. */
const BATCH_DOMAINS = 5;
const ROUNDS = 200;
const PARTIAL_INDEX = "pages_frontier";

const OK: Settlement = {
  type: "done",
  outcome: "ok",
  cache: "already-warm",
  reason: null,
  seen: { status: 200, ttfbMs: 40, bytes: 9_000, edge: null, redirects: [] },
};

export const measure: Measure = {
  about: "releasing pages out of a frontier of a million, and what these cost Redis",
  async run(say) {
    const stores = await startStores();
    const db = openDatabase({ url: stores.postgres.url, connections: 2, name: "bee bench", log: silentLog });
    const redis = openRedis({ url: stores.redis.url, name: "bee bench", log: silentLog });
    const queues = new Queues(redis, "default", "general");
    try {
      await queues.queues.critical.waitUntilReady();
      say(`seeding ${(DOMAINS * PAGES_EACH).toLocaleString("en")} pages over ${DOMAINS} domains`);
      await seed(db, stores.postgres.url);
      const before = await usedMemory(redis);
      say("releasing what each domain has room for, and queueing it");
      const released = await releaseAll(db, queues);
      const grown = (await usedMemory(redis)) - before;
      say(`settling ${ROUNDS} batches`);
      const releases = await measureReleases(db, released);
      say(`cancelling a job of ${PAUSED_PAGES.toLocaleString("en")} pages`);
      return [
        ...releases,
        await measureCancel(db),
        {
          what: `Redis for the ${released.length} released of them`,
          got: grown / 1e6,
          unit: "MB",
          must: { atMost: 5 },
        },
      ];
    } finally {
      await queues.close();
      redis.disconnect();
      await db.destroy();
      await stores.stop();
    }
  },
};

type Visit = Release["visits"][number];

async function releaseAll(db: Database, queues: Queues): Promise<Visit[]> {
  const visits: Visit[] = [];
  for (let i = 0; i < DOMAINS; i++) {
    const release = await releaseDomain(db, nameOf(i));
    await queues.dispatch(release);
    visits.push(...release.visits);
  }
  return visits;
}

/** Each round settles a page of some domains, which then have room for their next ones. */
async function measureReleases(db: Database, first: readonly Visit[]): Promise<Figure[]> {
  const open = [...first];
  const watched = watchStatement(db, "set state = 'released'");
  for (let round = 0; round < ROUNDS; round++) {
    const ended = open.splice(0, BATCH_DOMAINS);
    const batch = ended.map(({ task }) => ({ ...task, inTime: true, settlement: OK }));
    open.push(...(await settle(watched.db, batch)).release.visits);
  }
  const plan = await watched.explainLast();
  const scans = plan.filter((line) => /Scan .*on pages\b/.test(line));
  return [
    {
      what: `the release of ${BATCH_DOMAINS} domains, median of ${ROUNDS}`,
      got: median(watched.durations),
      unit: "ms",
      must: { atMost: 5 },
    },
    {
      what: `looks into the frontier by the index ${PARTIAL_INDEX}`,
      got: scans.filter((line) => line.includes(PARTIAL_INDEX)).length,
      unit: "",
      must: { atLeast: 2 },
    },
    {
      what: "reads of the whole table in its plan",
      got: scans.filter((line) => line.includes("Seq Scan")).length,
      unit: "",
      must: { atMost: 0 },
    },
  ];
}

/** Until the answer can be given; the rest of the pages is swept afterwards. */
async function measureCancel(db: Database): Promise<Figure> {
  const [job] = await listJobs(db, { status: "paused", limit: 1 });
  const begun = performance.now();
  const { sweep } = await cancelJob(db, job!);
  const got = performance.now() - begun;
  if (!sweep) throw new Error("expected pages to be left for a sweep, got none");
  return {
    what: `the order to cancel ${PAUSED_PAGES.toLocaleString("en")} pages`,
    got,
    unit: "ms",
    must: { atMost: 500 },
  };
}

const nameOf = (i: number) => `site-${i}.example`;

/** As the expansion of a thousand jobs leaves it; one domain has a large paused job, too, whose pages are older. */
async function seed(db: Database, url: string): Promise<void> {
  const { key } = await createKey(db, "bench", "standard");
  const job = (status: string, name: string, pages: number) => `
    insert into jobs (id, key_id, url, domain_id, tier, status, region, options, started_at, expanded, total, pending)
    select gen_random_uuid(), '${key.id}', 'https://' || name || '/', id, 'normal', '${status}', 'default',
      '{"maxPages": 1000000, "verify": "all", "followLinks": false}', now(), true, ${pages}, ${pages}
    from domains where name like '${name}' order by id`;
  const pages = (status: string) => `
    insert into pages (job_id, domain_id, url)
    select j.id, j.domain_id, j.url || 'articles/2026/a-page-of-some-length-' || n
    from jobs j cross join generate_series(1, (select max(total) from jobs where status = '${status}')) n
    where status = '${status}' order by n, j.id`;
  const { requestsPerSecond, burst, concurrency } = DEFAULT_RULE;
  for (const statement of [
    // They have answered before, so that their windows are open.
    `insert into domains (name, requests_per_second, burst, concurrency, rule_source, slow_start)
     select 'site-' || n || '.example', ${requestsPerSecond}, ${burst}, ${concurrency}, 'default', false
     from generate_series(0, ${DOMAINS - 1}) n`,
    job("paused", nameOf(0), PAUSED_PAGES),
    pages("paused"),
    job("running", "%", PAGES_EACH),
    pages("running"),
    "analyze",
  ]) {
    await runSql(url, statement);
  }
}

/** Bytes that Redis keeps: without the buffers of its connections and of the file it appends to, which come and go. */
async function usedMemory(redis: Redis): Promise<number> {
  const info = await redis.info("memory");
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)![1]);
  return field("used_memory") - field("mem_clients_normal") - field("mem_aof_buffer");
}
