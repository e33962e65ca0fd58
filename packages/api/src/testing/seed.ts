import type { Settlement } from "@bee/core";
import { addPages, beginExpansion, type Database, finishExpansion, type Release, settle } from "@bee/store";

/** How a page of a test ends: its settlement, or the robots.txt rule that forbids it. */
export type Fate = Settlement | { readonly type: "disallowed"; readonly rule: string };

export const seen = (more: Partial<Extract<Settlement, { type: "done" }>["seen"]> = {}) => ({
  status: 200,
  ttfbMs: 120,
  bytes: 1_000,
  edge: "syd",
  redirects: [],
  ...more,
});

type Done = Extract<Settlement, { type: "done" }>;

export const done = (more: Partial<Done> = {}): Done => ({
  type: "done",
  outcome: "ok",
  cache: "already-warm",
  reason: null,
  seen: seen(),
  ...more,
});

export const disallowed = (rule: string): Fate => ({ type: "disallowed", rule });

/** Carries a job through to its end as workers would, each page to its fate, by URL. */
export async function finishJob(
  db: Database,
  job: { readonly id: string; readonly domain: string },
  fates: Readonly<Record<string, Fate>>,
): Promise<void> {
  await beginExpansion(db, job.id);
  const { release } = await addPages(
    db,
    job.id,
    job.domain,
    Object.entries(fates).map(([url, fate]) => ({
      url,
      foundOn: `https://${job.domain}/sitemap.xml`,
      disallowedBy: fate.type === "disallowed" ? fate.rule : null,
    })),
  );
  await settleAll(db, release, fates);
  await finishExpansion(db, job.id, job.domain, ["one sitemap was cut short"]);
}

/** Each settled batch releases the next pages, until none is left. */
async function settleAll(db: Database, first: Release, fates: Readonly<Record<string, Fate>>): Promise<void> {
  for (let visits = first.visits; visits.length > 0; ) {
    const batch = visits.map(({ task }) => ({
      ...task,
      inTime: true,
      settlement: fates[task.url] as Settlement,
    }));
    visits = (await settle(db, batch)).release.visits;
  }
}
