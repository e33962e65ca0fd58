import { type RobotsLine, robotsLines } from "./robots-line.ts";
import { normalizePath, RobotsPattern } from "./robots-pattern.ts";

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
  /** @param productToken the name alone, such as `BlueBandedBee`: not the whole User-Agent header. */
  group(productToken: string): RobotsRules;
}

/** RFC 9309 section 2.5 asks for at least 500 KiB; what follows is not read. */
export const MAX_ROBOTS_BYTES = 500 * 1024;

/** Of rules there is no such limit: leaving one out would mean to fetch what it forbids. */
const MAX_SITEMAPS = 1_000;

const ALLOWED: RobotsVerdict = Object.freeze({ allowed: true, rule: null, reason: null });

interface Group {
  readonly agents: string[];
  readonly rules: RobotsLine[];
  crawlDelay: number | null;
}

/** Parses whatever can be parsed: a file that is HTML has no rules and forbids nothing. */
export function parseRobots(text: string): RobotsFile {
  const { groups, sitemaps } = readGroups(text.length > MAX_ROBOTS_BYTES ? wholeLines(text) : text);
  return {
    sitemaps,
    group(productToken) {
      const token = productToken.toLowerCase();
      // All groups of a crawler are one (section 2.2.1); the groups of "*" hold only where it has none.
      const own = groups.filter(({ agents }) => agents.includes(token));
      const ours = own.length > 0 ? own : groups.filter(({ agents }) => agents.includes("*"));
      return new GroupRules(ours);
    },
  };
}

/** A text that was cut, without the line that was cut in two: half of `Disallow: /admin` forbids the whole site. */
export function wholeLines(text: string): string {
  const part = text.slice(0, MAX_ROBOTS_BYTES);
  return part.slice(0, Math.max(part.lastIndexOf("\n"), part.lastIndexOf("\r")) + 1);
}

function readGroups(text: string): { groups: Group[]; sitemaps: string[] } {
  const groups: Group[] = [];
  const sitemaps: string[] = [];
  /** Whether the next User-agent line belongs to the group before it. Only Allow and Disallow end the list of names. */
  let naming = false;
  for (const line of robotsLines(text)) {
    const group = groups.at(-1);
    if (line.field === "user-agent") {
      if (naming) group!.agents.push(agentOf(line.value));
      else groups.push({ agents: [agentOf(line.value)], rules: [], crawlDelay: null });
      naming = true;
    } else if (line.field === "sitemap") {
      if (sitemaps.length < MAX_SITEMAPS && line.value !== "") sitemaps.push(line.value);
    } else if (line.field === "crawl-delay") {
      if (group !== undefined) group.crawlDelay = longest(group.crawlDelay, seconds(line.value));
    } else if (line.field !== "other") {
      naming = false;
      if (group !== undefined && line.value !== "") group.rules.push(line);
    }
  }
  return { groups, sitemaps };
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

function longest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function strictness({ field }: RobotsLine): number {
  return field === "allow" ? 0 : 1;
}

class GroupRules implements RobotsRules {
  readonly crawlDelay: number | null;
  readonly #rules: readonly { readonly line: RobotsLine; readonly pattern: RobotsPattern }[];

  constructor(groups: readonly Group[]) {
    this.crawlDelay = groups.reduce<number | null>((delay, group) => longest(delay, group.crawlDelay), null);
    // The longest rule decides, and Allow among equals (section 2.2.2): in this order it is the first that matches.
    this.#rules = groups
      .flatMap(({ rules }) => rules)
      .map((line) => ({ line, pattern: new RobotsPattern(line.value) }))
      .sort((a, b) => b.pattern.octets - a.pattern.octets || strictness(a.line) - strictness(b.line));
  }

  check(path: string): RobotsVerdict {
    // Section 2.2.2: the file itself may always be read.
    if (path === "/robots.txt") return ALLOWED;
    const normalized = normalizePath(path);
    const decisive = this.#rules.find(({ pattern }) => pattern.matches(normalized));
    if (decisive === undefined) return ALLOWED;
    const { field, number: line, text } = decisive.line;
    const allowed = field === "allow";
    return { allowed, rule: { line, text }, reason: allowed ? null : `robots.txt line ${line}: ${text}` };
  }
}
