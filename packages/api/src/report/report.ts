import { CACHE_RESULTS, type CacheResult, count, domainOf, OUTCOMES, type Outcome } from "@bee/core";
import type { Page } from "@bee/store";
import type { JobView } from "../jobs/job-view.ts";
import { type Compared, Comparison, type Earlier } from "./comparison.ts";
import { type Finding, FindingList, isFailure } from "./finding.ts";
import { type FirstByteStep, FirstBytes } from "./first-bytes.ts";
import { FirstFew, LIST_LIMIT } from "./first-few.ts";
import { headlineOf } from "./headline.ts";
import { type ReasonGroup, ReasonGroups } from "./reason-groups.ts";
import { type Saved, Savings } from "./savings.ts";
import { SLOW_MS, type SlowPage, SlowPages } from "./slow-pages.ts";

export interface Summary {
  readonly pages: number;
  /** Pages whose health is known: they answered for themselves, well or badly. */
  readonly checked: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly cache: Readonly<Record<CacheResult, number>>;
  /** Pages by the HTTP status of their last answer; those without an answer are not in it. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly redirected: number;
  /** Pages that lead to another domain, which is not followed: of what is there nothing is known. */
  readonly offDomain: number;
  readonly slow: number;
  readonly slowAboveMs: number;
  /** Lists hold no more entries than this; the counts here and the CSV know all pages. */
  readonly listLimit: number;
}

const LISTED = ["broken", "blocked", "unreachable", "disallowed"] as const;
type Listed = (typeof LISTED)[number] | "unproven";

type Findings = Readonly<Record<Listed, readonly Finding[]>>;

export interface Redirected {
  readonly url: string;
  readonly redirects: readonly string[];
  /** Whether the last of them is of another domain. */
  readonly offDomain: boolean;
}

export interface Report extends Findings {
  readonly job: JobView;
  /** In one line, with what could not be checked: silence would read as health. */
  readonly headline: string;
  readonly summary: Summary;
  /** Against the job before of the same site; null where there is none. */
  readonly compared: Compared | null;
  /** The causes of each list of findings, the most common first. */
  readonly causes: Readonly<Record<Listed, readonly ReasonGroup[]>>;
  readonly redirects: readonly Redirected[];
  readonly slow: readonly SlowPage[];
  readonly uncacheable: readonly ReasonGroup[];
  readonly warmed: Saved;
  /** How soon the first byte came of the pages that were proved warm, before and after. */
  readonly firstBytes: readonly FirstByteStep[];
  readonly warnings: readonly string[];
}

/**
 * Builds a job's report from its pages, in memory that does not grow with their number.
 * @param pleas how many visits the site answered with the wish for quiet.
 */
export async function buildReport(
  job: JobView,
  pages: AsyncIterable<Page>,
  earlier: Earlier | null,
  pleas = 0,
): Promise<Report> {
  const gathered = new Gathered(job);
  const comparison = earlier && new Comparison(earlier);
  for await (const page of pages) {
    gathered.add(page);
    comparison?.add(page);
  }
  const { summary, lists } = gathered;
  return {
    job,
    headline: headlineOf(summary.pages, summary.outcomes),
    summary,
    compared: comparison?.result ?? null,
    ...lists,
    warnings: [...gathered.warnings, ...pleasWarning(pleas), ...job.warnings],
  };
}

function pleasWarning(pleas: number): string[] {
  return pleas === 0 ? [] : [`the site asked for quiet in answer to ${count(pleas, "visit")}`];
}

class Gathered {
  readonly warnings: string[] = [];
  readonly #job: JobView;
  #pages = 0;
  #offDomain = 0;
  readonly #outcomes = zeros(OUTCOMES);
  readonly #cache = zeros(CACHE_RESULTS);
  readonly #statuses: Record<string, number> = {};
  readonly #listed = {
    broken: new FindingList(),
    blocked: new FindingList(),
    unreachable: new FindingList(),
    disallowed: new FindingList(),
    unproven: new FindingList(),
  };
  readonly #redirects = new FirstFew<Redirected>();
  readonly #slow = new SlowPages();
  readonly #uncacheable = new ReasonGroups();
  readonly #savings = new Savings();
  readonly #firstBytes = new FirstBytes();

  constructor(job: JobView) {
    this.#job = job;
  }

  add(page: Page): void {
    this.#pages += 1;
    const { outcome, status } = page;
    if (outcome === null) return;
    this.#outcomes[outcome] += 1;
    if (status !== null) this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    if (isFailure(outcome) || outcome === "disallowed") this.#listed[outcome].add(page);
    if (page.redirects.length > 0) this.#addRedirects(page);
    // As in a job's summary: of a page that is not ok, the cache in front of it says nothing.
    if (outcome === "ok") this.#addCache(page);
    this.#slow.add(page);
  }

  #addRedirects({ url, redirects }: Page): void {
    const target = redirects.at(-1)!;
    const offDomain = domainOf(URL.parse(target)?.hostname ?? "") !== this.#job.domain;
    this.#redirects.add({ url, redirects, offDomain });
    if (!offDomain) return;
    this.#offDomain += 1;
    if (url === this.#job.url) {
      this.warnings.push(`the home page leads to another domain (${target}): submit that`);
    }
  }

  #addCache(page: Page): void {
    const cache = page.cache ?? "none";
    this.#cache[cache] += 1;
    if (cache === "unproven") this.#listed.unproven.add(page);
    if (cache === "uncacheable") this.#uncacheable.add(page);
    if (cache !== "warmed") return;
    this.#savings.add(page);
    this.#firstBytes.add(page);
  }

  get summary(): Summary {
    return {
      pages: this.#pages,
      checked: this.#outcomes.ok + this.#outcomes.broken,
      outcomes: this.#outcomes,
      cache: this.#cache,
      statuses: this.#statuses,
      redirected: this.#redirects.count,
      offDomain: this.#offDomain,
      slow: this.#slow.count,
      slowAboveMs: SLOW_MS,
      listLimit: LIST_LIMIT,
    };
  }

  get lists() {
    const { broken, blocked, unreachable, disallowed, unproven } = this.#listed;
    return {
      causes: {
        broken: broken.causes,
        blocked: blocked.causes,
        unreachable: unreachable.causes,
        disallowed: disallowed.causes,
        unproven: unproven.causes,
      },
      broken: broken.entries,
      blocked: blocked.entries,
      unreachable: unreachable.entries,
      redirects: this.#redirects.entries,
      slow: this.#slow.entries,
      uncacheable: this.#uncacheable.entries,
      warmed: this.#savings.saved,
      firstBytes: this.#firstBytes.steps,
      disallowed: disallowed.entries,
      unproven: unproven.entries,
    };
  }
}

function zeros<K extends string>(names: readonly K[]): Record<K, number> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
}
