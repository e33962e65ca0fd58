import { CACHE_RESULTS, type CacheResult, OUTCOMES, type Outcome } from "@bee/core";
import type { Page } from "@bee/store";
import type { JobView } from "../jobs/job-view.ts";
import { FirstFew, LIST_LIMIT } from "./first-few.ts";
import { type ReasonGroup, ReasonGroups } from "./reason-groups.ts";
import { type Saved, Savings } from "./savings.ts";
import { SLOW_MS, type SlowPage, SlowPages } from "./slow-pages.ts";

/** A page in a list of the report, with what a reader needs to act on it. */
export interface Finding {
  readonly url: string;
  readonly status: number | null;
  readonly reason: string | null;
  readonly foundOn: string | null;
}

export interface Summary {
  readonly pages: number;
  /** Pages whose health is known: they answered for themselves, well or badly. */
  readonly checked: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly cache: Readonly<Record<CacheResult, number>>;
  readonly redirected: number;
  readonly slow: number;
  readonly slowAboveMs: number;
  /** Lists hold no more entries than this; the counts here and the CSV know all pages. */
  readonly listLimit: number;
}

export interface Report {
  readonly job: JobView;
  /** In one line, with what could not be checked: silence would read as health. */
  readonly headline: string;
  readonly summary: Summary;
  readonly broken: readonly Finding[];
  readonly blocked: readonly Finding[];
  readonly unreachable: readonly Finding[];
  readonly redirects: readonly { readonly url: string; readonly redirects: readonly string[] }[];
  readonly slow: readonly SlowPage[];
  readonly uncacheable: readonly ReasonGroup[];
  readonly unproven: readonly Finding[];
  readonly disallowed: readonly Finding[];
  readonly warmed: Saved;
  readonly warnings: readonly string[];
}

/** Builds a job's report from its pages, in memory that does not grow with their number. */
export async function buildReport(job: JobView, pages: AsyncIterable<Page>): Promise<Report> {
  const findings = new Findings();
  for await (const page of pages) findings.add(page);
  const { summary, lists } = findings;
  const { blocked, unreachable } = summary.outcomes;
  return {
    job,
    headline: `checked ${summary.checked} of ${summary.pages}; ${blocked} blocked; ${unreachable} not reachable`,
    summary,
    ...lists,
    warnings: job.warnings,
  };
}

class Findings {
  #pages = 0;
  readonly #outcomes = zeros(OUTCOMES);
  readonly #cache = zeros(CACHE_RESULTS);
  readonly #listed = {
    broken: new FirstFew<Finding>(),
    blocked: new FirstFew<Finding>(),
    unreachable: new FirstFew<Finding>(),
    disallowed: new FirstFew<Finding>(),
  };
  readonly #redirects = new FirstFew<{ url: string; redirects: readonly string[] }>();
  readonly #slow = new SlowPages();
  readonly #unproven = new FirstFew<Finding>();
  readonly #uncacheable = new ReasonGroups();
  readonly #savings = new Savings();

  add(page: Page): void {
    this.#pages += 1;
    if (page.outcome === null) return;
    this.#outcomes[page.outcome] += 1;
    // As in a job's summary: of a page that is not ok, the cache in front of it says nothing.
    if (page.outcome === "ok") this.#cache[page.cache ?? "none"] += 1;
    if (isListed(page.outcome)) this.#listed[page.outcome].add(toFinding(page));
    if (page.redirects.length > 0) this.#redirects.add({ url: page.url, redirects: page.redirects });
    if (page.outcome === "ok" && page.cache === "unproven") this.#unproven.add(toFinding(page));
    if (page.cache === "uncacheable") this.#uncacheable.add(page);
    if (page.cache === "warmed") this.#savings.add(page);
    this.#slow.add(page);
  }

  get summary(): Summary {
    return {
      pages: this.#pages,
      checked: this.#outcomes.ok + this.#outcomes.broken,
      outcomes: this.#outcomes,
      cache: this.#cache,
      redirected: this.#redirects.count,
      slow: this.#slow.count,
      slowAboveMs: SLOW_MS,
      listLimit: LIST_LIMIT,
    };
  }

  get lists() {
    const { broken, blocked, unreachable, disallowed } = this.#listed;
    return {
      broken: broken.entries,
      blocked: blocked.entries,
      unreachable: unreachable.entries,
      redirects: this.#redirects.entries,
      slow: this.#slow.entries,
      uncacheable: this.#uncacheable.entries,
      unproven: this.#unproven.entries,
      disallowed: disallowed.entries,
      warmed: this.#savings.saved,
    };
  }
}

const LISTED = ["broken", "blocked", "unreachable", "disallowed"] as const;

function isListed(outcome: Outcome): outcome is (typeof LISTED)[number] {
  return LISTED.some((listed) => listed === outcome);
}

function toFinding({ url, status, reason, foundOn }: Page): Finding {
  return { url, status, reason, foundOn };
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}
