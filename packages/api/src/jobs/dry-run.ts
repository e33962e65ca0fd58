import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  assignTier,
  etaSeconds,
  type Fleet,
  type JobOptions,
  NOTHING_KNOWN,
  type Pace,
  PREVIEW_PATIENCE_MS,
  paceOf,
  type RuleSource,
  ruleFor,
  type SiteSeen,
  type Tier,
  within,
} from "@bee/core";
import { askForPreview, dropPreview, readPreview, workersOf } from "@bee/queue";
import { type Domain, ensureDomain, getDomain, listDomainJobs, NO_OUTLOOK } from "@bee/store";
import type { Caller } from "../http/caller.ts";
import type { Parts } from "../parts.ts";
import { routeJob } from "./route-job.ts";
import type { Submission } from "./submit-job.ts";

/** What would become of a job, if it were submitted. */
export interface DryRunView extends SiteSeen {
  readonly dryRun: true;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly options: JobOptions;
  /** In force now, and where the domain's own rule came from. */
  readonly pace: Pace & { readonly source: RuleSource };
  /** Other jobs that pass the same gate, and their pages without an outcome. */
  readonly ahead: { readonly jobs: number; readonly pages: number };
  /** At most, robots.txt and sitemaps left out. */
  readonly requests: number;
  /** Null where nothing was found that could take time. */
  readonly estimatedSeconds: number | null;
}

const REDIS_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** Says what a job would do. A worker looks at the site for it, through the domain's gate; nothing is visited or stored. */
export async function dryRun(parts: Parts, { caller, request, target }: Submission): Promise<DryRunView> {
  const { db, config } = parts;
  const { url, domain: name } = target;
  const { maxPages, useSitemap, followLinks, include, exclude, verify } = request;
  const options: JobOptions = { maxPages, useSitemap, followLinks, include, exclude, verify };
  const tier = assignTier({ domain: name, plan: caller.plan, maxPages, priority: request.priority });
  const fleet = await routeJob(parts, { asked: request.region, domain: name, tier, maxPages });
  const domainId = await ensureDomain(db, name, ruleFor(name, config.rules));
  const seen = await look(parts, { url, domain: name, options, tier, fleet });
  // Afterwards: its robots.txt may have slowed it.
  const domain = (await getDomain(db, name))!;
  const others = await listDomainJobs(db, [domainId]);
  const pace = paceFor(domain, caller);
  const proves = verify === "all";
  const estimatedSeconds = etaSeconds({
    job: { tier, proves, open: seen.pages.toVisit, begun: 0, finished: 0, visits: 0 },
    others: others.map((other) => ({ ...other, begun: 0 })),
    answers: NO_OUTLOOK.answers,
    rule: pace,
    wayBack: [],
    closedForMs: Math.max(0, (domain.closed?.until.getTime() ?? 0) - Date.now()),
    nextInMs: 0,
    released: 0,
    dueInMs: 0,
  });
  return {
    ...{ dryRun: true, url, domain: name, tier, options },
    ...seen,
    problem:
      domain.pausedAt === null ? seen.problem : "An operator has paused the domain: the job would wait.",
    pace: { ...pace, source: domain.rule.source },
    ahead: { jobs: others.length, pages: others.reduce((sum, { open }) => sum + open, 0) },
    requests: seen.pages.toVisit * (proves ? 2 : 1),
    estimatedSeconds: seen.pages.toVisit === 0 ? null : estimatedSeconds,
  };
}

/** The pace of a job of this caller: a premium one doubles the rule, where nothing holds it below that. */
function paceFor({ pace, rule, crawlDelay }: Domain, { plan }: Caller): Pace {
  const isDoubled = plan === "premium" && pace.reasons.length === 0;
  return isDoubled ? paceOf(rule, { premium: true, crawlDelay }) : pace;
}

/** Has a worker look, and takes what it has seen when the patience ends. */
async function look(
  { redis, queues, registry }: Parts,
  { tier, fleet, ...site }: { url: string; domain: string; options: JobOptions; tier: Tier; fleet: Fleet },
): Promise<SiteSeen> {
  const workers = workersOf(fleet, await within(REDIS_MS, "Redis", registry.list()));
  if (workers.length === 0)
    return { ...NOTHING_KNOWN, problem: "No worker lives that could look at the site." };
  const preview = randomUUID();
  await within(REDIS_MS, "Redis", askForPreview(redis, preview));
  // Somebody waits for it, so it is never bulk.
  const asked = queues.of(fleet).addPreview({ preview, ...site }, tier === "low" ? "normal" : tier);
  await within(REDIS_MS, "Redis", asked);
  const deadline = performance.now() + PREVIEW_PATIENCE_MS;
  let seen: SiteSeen = NOTHING_KNOWN;
  try {
    while (performance.now() < deadline) {
      await delay(LOOK_EVERY_MS);
      const kept = await within(REDIS_MS, "Redis", readPreview(redis, preview));
      if (kept === null) break;
      if (kept.done) return kept.seen;
      seen = kept.seen;
    }
  } finally {
    await dropPreview(redis, preview).catch(() => {});
  }
  const problem =
    seen.robots === null
      ? "No worker had the time to look at the site."
      : "There was no time to read everything.";
  return { ...seen, complete: false, problem };
}
