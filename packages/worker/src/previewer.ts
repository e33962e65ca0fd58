import { isStoreAway, type Log, messageOf, NOTHING_KNOWN, type PreviewTask, type SiteSeen } from "@bee/core";
import { type Admit, type HttpClient, politeGet, readSitemaps } from "@bee/crawl";
import { DomainClosedError, isPreviewWanted, type Redis, tellPreview } from "@bee/queue";
import { type Database, readRule } from "@bee/store";
import type { Admission } from "./admission.ts";
import { unlessHeldBack } from "./held-back-error.ts";
import { PageSieve } from "./page-sieve.ts";
import { DomainPausedError } from "./paused-domains.ts";
import type { RobotsBook } from "./robots-book.ts";
import { siteFailure } from "./site-failure.ts";

export interface PreviewerOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly client: HttpClient;
  readonly admission: Admission;
  readonly robots: RobotsBook;
  readonly log: Log;
}

/** A person waits: what was not read by then is told as "at least". Below the patience of who asked. */
const PREVIEW_MS = 12_000;
/** URLs that are held to know one from the other, some 20 MB. */
const MOST_URLS = 100_000;
const TELL_EVERY_MS = 500;
const MOST_WARNINGS = 10;

/**
 * Reads a site's robots.txt and sitemaps as a job would, through the same gate, and only counts what it finds. It has a
 * slot like every visit, and a bound in time and memory.
 */
export class Previewer {
  readonly #options: PreviewerOptions;

  constructor(options: PreviewerOptions) {
    this.#options = options;
  }

  async preview(task: PreviewTask, signal: AbortSignal): Promise<"done" | "put-back"> {
    const { redis } = this.#options;
    if (!(await isPreviewWanted(redis, task.preview))) return "done";
    const look = new Look(this.#options, task, AbortSignal.any([signal, AbortSignal.timeout(PREVIEW_MS)]));
    const telling = setInterval(() => {
      tellPreview(redis, task.preview, look.seen, false).catch(() => {});
    }, TELL_EVERY_MS);
    try {
      await look.run();
    } finally {
      clearInterval(telling);
    }
    if (signal.aborted) return "put-back";
    await tellPreview(redis, task.preview, look.seen, true);
    return "done";
  }
}

/** One look at one site. */
class Look {
  seen: SiteSeen = NOTHING_KNOWN;
  readonly #options: PreviewerOptions;
  readonly #task: PreviewTask;
  readonly #signal: AbortSignal;
  readonly #urls = new Set<string>();
  readonly #warnings: string[] = [];

  constructor(options: PreviewerOptions, task: PreviewTask, signal: AbortSignal) {
    this.#options = options;
    this.#task = task;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    try {
      await this.#look();
    } catch (error) {
      if (isStoreAway(error)) throw error;
      this.seen = { ...this.seen, complete: false, problem: this.#problemOf(error) };
    }
  }

  async #look(): Promise<void> {
    const { robots } = this.#options;
    const { domain, options, url } = this.#task;
    const { origin } = new URL(url);
    const { record, rules, sitemaps: named } = await robots.of(origin, await this.#admit(), this.#signal);
    const roots = named.length > 0 ? named : [new URL("/sitemap.xml", url).href];
    const sitemaps = options.useSitemap ? roots : [];
    this.seen = { ...this.seen, robots: { status: record.status, crawlDelay: rules.crawlDelay, sitemaps } };
    if (record.status === "unreachable") {
      this.seen = { ...this.seen, complete: true, problem: `The job would fail: ${siteFailure(record)}.` };
      return;
    }
    const sieve = new PageSieve({ domain, options, origin, rules });
    this.#take(sieve, url, null);
    if (options.useSitemap) await this.#readSitemaps(sieve, sitemaps, named.length > 0);
    this.seen = { ...this.seen, complete: !this.#signal.aborted && this.#urls.size < MOST_URLS };
    if (this.#signal.aborted) this.seen = { ...this.seen, problem: LATE };
  }

  /** Under the rule in force now: after robots.txt was read it may be a slower one. */
  async #admit(): Promise<Admit> {
    const { db, admission } = this.#options;
    const { domain, preview } = this.#task;
    const rule = await readRule(db, domain);
    if (rule === undefined) throw new Error(`expected a rule of ${domain}, got none`);
    return unlessHeldBack(admission.for(domain, rule, { job: preview, signal: this.#signal }), domain);
  }

  async #readSitemaps(sieve: PageSieve, roots: readonly string[], isNamed: boolean): Promise<void> {
    const { client, robots } = this.#options;
    const admit = await this.#admit();
    const batches = readSitemaps({
      get: politeGet(client, admit),
      roots,
      domain: this.#task.domain,
      allowed: async ({ origin, pathname, search }, hop) => {
        if (isNamed && hop === 0) return { allowed: true, rule: null, reason: null };
        const { rules } = await robots.of(origin, admit, this.#signal);
        return rules.check(pathname + search);
      },
      signal: this.#signal,
      warn: ({ sitemap, message, missing }) => {
        if (!missing || isNamed) this.#warnings.push(`${sitemap}: ${message}`);
      },
    });
    for await (const batch of batches) {
      for (const { loc, sitemap } of batch) this.#take(sieve, loc, sitemap);
      if (this.#signal.aborted || this.#urls.size >= MOST_URLS) break;
    }
  }

  #take(sieve: PageSieve, loc: string, sitemap: string | null): void {
    const { pages } = this.seen;
    let { toVisit, disallowed, overCap } = pages;
    const { maxPages } = this.#task.options;
    for (const { url, disallowedBy } of sieve.take(loc, sitemap ?? loc, sitemap)) {
      if (this.#urls.has(url)) continue;
      this.#urls.add(url);
      if (this.#urls.size > maxPages) overCap += 1;
      else if (disallowedBy !== null) disallowed += 1;
      else toVisit += 1;
    }
    const listed = pages.listed + (sitemap === null ? 0 : 1);
    const { filtered, foreign } = sieve;
    const warnings = this.#warnings.slice(0, MOST_WARNINGS);
    this.seen = {
      ...this.seen,
      pages: { listed, toVisit, disallowed, overCap, filtered, foreign },
      warnings,
    };
  }

  #problemOf(error: unknown): string {
    if (error instanceof DomainPausedError) return "An operator has paused the domain: the job would wait.";
    if (error instanceof DomainClosedError)
      return `The domain gets no requests at the moment (${error.because}): the job would wait.`;
    if (this.#signal.aborted) return LATE;
    this.#options.log.warn("a site could not be looked at", {
      domain: this.#task.domain,
      error: messageOf(error),
    });
    return `Its pages could not be found out: ${messageOf(error)}`;
  }
}

const LATE = "There was no time to read everything: the domain is slow, or its sitemaps are large.";
