/** What the tests of this package begin with. */
import {
  DEFAULT_RULE,
  type JobOptions,
  type RateRule,
  type Settlement,
  silentLog,
  type Tier,
  type VisitTask,
} from "@bee/core";
import { freshDatabase } from "@bee/testkit";
import { type Database, openDatabase } from "../database.ts";
import { ensureDomain } from "../domains.ts";
import { addPages, type FoundPage } from "../frontier.ts";
import { insertJob } from "../insert-job.ts";
import { beginExpansion, finishExpansion } from "../job-transitions.ts";
import { createKey } from "../keys.ts";
import type { SettleItem } from "../write-results.ts";

export const OPTIONS: JobOptions = {
  maxPages: 500,
  useSitemap: true,
  followLinks: false,
  include: [],
  exclude: [],
  verify: "all",
};

export async function openFixture(): Promise<{ db: Database; keyId: string; close: () => Promise<void> }> {
  const store = await freshDatabase();
  const db = openDatabase({ url: store.url, connections: 10, name: "test", log: silentLog });
  const { key } = await createKey(db, "tests", "standard");
  return {
    db,
    keyId: key.id,
    async close() {
      await db.destroy();
      await store.stop();
    },
  };
}

export interface JobSeed {
  readonly keyId: string;
  readonly domain?: string;
  readonly tier?: Tier;
  readonly rule?: RateRule;
  readonly options?: Partial<JobOptions>;
}

/** A job whose expansion has begun. */
export async function seedJob(db: Database, seed: JobSeed): Promise<string> {
  const { keyId, domain = "example.com", tier = "normal", rule = DEFAULT_RULE, options = {} } = seed;
  const domainId = await ensureDomain(db, domain, { ...rule, source: "default" });
  const { id } = await insertJob(db, {
    keyId,
    url: `https://${domain}/`,
    domainId,
    tier,
    region: "default",
    options: { ...OPTIONS, ...options },
    webhookUrl: null,
    idempotency: null,
  });
  await beginExpansion(db, id);
  return id;
}

/** A running job of so many pages, and the tasks of those that are released: of a new domain, one. */
export async function startJob(
  db: Database,
  seed: JobSeed & { readonly domain: string; readonly pages: number },
): Promise<{ job: string; tasks: VisitTask[] }> {
  const { domain, pages } = seed;
  const job = await seedJob(db, seed);
  const { release } = await addPages(db, job, domain, found(pages, `https://${domain}/`));
  await finishExpansion(db, job, domain, []);
  return { job, tasks: release.visits.map(({ task }) => task) };
}

/** What a worker that was in time has to say of its task. */
export function resultOf(
  { page, lease, domain, ruleRevision }: VisitTask,
  settlement: Settlement = OK,
): SettleItem {
  return { page, lease, domain, ruleRevision, inTime: true, settlement };
}

export function found(count: number, prefix = "https://example.com/page-"): FoundPage[] {
  return Array.from({ length: count }, (_, i) => ({
    url: `${prefix}${i}`,
    foundOn: null,
    disallowedBy: null,
  }));
}

export const SEEN = { status: 200, ttfbMs: 120, bytes: 1_000, edge: "syd", redirects: [] };

export const OK: Settlement = {
  type: "done",
  outcome: "ok",
  cache: "already-warm",
  reason: null,
  seen: SEEN,
};
