import {
  assignTier,
  domainOf,
  jobRequestSchema,
  parseConfig,
  type RuleBook,
  ruleFor,
  silentLog,
} from "@bee/core";
import { openRedis, Queues } from "@bee/queue";
import {
  createKey,
  type Database,
  ensureDomain,
  getJob,
  insertJob,
  type Job,
  openDatabase,
} from "@bee/store";
import { freshDatabase, freshRedis } from "@bee/testkit";
import { startWorker } from "../worker.ts";

/** Three workers on stores of their own, and what a test asks of them. */
export interface TestFleet {
  readonly db: Database;
  /** Submits a job as the API does. */
  submit(request: { readonly url: string; readonly [option: string]: unknown }): Promise<string>;
  /** The job when it is as wanted. */
  until(id: string, wanted: (job: Job) => boolean): Promise<Job>;
  /** The job when it has ended. */
  ended(id: string): Promise<Job>;
  stop(): Promise<void>;
}

const ENVIRONMENT = { BEE_ALLOW_PRIVATE: "127.0.0.0/8", BEE_RESOLVE: "*.test=127.0.0.1" };
const WORKERS = 3;
const POLL_MS = 100;

export async function startFleet(
  options: { rules?: RuleBook; environment?: Record<string, string> } = {},
): Promise<TestFleet> {
  const { rules = {}, environment = {} } = options;
  const [database, redisServer] = await Promise.all([freshDatabase(), freshRedis()]);
  const stores = { databaseUrl: database.url, redisUrl: redisServer.url };
  const config = parseConfig({ ...ENVIRONMENT, ...environment }, () => "");
  const db = openDatabase({ url: database.url, connections: 4, name: "test", log: silentLog });
  const redis = openRedis({ url: redisServer.url, name: "test", log: silentLog });
  const queues = new Queues(redis, "default", "general");
  const { key } = await createKey(db, "test", "standard");
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, () => startWorker({ config, ...stores, log: silentLog, owner: null })),
  );
  async function until(id: string, wanted: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = (await getJob(db, id))!;
      if (wanted(job)) return job;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  return {
    db,
    async submit(request) {
      const { url, ...body } = request;
      const parsed = jobRequestSchema.parse({ url, ...body });
      const domain = domainOf(new URL(url).hostname);
      const tier = assignTier({ domain, plan: "standard", maxPages: parsed.maxPages });
      const domainId = await ensureDomain(db, domain, ruleFor(domain, rules));
      const job = { keyId: key.id, url, domainId, tier, region: "default", options: parsed };
      const { id } = await insertJob(db, { ...job, webhookUrl: null, idempotency: null });
      await queues.addExpansion(id, tier);
      return id;
    },
    until,
    ended: (id) => until(id, (job) => job.finishedAt !== null),
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await queues.close();
      redis.disconnect();
      await db.destroy();
      await Promise.all([database.stop(), redisServer.stop()]);
    },
  };
}
