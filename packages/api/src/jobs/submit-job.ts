import { assignTier, messageOf, type Routing, ruleFor, type Tier, within } from "@bee/core";
import {
  dueExpansions,
  ensureDomain,
  findRepeated,
  getJob,
  type InsertedJob,
  insertJob,
  type Job,
  type NewJob,
} from "@bee/store";
import type { Caller } from "../http/caller.ts";
import { requireRoom } from "../metrics/require-room.ts";
import type { Parts } from "../parts.ts";
import type { ValidJobRequest } from "./job-request.ts";
import { routeJob } from "./route-job.ts";
import type { Target } from "./target.ts";

/** A caller does not wait longer than this for Redis. */
const ENQUEUE_MS = 1_000;

export interface Submission {
  readonly caller: Caller;
  readonly request: ValidJobRequest;
  readonly target: Target;
  readonly idempotency: NewJob["idempotency"];
}

export interface Submitted {
  readonly job: Job;
  /** Whether an earlier request with the same idempotency key had made the job. */
  readonly replayed: boolean;
  /** Of the day's quota at least; null where there is none. */
  readonly pagesLeft: number | null;
}

/**
 * Accepts a job. It is accepted once its row is committed: the queue only makes it start at once, and where Redis is
 * away the leader's reconciler puts it there later.
 * @throws BeeError `invalid-request` when no worker lives in the region asked for.
 */
export async function submitJob(parts: Parts, submission: Submission): Promise<Submitted> {
  const { db, config, pressure } = parts;
  const { caller, request, target, idempotency } = submission;
  // It is what it was, whatever has become of its region since.
  const repeated = await findRepeated(db, { keyId: caller.id, idempotency });
  if (repeated !== undefined) return { job: (await getJob(db, repeated))!, replayed: true, pagesLeft: null };
  const { domain } = target;
  const { maxPages, priority, region } = request;
  const tier = assignTier({ domain, plan: caller.plan, maxPages, priority });
  await requireRoom(pressure, tier);
  const routing = await routeJob(parts, { asked: region, domain, tier, maxPages });
  const domainId = await ensureDomain(db, domain, ruleFor(domain, config.rules));
  const job = toNewJob(submission, { domainId, tier, routing });
  const inserted = await insertJob(db, job, config.pagesPerDay[caller.plan]);
  const [stored] = await Promise.all([getJob(db, inserted.id), enqueue(parts, inserted, domainId)]);
  return { job: stored!, replayed: !inserted.created, pagesLeft: inserted.pagesLeft };
}

function toNewJob(
  { caller, request, target, idempotency }: Submission,
  { domainId, tier, routing }: { domainId: number; tier: Tier; routing: Routing },
): NewJob {
  const { maxPages, useSitemap, followLinks, include, exclude, verify } = request;
  return {
    keyId: caller.id,
    url: target.url,
    domainId,
    tier,
    region: routing.region,
    workerClass: routing.workerClass,
    routing: routing.reason,
    options: { maxPages, useSitemap, followLinks, include, exclude, verify },
    webhookUrl: target.webhookUrl,
    idempotency,
  };
}

/** Puts the expansion into the queue whose turn it is at the domain: this job's, or that of one before it. */
async function enqueue(
  { db, queues, log }: Parts,
  { id, created }: InsertedJob,
  domainId: number,
): Promise<void> {
  if (!created) return;
  try {
    await within(ENQUEUE_MS, "Redis", queues.addExpansions(await dueExpansions(db, [domainId])));
  } catch (error) {
    log.warn("a job was stored but not queued; the reconciler will queue it", {
      job: id,
      error: messageOf(error),
    });
  }
}
