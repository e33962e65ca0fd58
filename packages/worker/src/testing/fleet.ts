import {
  assignTier,
  domainOf,
  type JobOrder,
  jobRequestSchema,
  type Log,
  parseConfig,
  type RuleBook,
  ruleFor,
  silentLog,
} from "@bee/core";
import { type BreakerSettings, openRedis, Queues, type Redis, sendControl } from "@bee/queue";
import {
  cancelJob,
  createKey,
  type Database,
  dueExpansions,
  ensureDomain,
  getJob,
  insertJob,
  type Job,
  openDatabase,
  pauseJob,
  resumeJob,
  retryJob,
} from "@bee/store";
import { freshDatabase, freshRedis, layWire, type TestStore, type Wire } from "@bee/testkit";
import { type RunningWorker, startWorker } from "../worker.ts";

/** Workers on stores of their own, three unless told otherwise, and what a test asks of them. */
export interface TestFleet {
  readonly db: Database;
  readonly redis: Redis;
  readonly queues: Queues;
  /** What the workers reach Postgres through. */
  readonly postgres: Wire;
  /** Starts or stops workers until there are so many, all at once. */
  resize(workers: number): Promise<void>;
  /** Submits a job as the API does. */
  submit(
    request: { readonly url: string; readonly [option: string]: unknown },
    plan?: "standard" | "premium",
  ): Promise<string>;
  /** Gives an order as the API does; `unheard` where Redis loses the message to the workers. */
  order(id: string, order: JobOrder, heard?: "heard" | "unheard"): Promise<void>;
  /** The job when it is as wanted. */
  until(id: string, wanted: (job: Job) => boolean): Promise<Job>;
  /** The job when it has ended. */
  ended(id: string): Promise<Job>;
  stop(): Promise<void>;
}

const ENVIRONMENT = { BEE_ALLOW_PRIVATE: "127.0.0.0/8", BEE_RESOLVE: "*.test=127.0.0.1" };
const ORDERS = { cancel: cancelJob, pause: pauseJob, resume: resumeJob, retry: retryJob };
const WORKERS = 3;
const POLL_MS = 100;

export async function startFleet(
  options: {
    rules?: RuleBook;
    environment?: Record<string, string>;
    log?: Log;
    breaker?: BreakerSettings;
    deadlineMs?: number;
    /** Other stores than a fresh one of the usual kind. */
    redis?: TestStore;
    database?: TestStore;
  } = {},
): Promise<TestFleet> {
  const {
    rules = {},
    environment = {},
    log = silentLog,
    redis: givenRedis,
    database: givenDatabase,
    ...limits
  } = options;
  const [database, redisServer] = await Promise.all([
    givenDatabase ?? freshDatabase(),
    givenRedis ?? freshRedis(),
  ]);
  const postgres = await layWire(database.url);
  const stores = { databaseUrl: postgres.url, redisUrl: redisServer.url };
  const config = parseConfig({ ...ENVIRONMENT, ...environment }, () => "");
  const db = openDatabase({ url: database.url, connections: 4, name: "test", log: silentLog });
  const redis = openRedis({ url: redisServer.url, name: "test", log: silentLog });
  const queues = new Queues(redis, "default", "general");
  const keys = {
    standard: (await createKey(db, "test", "standard")).key.id,
    premium: (await createKey(db, "test", "premium")).key.id,
  };
  const workers: RunningWorker[] = [];
  async function resize(wanted: number): Promise<void> {
    const start = () => startWorker({ config, ...stores, log, owner: null, ...limits });
    const missing = Math.max(0, wanted - workers.length);
    const surplus = workers.splice(wanted);
    await Promise.all(surplus.map((worker) => worker.stop()));
    workers.push(...(await Promise.all(Array.from({ length: missing }, start))));
  }
  await resize(WORKERS);
  async function until(id: string, wanted: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const job = (await getJob(db, id))!;
      if (wanted(job)) return job;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  return {
    db,
    redis,
    queues,
    postgres,
    resize,
    async submit(request, plan = "standard") {
      const { url, ...body } = request;
      const parsed = jobRequestSchema.parse({ url, ...body });
      const domain = domainOf(new URL(url).hostname);
      const tier = assignTier({ domain, plan, maxPages: parsed.maxPages });
      const domainId = await ensureDomain(db, domain, ruleFor(domain, rules));
      const job = { keyId: keys[plan], url, domainId, tier, region: "default", options: parsed };
      const { id } = await insertJob(db, { ...job, webhookUrl: null, idempotency: null });
      await queues.addExpansions(await dueExpansions(db, [domainId]));
      return id;
    },
    async order(id, order, heard = "heard") {
      const job = (await getJob(db, id))!;
      const ordered = await ORDERS[order](db, job);
      const stops = order === "cancel" || order === "pause";
      if (heard === "heard")
        await sendControl(redis, { type: stops ? "job-stopped" : "job-resumed", job: id });
      await queues.dispatch(ordered.release);
    },
    until,
    ended: (id) => until(id, (job) => job.finishedAt !== null),
    async stop() {
      await resize(0);
      await queues.close();
      redis.disconnect();
      await db.destroy();
      await postgres.stop();
      await Promise.all([database.stop(), redisServer.stop()]);
    },
  };
}
