import { setTimeout as delay } from "node:timers/promises";
import {
  assignTier,
  domainOf,
  type JobRequest,
  jobRequestSchema,
  type RateRule,
  silentLog,
  type Tier,
} from "@bee/core";
import { openRedis, Queues } from "@bee/queue";
import {
  addPages,
  beginExpansion,
  createKey,
  type Database,
  ensureDomain,
  finishExpansion,
  getJob,
  insertJob,
  type Job,
  openDatabase,
  readWorkload,
} from "@bee/store";
import { type BeeProcess, SIMULATED_WEB, startBee } from "./bee-process.ts";
import { type BenchStores, startStores } from "./stores.ts";

export interface FleetOptions {
  readonly workers?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Seed {
  readonly url: string;
  readonly rule: RateRule;
  readonly tier: Tier;
  /** Paths of the job's pages. */
  readonly paths: readonly string[];
}

/** Worker processes on stores of their own, and the ways in which work gets to them. */
export interface BenchFleet {
  readonly stores: BenchStores;
  readonly db: Database;
  readonly queues: Queues;
  readonly workers: readonly BeeProcess[];
  /** Submits a job as the API does for an operator. */
  submit(
    request: { readonly url: string; readonly [option: string]: unknown },
    rule: RateRule,
  ): Promise<string>;
  /** A job whose pages are known already, as if its sitemaps had just been read. */
  seed(seed: Seed): Promise<string>;
  /** A job that has no pages yet and goes on waiting for some. */
  begin(job: Omit<Seed, "paths">): Promise<string>;
  /** The job when it has ended. */
  ended(id: string): Promise<Job>;
  /** Resolves when no job is active any more: to ask for each of hundreds would be a load of its own. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const CONNECTIONS = 4;
const BATCH = 1_000;
const POLL_MS = 50;

/** Three workers, as small a fleet as the scaling law allows, unless asked otherwise. */
export async function startFleet({ workers = 3, environment = {} }: FleetOptions = {}): Promise<BenchFleet> {
  const stores = await startStores();
  const db = openDatabase({
    url: stores.postgres.url,
    connections: CONNECTIONS,
    name: "bee bench",
    log: silentLog,
  });
  const redis = openRedis({ url: stores.redis.url, name: "bee bench", log: silentLog });
  const queues = new Queues(redis, "default", "general");
  const { key } = await createKey(db, "bench", "operator");
  const urls = { DATABASE_URL: stores.postgres.url, REDIS_URL: stores.redis.url };
  const processes = await Promise.all(
    Array.from({ length: workers }, () => startBee("worker", { ...SIMULATED_WEB, ...urls, ...environment })),
  );

  async function insert(url: string, tier: Tier, options: Omit<JobRequest, "url">, rule: RateRule) {
    const domainId = await ensureDomain(db, domainOf(new URL(url).hostname), { ...rule, source: "operator" });
    const job = { keyId: key.id, url, domainId, tier, region: "default", options };
    return (await insertJob(db, { ...job, webhookUrl: null, idempotency: null })).id;
  }

  async function begin({ url, tier, rule }: Omit<Seed, "paths">): Promise<string> {
    const options = jobRequestSchema.parse({ url, maxPages: 100_000, verify: "none" });
    const id = await insert(url, tier, options, rule);
    await beginExpansion(db, id);
    return id;
  }

  return {
    stores,
    db,
    queues,
    workers: processes,
    async submit({ url, priority, ...body }, rule) {
      const options = jobRequestSchema.parse({ url, ...body });
      const domain = domainOf(new URL(url).hostname);
      const tier = assignTier({
        domain,
        plan: "operator",
        maxPages: options.maxPages,
        priority: priority as Tier | undefined,
      });
      const id = await insert(url, tier, options, rule);
      await queues.addExpansions([{ job: id, tier }]);
      return id;
    },
    begin,
    async seed({ paths, ...job }) {
      const domain = domainOf(new URL(job.url).hostname);
      const id = await begin(job);
      for (let i = 0; i < paths.length; i += BATCH) {
        const pages = paths.slice(i, i + BATCH).map((path) => foundPage(new URL(path, job.url).href));
        await queues.dispatch((await addPages(db, id, domain, pages)).release);
      }
      await queues.dispatch(await finishExpansion(db, id, domain, []));
      return id;
    },
    async ended(id) {
      for (;;) {
        const job = (await getJob(db, id))!;
        if (job.finishedAt !== null) return job;
        await delay(POLL_MS);
      }
    },
    async idle() {
      while ((await readWorkload(db)).activeJobs > 0) await delay(POLL_MS);
    },
    async stop() {
      for (const worker of processes) worker.kill("SIGTERM");
      await Promise.all(processes.map((worker) => worker.exited));
      await queues.close();
      redis.disconnect();
      await db.destroy();
      await stores.stop();
    },
  };
}

export function foundPage(url: string) {
  return { url, foundOn: null, disallowedBy: null };
}
