import {
  type ExpandTask,
  type PerTier,
  type PreviewTask,
  perTier,
  type TaskState,
  TIERS,
  type Tier,
  type VisitTask,
  type WakeTask,
} from "@bee/core";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { QUEUE_PREFIX } from "./keys.ts";
import { packVisit } from "./visit-data.ts";

/** The names under which tasks travel, and what each carries. */
export interface Tasks {
  readonly visit: VisitTask;
  readonly expand: ExpandTask;
  readonly wake: WakeTask;
  readonly preview: PreviewTask;
}

/** Released pages, each with how long to hold it back; domains to come back to; jobs whose turn it is to be expanded. */
export interface Dispatch {
  readonly visits: readonly { readonly task: VisitTask; readonly delayMs: number }[];
  readonly wakes: readonly { readonly domain: string; readonly inMs: number }[];
  readonly expansions: readonly { readonly job: string; readonly tier: Tier }[];
}

/** The end of a queue at which tasks arrive. */
export interface WaitingEnd {
  readonly waiting: number;
  /** The task that arrived last. */
  readonly newest: string | null;
  /** Whether the task that was asked for waits. */
  readonly stillWaits: boolean;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/** A fleet's queues bear the tiers' names; those of another region or class say so. */
export function queueName(tier: Tier, region: string, workerClass: string): string {
  return region === "default" && workerClass === "general" ? tier : `${region}-${workerClass}-${tier}`;
}

/**
 * Ids are ours and never BullMQ's counter, which starts anew when Redis loses its data. One per page and lease: adding
 * a task twice is adding it once, and a page released anew gets a new task.
 */
export const visitId = (page: string, lease: number) => `page-${page}-${lease}`;
export const expandId = (job: string) => `expand-${job}`;

/** Wakes of a domain within this time are one wake, at its end. */
const WAKE_GRAIN_MS = 100;
/** BullMQ refuses ids with a colon, which an IPv6 host has. */
const wakeId = (domain: string, grain: number) => `wake-${domain.replaceAll(":", "_")}-${grain}`;

/** Set with the task, because one that stalled too often is failed without a look at the worker's settings. */
const TASK_OPTIONS = { removeOnFail: true } as const;
/** BullMQ tells of every task in a stream that none of our processes reads; it keeps 10,000 entries by default. */
const EVENTS = 100;
/** BullMQ's pipelines of more than this have failed silently (bullmq #1222). */
const BULK = 500;

/** The four queues of one fleet, as producers use them. */
export class Queues {
  readonly queues: PerTier<Queue>;

  constructor(connection: Redis, region: string, workerClass: string) {
    this.queues = perTier((tier) => {
      const queue = new Queue(queueName(tier, region, workerClass), {
        connection,
        prefix: QUEUE_PREFIX,
        streams: { events: { maxLen: EVENTS } },
      });
      // Lost connections are reported by the connection itself.
      queue.on("error", () => {});
      return queue;
    });
  }

  /**
   * Puts what Postgres released into the queues. Not part of the transaction: a page that never arrives keeps its
   * lease, and the leader releases it anew when that has run out.
   */
  async dispatch({ visits, wakes, expansions }: Dispatch): Promise<void> {
    await Promise.all([this.addVisits(visits), this.addWakes(wakes), this.addExpansions(expansions)]);
  }

  async addVisits(visits: Dispatch["visits"]): Promise<void> {
    for (const tier of TIERS) {
      const jobs = visits
        .filter(({ task }) => task.tier === tier)
        .map(({ task, delayMs }) => ({
          name: "visit",
          data: packVisit(task),
          opts: { ...TASK_OPTIONS, jobId: visitId(task.page, task.lease), delay: Math.ceil(delayMs) },
        }));
      for (let i = 0; i < jobs.length; i += BULK) await this.queues[tier].addBulk(jobs.slice(i, i + BULK));
    }
  }

  async addExpansions(expansions: Dispatch["expansions"]): Promise<void> {
    for (const { job, tier } of expansions) {
      const task: ExpandTask = { job };
      await this.queues[tier].add("expand", task, { ...TASK_OPTIONS, jobId: expandId(job) });
    }
  }

  /** A wake is a few milliseconds of work for a whole domain, so it goes before everything else. */
  async addWakes(wakes: Dispatch["wakes"]): Promise<void> {
    if (wakes.length === 0) return;
    await this.queues.critical.addBulk(
      wakes.map(({ domain, inMs }) => {
        const task: WakeTask = { domain };
        // The grain after: a wake that finds nothing due yet must not ask for itself, which BullMQ takes for done.
        const grain = Math.floor((Date.now() + inMs) / WAKE_GRAIN_MS) + 1;
        const opts = {
          ...TASK_OPTIONS,
          jobId: wakeId(domain, grain),
          delay: grain * WAKE_GRAIN_MS - Date.now(),
        };
        return { name: "wake", data: task, opts };
      }),
    );
  }

