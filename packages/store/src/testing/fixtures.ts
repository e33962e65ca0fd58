/** What the tests of this package begin with. */
import {
  DEFAULT_RULE,
  type JobOptions,
  type RateRule,
  type Settlement,
  silentLog,
  type Tier,
} from "@bee/core";
import { freshDatabase } from "@bee/testkit";
import { type Database, openDatabase } from "../database.ts";
import { ensureDomain } from "../domains.ts";
import type { FoundPage } from "../frontier.ts";
import { beginExpansion } from "../job-transitions.ts";
import { insertJob } from "../jobs.ts";
import { createKey } from "../keys.ts";

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
