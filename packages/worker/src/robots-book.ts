import { setTimeout as sleep } from "node:timers/promises";
import { domainOf, type RuleInForce } from "@bee/core";
import {
  type Admit,
  fetchRobots,
  type HttpClient,
  politeGet,
  type RobotsEntry,
  type RobotsRecord,
  readRecord,
} from "@bee/crawl";
import {
  claimRobots,
  type Database,
  dropRobotsClaim,
  keepRobotsClaim,
  noteCrawlDelay,
  ROBOTS_CLAIM_SECONDS,
  readRobots,
  readRule,
  saveRobots,
} from "@bee/store";
import { RobotsShelf } from "./robots-shelf.ts";
import { JobStoppedError } from "./stopped-jobs.ts";
import { untilAborted } from "./until-aborted.ts";

export interface RobotsBookOptions {
  readonly db: Database;
  readonly client: HttpClient;
  readonly productToken: string;
  /** Puts the rule in force that a domain's robots.txt has just asked for. */
  readonly repace: (domain: string, rule: RuleInForce) => Promise<void>;
}

/** Who waits for another worker to fetch a robots.txt looks again after this long, then after twice as long, … */
const FIRST_LOOK_MS = 50;
/** … and at last once a second: a fleet of 25 costs Postgres 25 reads of one key then. */
const LOOK_EVERY_MS = 1_000;
const KEEP_CLAIM_MS = (ROBOTS_CLAIM_SECONDS / 4) * 1_000;
/** Of a slow domain's requests one in so many is for its robots.txt; more seldom than once a day is not allowed. */
const PAGES_A_READING = 20;
const DAY_SECONDS = 86_400;

interface Reading {
  readonly entry: Promise<RobotsEntry>;
  readonly signal: AbortSignal | undefined;
}

/**
 * The robots.txt of every origin: kept in the process, shared by the fleet through Postgres, and when neither has it,
 * fetched by one worker for all.
 */
export class RobotsBook {
  readonly #options: RobotsBookOptions;
  readonly #shelf = new RobotsShelf();
  readonly #readings = new Map<string, Reading>();

  constructor(options: RobotsBookOptions) {
    this.#options = options;
  }

  /**
   * What the robots.txt of an origin such as `https://example.com` says. It is read once for all who ask meanwhile;
   * when the work that it is read for is broken off, one of those who wait reads it.
   * @param signal breaks off this one's waiting.
   */
  async of(origin: string, admit: Admit, signal?: AbortSignal): Promise<RobotsEntry> {
    for (;;) {
      signal?.throwIfAborted();
      const kept = this.#shelf.get(origin);
      if (kept !== undefined) return kept;
      const reading = this.#readings.get(origin);
      if (reading === undefined) return this.#begin(origin, admit, signal);
      try {
        return await untilAborted(reading.entry, signal);
      } catch (error) {
        if (!(error instanceof JobStoppedError) && reading.signal?.aborted !== true) throw error;
      }
    }
  }

  #begin(origin: string, admit: Admit, signal: AbortSignal | undefined): Promise<RobotsEntry> {
    const entry = this.#read(origin, admit, signal).finally(() => this.#readings.delete(origin));
    this.#readings.set(origin, { entry, signal });
    return entry;
  }

  async #read(origin: string, admit: Admit, signal: AbortSignal | undefined): Promise<RobotsEntry> {
    const { db, productToken } = this.#options;
    const domain = domainOf(new URL(origin).hostname);
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, LOOK_EVERY_MS)) {
      const stored = await readRobots(db, origin);
      const known = (stored?.record ?? undefined) as RobotsRecord | undefined;
      if (known !== undefined && stored!.freshForMs > 0) {
        const entry = await readRecord(known, productToken);
        this.#shelf.put(entry, stored!.freshForMs);
        return entry;
      }
      if (stored?.fetching !== true && (await claimRobots(db, origin, domain))) {
        return this.#fetchForAll(origin, domain, admit, known);
      }
      await sleep(lookMs, undefined, { signal });
    }
  }

  /** Others wait for it, in this process and elsewhere, and hold no connection to Postgres meanwhile. */
  async #fetchForAll(
    origin: string,
    domain: string,
    admit: Admit,
    known: RobotsRecord | undefined,
  ): Promise<RobotsEntry> {
    const { db } = this.#options;
    // While Postgres is away nobody else can claim it either.
    const keeping = setInterval(() => keepRobotsClaim(db, origin).catch(() => {}), KEEP_CLAIM_MS);
    let saved = false;
    try {
      const entry = await this.#fetch(origin, domain, admit, known);
      saved = true;
      return entry;
    } finally {
      clearInterval(keeping);
      if (!saved) await dropRobotsClaim(db, origin).catch(() => {}); // it runs out by itself
    }
  }

  /** While a robots.txt cannot be read, the copy from before holds (RFC 9309 section 2.3.1.4). */
  async #fetch(
    origin: string,
    domain: string,
    admit: Admit,
    known: RobotsRecord | undefined,
  ): Promise<RobotsEntry> {
    const { db, client, productToken } = this.#options;
    const fetched = await fetchRobots(politeGet(client, admit), origin);
    const keep = fetched.status === "unreachable" && known !== undefined && known.status !== "unreachable";
    const record = keep
      ? { ...known, fetchedAt: fetched.fetchedAt, maxAgeSeconds: fetched.maxAgeSeconds }
      : fetched;
    const entry = await readRecord(record, productToken);
    const { crawlDelay } = entry.rules;
    const maxAgeSeconds = Math.min(
      DAY_SECONDS,
      Math.max(record.maxAgeSeconds, (crawlDelay ?? 0) * PAGES_A_READING),
    );
    // Whoever reads it afterwards finds the gate at its new pace.
    if (await noteCrawlDelay(db, { origin, domain }, crawlDelay)) {
      const rule = await readRule(db, domain);
      if (rule !== undefined) await this.#options.repace(domain, rule);
    }
    await saveRobots(db, origin, record, maxAgeSeconds);
    this.#shelf.put(entry, maxAgeSeconds * 1_000);
    return entry;
  }
}
