import { setImmediate as nextTurn } from "node:timers/promises";
import type { Log, RuleInForce } from "@bee/core";
import { type Admit, type HttpClient, politeGet, readSitemaps, type SitemapEntry } from "@bee/crawl";
import {
  addPages,
  type Database,
  type FoundPage,
  failJob,
  finishExpansion,
  getJob,
  type Job,
  keepTurns,
  type Release,
} from "@bee/store";
import type { Admission } from "./admission.ts";
import { leftOutWarnings, noSitemapPages } from "./expansion-warnings.ts";
import { unlessHeldBack } from "./held-back-error.ts";
import { PageSieve } from "./page-sieve.ts";
import type { RobotsBook } from "./robots-book.ts";
import { siteFailure } from "./site-failure.ts";

export interface ExpansionOptions {
  readonly db: Database;
  readonly client: HttpClient;
  readonly admission: Admission;
  readonly robots: RobotsBook;
  readonly dispatch: (release: Release) => Promise<void>;
  readonly log: Log;
}

/** The event loop stands still for no longer while the pages of a sitemap are judged. */
const SLICE_MS = 10;

const INVITED = { allowed: true, rule: null, reason: null };

/** Warnings of one job: enough to see what is wrong with its sitemaps. */
const MAX_WARNINGS = 100;

/** One run of one job's expansion: robots.txt, the home page, then the sitemaps while they stream in. */
export class Expansion {
  readonly #options: ExpansionOptions;
  readonly #job: Job;
  readonly #signal: AbortSignal;
  readonly #warnings: string[] = [];
  /** In force when the domain was looked at last: what robots.txt asks for may have made it slower. */
  #rule: RuleInForce;
  #asked = 0;
  #added = 0;
  #listed = 0;
  #overCap = 0;
  #homeDisallowed = false;

  constructor(options: ExpansionOptions, job: Job, signal: AbortSignal) {
    this.#options = options;
    this.#job = job;
    this.#rule = { rule: job.rule, revision: job.ruleRevision };
    this.#signal = signal;
  }

  /** Of the rule that its requests are made under. */
  get revision(): number {
    return this.#rule.revision;
  }

  /** Whether a request was made. */
  get hasAsked(): boolean {
    return this.#asked > 0;
  }

  /** It asked, and found no page that an earlier run had not found. */
  get isStuck(): boolean {
    return this.hasAsked && this.#added === 0;
  }

  async run(): Promise<void> {
    const { db, robots, dispatch } = this.#options;
    const { domain, options, url } = this.#job;
    const { origin } = new URL(url);
    const { record, rules, sitemaps } = await robots.of(origin, this.#admit(), this.#signal);
    if (record.status === "unreachable") return this.fail(siteFailure(record));
    // Of a slow domain the sitemaps have the first turns: a page must not wait behind them in a slot.
    const isSlow = (rules.crawlDelay ?? this.#job.crawlDelay) !== null;
    if (options.useSitemap && isSlow) await keepTurns(db, domain, Math.max(1, sitemaps.length));
    const sieve = new PageSieve({ domain, options, origin, rules });
    const home = sieve.take(url, url, null);
    this.#homeDisallowed = home.some(({ disallowedBy }) => disallowedBy !== null);
    await this.#add(home);
    if (options.useSitemap) await this.#readSitemaps(sitemaps, sieve);
    if (this.#signal.aborted) return;
    await dispatch(await finishExpansion(db, this.#job.id, domain, this.#allWarnings(sieve)));
  }

  #admit(): Admit {
    const { id, domain } = this.#job;
    const admit = this.#options.admission.for(domain, this.#rule, { job: id, signal: this.#signal });
    const counted: Admit = (url, request) =>
      admit(url, () => {
        this.#asked += 1;
        return request();
      });
    return unlessHeldBack(counted, domain);
  }

  async #readSitemaps(named: readonly string[], sieve: PageSieve): Promise<void> {
    const admit = this.#admit();
    const roots = named.length > 0 ? named : [new URL("/sitemap.xml", this.#job.url).href];
    const problems: string[] = [];
    let isThere = true;
    const batches = readSitemaps({
      get: politeGet(this.#options.client, admit),
      roots,
      domain: this.#job.domain,
      // To name a sitemap in robots.txt is to invite its reading, and that of those it lists. Nothing else is invited.
      allowed: async ({ origin, pathname, search }, hop) => {
        if (named.length > 0 && hop === 0) return INVITED;
        const { rules } = await this.#options.robots.of(origin, admit, this.#signal);
        return rules.check(pathname + search);
      },
      signal: this.#signal,
      warn: ({ sitemap, message, missing }) => {
        // A sitemap that nobody named and that is not there is no problem of that sitemap.
        if (missing && named.length === 0) isThere = false;
        else problems.push(`${sitemap}: ${message}`);
      },
    });
    // One batch is inserted while the next one is read.
    let adding = Promise.resolve();
    for await (const batch of batches) {
      const pages = await this.#sift(batch, sieve);
      await adding;
      if (this.#signal.aborted || this.#overCap > 0) break;
      this.#listed += batch.length;
      adding = this.#add(pages);
      adding.catch(() => {}); // thrown where it is awaited
    }
    await adding;
    this.#warnings.push(...problems);
    if (this.#listed > 0) return;
    const seen = { named: named.length, problems: problems.length, isThere };
    const left = { homeDisallowed: this.#homeDisallowed, followLinks: this.#job.options.followLinks };
    this.#warnings.push(noSitemapPages(seen, left));
  }

  /** In slices: with a hostile robots.txt a check takes 5 ms, and a batch has a thousand. */
  async #sift(batch: readonly SitemapEntry[], sieve: PageSieve): Promise<FoundPage[]> {
    const pages: FoundPage[] = [];
    let sliceEnds = performance.now() + SLICE_MS;
    for (const { loc, sitemap } of batch) {
      pages.push(...sieve.take(loc, sitemap, sitemap));
      if (performance.now() < sliceEnds) continue;
      await nextTurn();
      sliceEnds = performance.now() + SLICE_MS;
    }
    return pages;
  }

  async #add(pages: readonly FoundPage[]): Promise<void> {
    if (pages.length === 0) return;
    const { db, dispatch } = this.#options;
    const { added, overCap, inForce, release } = await addPages(db, this.#job.id, this.#job.domain, pages);
    this.#added += added;
    this.#overCap += overCap;
    this.#rule = inForce;
    await dispatch(release);
  }

  #allWarnings({ foreign, filtered }: PageSieve): string[] {
    const { maxPages } = this.#job.options;
    const leftOut = leftOutWarnings({ foreign, filtered, overCap: this.#overCap, maxPages });
    return [...this.#warnings.slice(0, MAX_WARNINGS), ...leftOut];
  }

  /** Ends it with the pages it has; a job of which nothing could be found out fails. */
  async breakOff(reason: string): Promise<void> {
    const { db, dispatch } = this.#options;
    const { id, domain } = this.#job;
    if ((await getJob(db, id))?.counts.total === 0)
      return this.fail(`its pages cannot be found out: ${reason}`);
    const warning = `its sitemaps were not read to the end, so pages may be missing: ${reason}`;
    await dispatch(await finishExpansion(db, id, domain, [...this.#warnings, warning]));
  }

  async fail(reason: string): Promise<void> {
    const { db, dispatch, log } = this.#options;
    if (this.#signal.aborted) return;
    log.info("a job failed", { job: this.#job.id, domain: this.#job.domain, reason });
    await dispatch(await failJob(db, this.#job.id, this.#job.domain, reason));
  }
}
