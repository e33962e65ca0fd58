import { canonicalUrl, domainOf, type ExpandTask, type Log, urlFilter } from "@bee/core";
import {
  type Admit,
  type HttpClient,
  politeGet,
  type RobotsRules,
  readSitemaps,
  sitemapsOf,
} from "@bee/crawl";
import {
  addPages,
  beginExpansion,
  type Database,
  type FoundPage,
  failJob,
  finishExpansion,
  getJob,
  type Job,
  type Release,
  readRule,
  setCrawlDelay,
} from "@bee/store";
import type { Admission } from "./admission.ts";
import type { EndedJobs } from "./ended-jobs.ts";
import type { RobotsBook } from "./robots-book.ts";

export interface ExpanderOptions {
  readonly db: Database;
  readonly client: HttpClient;
  readonly admission: Admission;
  readonly robots: RobotsBook;
  readonly endedJobs: EndedJobs;
  readonly dispatch: (release: Release) => Promise<void>;
  readonly log: Log;
}

/** Warnings of one job: enough to see what is wrong with its sitemaps. */
const MAX_WARNINGS = 100;

/** Fills a job's frontier: robots.txt, the home page, then the sitemaps while they stream in. */
export class Expander {
  readonly #options: ExpanderOptions;

  constructor(options: ExpanderOptions) {
    this.#options = options;
  }

  /**
   * Doing it twice is doing it once: each URL of a job has one row, so a task that is run again, after the death of
   * its worker, adds what was missing.
   */
  async expand(task: ExpandTask, signal: AbortSignal): Promise<"done" | "put-back"> {
    const { db } = this.#options;
    if (!(await beginExpansion(db, task.job))) return "done";
    const job = await getJob(db, task.job);
    if (job === undefined) return "done";
    const expansion = new Expansion(this.#options, job, signal);
    await expansion.run();
    return signal.aborted ? "put-back" : "done";
  }
}

/** One run of one job's expansion. */
class Expansion {
  readonly #options: ExpanderOptions;
  readonly #job: Job;
  readonly #signal: AbortSignal;
  readonly #warnings: string[] = [];
  readonly #wanted: (url: string) => boolean;
  #listed = 0;
  #filtered = 0;
  #foreign = 0;
  #overCap = 0;

  constructor(options: ExpanderOptions, job: Job, signal: AbortSignal) {
    this.#options = options;
    this.#job = job;
    this.#signal = signal;
    this.#wanted = urlFilter(job.options.include, job.options.exclude);
  }

  async run(): Promise<void> {
    const { db, robots, dispatch } = this.#options;
    const { domain, options, url } = this.#job;
    const admit = await this.#admit();
    const record = await robots.recordFor(new URL(url), admit);
    if (record.status === "unreachable") return this.#fail(`robots.txt cannot be read: ${record.reason}`);
    const rules = await robots.rulesFor(new URL(url), admit);
    await setCrawlDelay(db, domain, rules.crawlDelay);
    await this.#add([{ url, foundOn: null, disallowedBy: ruleAgainst(url, rules) }]);
    if (options.useSitemap) await this.#readSitemaps(sitemapsOf(record), rules, await this.#admit());
    if (this.#isOver()) return;
    await dispatch(await finishExpansion(db, this.#job.id, domain, this.#allWarnings()));
  }

  /** The rule is read anew after robots.txt, which may have slowed it. */
  async #admit(): Promise<Admit> {
    const { db, admission } = this.#options;
    const rule = await readRule(db, this.#job.domain);
    return admission.for(this.#job.domain, rule ?? { rule: this.#job.rule, revision: 0 });
  }

  async #readSitemaps(named: readonly string[], rules: RobotsRules, admit: Admit): Promise<void> {
    const { client } = this.#options;
    const roots = named.length > 0 ? named : [new URL("/sitemap.xml", this.#job.url).href];
    const problems: string[] = [];
    const batches = readSitemaps({
      get: politeGet(client, admit),
      roots,
      signal: this.#signal,
      warn: ({ sitemap, message }) => problems.push(`${sitemap}: ${message}`),
    });
    for await (const batch of batches) {
      if (this.#isOver() || this.#overCap > 0) break;
      this.#listed += batch.length;
      await this.#add(batch.flatMap(({ loc, sitemap }) => this.#toPage(loc, sitemap, rules)));
    }
    this.#reportSitemaps(named, problems);
  }

  #toPage(loc: string, sitemap: string, rules: RobotsRules): FoundPage[] {
    const url = canonicalUrl(loc, sitemap);
    if (url === null || domainOf(new URL(url).hostname) !== this.#job.domain) {
      this.#foreign += 1;
      return [];
    }
    if (!this.#wanted(url)) {
      this.#filtered += 1;
      return [];
    }
    return [{ url, foundOn: sitemap, disallowedBy: ruleAgainst(url, rules) }];
  }

  async #add(pages: readonly FoundPage[]): Promise<void> {
    if (pages.length === 0) return;
    const { db, dispatch } = this.#options;
    const { overCap, release } = await addPages(db, this.#job.id, this.#job.domain, pages);
    this.#overCap += overCap;
    await dispatch(release);
  }

  #reportSitemaps(named: readonly string[], problems: readonly string[]): void {
    if (this.#listed > 0 || named.length > 0) this.#warnings.push(...problems);
    if (this.#listed === 0) {
      const where =
        named.length > 0 ? "the sitemaps that robots.txt names list no page" : "no sitemap was found";
      this.#warnings.push(`${where}, so only the home page was checked`);
    }
  }

  #allWarnings(): string[] {
    const { maxPages } = this.#job.options;
    const counted: [number, string][] = [
      [this.#foreign, "sitemap entries are no pages of this domain and were left out"],
      [this.#filtered, "pages were left out by the include and exclude patterns"],
    ];
    return [
      ...this.#warnings.slice(0, MAX_WARNINGS),
      ...counted.filter(([count]) => count > 0).map(([count, text]) => `${count} ${text}`),
      ...(this.#overCap > 0
        ? [`the sitemaps list more than maxPages (${maxPages}) pages; the rest was left out`]
        : []),
    ];
  }

  /** The job was cancelled or the worker stops: what was added stays, and nothing more is needed. */
  #isOver(): boolean {
    return this.#signal.aborted || this.#options.endedJobs.has(this.#job.id);
  }

  async #fail(reason: string): Promise<void> {
    const { db, dispatch, log } = this.#options;
    if (this.#isOver()) return;
    log.info("a job failed", { job: this.#job.id, domain: this.#job.domain, reason });
    await dispatch(await failJob(db, this.#job.id, this.#job.domain, reason));
  }
}

function ruleAgainst(url: string, rules: RobotsRules): string | null {
  const { pathname, search } = new URL(url);
  const verdict = rules.check(pathname + search);
  return verdict.allowed ? null : (verdict.reason ?? "robots.txt says no");
}
