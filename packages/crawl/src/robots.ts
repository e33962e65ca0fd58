import { setImmediate as nextTurn } from "node:timers/promises";
import { type RobotsLine, robotsLines } from "./robots-line.ts";
import { normalizePath } from "./robots-pattern.ts";
import { MAX_TRIED, RobotsRuleIndex, TOO_MANY } from "./robots-rule-index.ts";

/** The line of robots.txt that decided, for reports. */
export interface RobotsRule {
  readonly line: number;
  readonly text: string;
}

export interface RobotsVerdict {
  readonly allowed: boolean;
  readonly rule: RobotsRule | null;
  /** Why not, in one sentence; null when allowed. */
  readonly reason: string | null;
}

/** What a robots.txt means for one crawler. */
export interface RobotsRules {
  /** @param path path and query of a URL, as `pathname + search`. */
  check(path: string): RobotsVerdict;
  /** Seconds between requests that the site asks for; null when it does not. */
  readonly crawlDelay: number | null;
}

export interface RobotsFile {
  /** Values of all Sitemap lines, wherever they stand. */
  readonly sitemaps: readonly string[];
  readonly rules: RobotsRules;
}

/** RFC 9309 section 2.5 asks for at least 500 KiB; what follows is not read. */
export const MAX_ROBOTS_BYTES = 500 * 1024;

/** Of rules there is no such limit: leaving one out would mean to fetch what it forbids. */
const MAX_SITEMAPS = 1_000;

/** Lines parsed at once, two milliseconds' worth. */
const SLICE = 1_024;

const ALLOWED: RobotsVerdict = Object.freeze({ allowed: true, rule: null, reason: null });

/**
 * Parses whatever can be parsed: a file that is HTML has no rules and forbids nothing.
 * @param productToken the name alone, such as `BlueBandedBee`: not the whole User-Agent header.
 */
export function parseRobots(text: string, productToken: string): RobotsFile {
  const reading = new RobotsReading(productToken);
  for (const line of robotsLines(readable(text))) reading.take(line);
  return reading;
}

/** The same in slices: half a megabyte takes 60 ms, for which a worker's other visits would have to stand still. */
export async function parseRobotsInSlices(text: string, productToken: string): Promise<RobotsFile> {
  const reading = new RobotsReading(productToken);
  let taken = 0;
  for (const line of robotsLines(readable(text))) {
    reading.take(line);
    taken += 1;
    if (taken % SLICE === 0) await nextTurn();
  }
  return reading;
}

function readable(text: string): string {
  return text.length > MAX_ROBOTS_BYTES ? wholeLines(text) : text;
}

/** A text that was cut, without the line that was cut in two: half of `Disallow: /admin` forbids the whole site. */
export function wholeLines(text: string): string {
  const part = text.slice(0, MAX_ROBOTS_BYTES);
  return part.slice(0, Math.max(part.lastIndexOf("\n"), part.lastIndexOf("\r")) + 1);
}

/** What has been read of a file for one crawler: its own groups, which are one (section 2.2.1), and those of "*". */
class RobotsReading implements RobotsFile {
  readonly sitemaps: string[] = [];
  readonly #token: string;
  readonly #own = new GroupRules();
  readonly #all = new GroupRules();
  #hasOwn = false;
  /** Whom the group at hand is for. */
  #group: readonly GroupRules[] = [];
  /** Whether the next User-agent line belongs to the group before it. Only Allow and Disallow end the list of names. */
  #naming = false;

  constructor(productToken: string) {
    this.#token = productToken.toLowerCase();
  }

  /** The group of "*" holds only where the crawler has none of its own. */
  get rules(): RobotsRules {
    return this.#hasOwn ? this.#own : this.#all;
  }

  take(line: RobotsLine | null): void {
    if (line === null) return;
    const { field, value } = line;
    if (field === "user-agent") {
      this.#name(agentOf(value));
    } else if (field === "sitemap") {
      if (this.sitemaps.length < MAX_SITEMAPS && value !== "") this.sitemaps.push(value);
    } else if (field === "crawl-delay") {
      for (const rules of this.#group) rules.delay(seconds(value));
    } else if (field !== "other") {
      this.#naming = false;
      if (value !== "") for (const rules of this.#group) rules.add(line);
    }
  }

  #name(agent: string): void {
    const named = agent === "*" ? this.#all : agent === this.#token ? this.#own : null;
    if (!this.#naming) this.#group = [];
    this.#naming = true;
    if (named === this.#own) this.#hasOwn = true;
    if (named !== null && !this.#group.includes(named)) this.#group = [...this.#group, named];
  }
}

/** `BlueBandedBee/1.0 (mirror)` names `bluebandedbee`: a product token has letters, `_` and `-` (section 2.2.1). */
function agentOf(value: string): string {
  return /^\*(?:\s|$)/.test(value) ? "*" : /^[A-Za-z_-]*/.exec(value)![0].toLowerCase();
}

/** One page a day is as slow as anybody means; a timer of more than 24.8 days fires at once. */
const MAX_CRAWL_DELAY = 86_400;

/** Crawl-delay is no part of the RFC and comes in all shapes: `Infinity`, `-1` and `5s` ask for nothing we could obey. */
function seconds(value: string): number | null {
  return /^\d+(?:\.\d+)?$/.test(value) ? Math.min(Number(value), MAX_CRAWL_DELAY) : null;
}

class GroupRules implements RobotsRules {
  crawlDelay: number | null = null;
  readonly #index = new RobotsRuleIndex();

  add(line: RobotsLine): void {
    this.#index.add(line);
  }

  /** Of several the longest is meant. */
  delay(asked: number | null): void {
    if (asked !== null) this.crawlDelay = Math.max(this.crawlDelay ?? 0, asked);
  }

  check(path: string): RobotsVerdict {
    // Section 2.2.2: the file itself may always be read.
    if (path === "/robots.txt") return ALLOWED;
    const decisive = this.#index.decisive(normalizePath(path));
    if (decisive === undefined) return ALLOWED;
    if (decisive === TOO_MANY) return UNJUDGED;
    const { field, number: line, text } = decisive.line;
    const allowed = field === "allow";
    return { allowed, rule: { line, text }, reason: allowed ? null : `robots.txt line ${line}: ${text}` };
  }
}

/** To fetch what may be forbidden is worse than to leave out what may be allowed. */
const UNJUDGED: RobotsVerdict = Object.freeze({
  allowed: false,
  rule: null,
  reason: `robots.txt has more than ${MAX_TRIED} rules with wildcards that may be meant, so nobody can say`,
});