  /** Not stored anywhere else: where it is lost, whoever waits for it asks again. */
  async addPreview(task: PreviewTask, tier: Tier): Promise<void> {
    await this.queues[tier].add("preview", task, { ...TASK_OPTIONS, jobId: `preview-${task.preview}` });
  }

  /** Of these task ids, those whose task no longer exists. */
  async missing(tasks: readonly { readonly id: string; readonly tier: Tier }[]): Promise<Set<string>> {
    if (tasks.length === 0) return new Set();
    const pipeline = (await this.#client()).pipeline();
    for (const { id, tier } of tasks) pipeline.exists(this.queues[tier].toKey(id));
    const replies = (await pipeline.exec()) ?? [];
    return new Set(tasks.filter((_, i) => replies[i]?.[1] === 0).map(({ id }) => id));
  }

  /**
   * Where tasks are, in the order asked; all looked at in one moment. A task in a worker's hands has a lock; without
   * one it is still among the active ones until others notice that its worker died.
   */
  async statesOf(tasks: readonly { readonly id: string; readonly tier: Tier }[]): Promise<TaskState[]> {
    if (tasks.length === 0) return [];
    const look = (await this.#client()).multi();
    for (const { id, tier } of tasks) {
      const key = (name: string) => this.queues[tier].toKey(name);
      look
        .exists(key(id))
        .exists(`${key(id)}:lock`)
        .zscore(key("delayed"), id)
        .lpos(key("active"), id);
    }
    const replies = ((await look.exec()) ?? []).map(([, reply]) => reply);
    return tasks.map((_, i) => {
      const [exists, locked, delayedTo, activeAt] = replies.slice(4 * i, 4 * i + 4);
      if (exists !== 1) return "missing";
      if (locked === 1) return "running";
      if (typeof delayedTo === "string") return "held-back";
      return typeof activeAt === "number" ? "abandoned" : "queued";
    });
  }

  /** Runnable tasks that wait in each queue; cheap enough to ask several times a second. */
  async waiting(): Promise<PerTier<number>> {
    const pipeline = (await this.#client()).pipeline();
    for (const tier of TIERS) pipeline.llen(this.queues[tier].toKey("wait"));
    const replies = (await pipeline.exec()) ?? [];
    return Object.fromEntries(TIERS.map((tier, i) => [tier, Number(replies[i]?.[1] ?? 0)])) as Record<
      Tier,
      number
    >;
  }

  /** Looks at the ends of the queues, and for one task in each. */
  async waitingEnds(tasks: PerTier<string | null>): Promise<PerTier<WaitingEnd>> {
    const pipeline = (await this.#client()).pipeline();
    for (const tier of TIERS) {
      const wait = this.queues[tier].toKey("wait");
      pipeline
        .llen(wait)
        .lindex(wait, 0)
        .lpos(wait, tasks[tier] ?? "");
    }
    const replies = ((await pipeline.exec()) ?? []).map(([, reply]) => reply);
    const ends = TIERS.map((tier, i) => {
      const [waiting, newest, position] = replies.slice(3 * i, 3 * i + 3);
      const end: WaitingEnd = {
        waiting: Number(waiting ?? 0),
        newest: typeof newest === "string" ? newest : null,
        stillWaits: typeof position === "number",
      };
      return [tier, end] as const;
    });
    return Object.fromEntries(ends) as Record<Tier, WaitingEnd>;
  }

  async counts(): Promise<PerTier<QueueCounts>> {
    const counts = await Promise.all(
      TIERS.map(async (tier) => {
        const {
          waiting = 0,
          active = 0,
          delayed = 0,
        } = await this.queues[tier].getJobCounts("waiting", "active", "delayed");
        return [tier, { waiting, active, delayed }] as const;
      }),
    );
    return Object.fromEntries(counts) as Record<Tier, QueueCounts>;
  }

  /**
   * Takes out whatever no worker holds: for a fleet that nobody works for any more. What a worker held that died goes
   * when its lock has lapsed.
   */
  async clear(): Promise<void> {
    await Promise.all(TIERS.map((tier) => this.#clear(this.queues[tier])));
  }

  async close(): Promise<void> {
    await Promise.all(TIERS.map((tier) => this.queues[tier].close()));
  }

  async #clear(queue: Queue): Promise<void> {
    await queue.drain(true);
    const active = await (await this.#client()).lrange(queue.toKey("active"), 0, -1);
    // One that is locked stays.
    for (const id of active) await queue.remove(id);
  }

  async #client(): Promise<Redis> {
    return (await this.queues.critical.getBackend().client) as unknown as Redis;
  }
}

/** The tasks of several fleets, tier by tier. */
export function sumCounts(fleets: readonly PerTier<QueueCounts>[]): PerTier<QueueCounts> {
  return perTier((tier) => {
    const sum = (what: keyof QueueCounts) => fleets.reduce((total, counts) => total + counts[tier][what], 0);
    return { waiting: sum("waiting"), active: sum("active"), delayed: sum("delayed") };
  });
}
