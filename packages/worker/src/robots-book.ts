import {
  type Admit,
  fetchRobots,
  type HttpClient,
  politeGet,
  type RobotsRecord,
  type RobotsRules,
  rulesOf,
} from "@bee/crawl";
import { type Database, readRobots, saveRobots } from "@bee/store";
import { JobStoppedError } from "./stopped-jobs.ts";

/** Parsed rules that a worker keeps; the least recently used are dropped. */
const CAPACITY = 5_000;

export interface RobotsEntry {
  readonly record: RobotsRecord;
  readonly rules: RobotsRules;
}

/** The robots.txt of every origin: kept in the process, shared by the fleet through Postgres, fetched when neither has it. */
export class RobotsBook {
  readonly #db: Database;
  readonly #client: HttpClient;
  readonly #productToken: string;
  readonly #entries = new Map<string, RobotsEntry>();
  readonly #reading = new Map<string, Promise<RobotsEntry>>();

  constructor(db: Database, client: HttpClient, productToken: string) {
    this.#db = db;
    this.#client = client;
    this.#productToken = productToken;
  }

  /**
   * What the robots.txt of an origin such as `https://example.com` says. It is read once for all who ask meanwhile;
   * when the job that it is read for is stopped, one of those who wait reads it.
   */
  async of(origin: string, admit: Admit): Promise<RobotsEntry> {
    for (;;) {
      const kept = this.#entries.get(origin);
      if (kept !== undefined && isFresh(kept.record)) return kept;
      const reading = this.#reading.get(origin);
      if (reading === undefined) return this.#begin(origin, admit);
      const entry = await reading.catch((error) => {
        if (!(error instanceof JobStoppedError)) throw error;
      });
      if (entry !== undefined) return entry;
    }
  }

  #begin(origin: string, admit: Admit): Promise<RobotsEntry> {
    const reading = this.#read(origin, admit).finally(() => this.#reading.delete(origin));
    this.#reading.set(origin, reading);
    return reading;
  }

  async #read(origin: string, admit: Admit): Promise<RobotsEntry> {
    const stored = await readRobots(this.#db, origin);
    const known = stored?.record as RobotsRecord | undefined;
    const record = known !== undefined && stored?.fresh ? known : await this.#fetch(origin, admit, known);
    const entry = { record, rules: rulesOf(record, this.#productToken) };
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
    if (this.#entries.size > CAPACITY) this.#entries.delete(this.#entries.keys().next().value!);
    return entry;
  }

  /** While a robots.txt cannot be read, the copy from before holds (RFC 9309 section 2.3.1.4). */
  async #fetch(origin: string, admit: Admit, known: RobotsRecord | undefined): Promise<RobotsRecord> {
    const fetched = await fetchRobots(politeGet(this.#client, admit), origin);
    const { maxAgeSeconds } = fetched;
    const keep = fetched.status === "unreachable" && known !== undefined && known.status !== "unreachable";
    const record = keep ? { ...known, fetchedAt: fetched.fetchedAt, maxAgeSeconds } : fetched;
    await saveRobots(this.#db, origin, record, maxAgeSeconds);
    return record;
  }
}

function isFresh({ fetchedAt, maxAgeSeconds }: RobotsRecord): boolean {
  return Date.now() < fetchedAt + maxAgeSeconds * 1_000;
}
