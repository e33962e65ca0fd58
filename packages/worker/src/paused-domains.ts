import { type Log, messageOf, within } from "@bee/core";
import { JobStoppedError } from "./stopped-jobs.ts";

export interface PausedDomainsOptions {
  /** All domains that an operator has paused; never many. */
  readonly readPaused: () => Promise<readonly string[]>;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** Half of the second within which a pause is kept everywhere, whatever was heard. */
const READ_EVERY_MS = 500;
/** Requests wait no longer for Postgres. */
const PATIENCE_MS = 2_000;

/** An operator has paused the domain, and with it all its jobs. */
export class DomainPausedError extends JobStoppedError {
  override readonly message: string;

  constructor(domain: string) {
    super();
    this.message = `${domain} was paused by an operator`;
  }
}

/**
 * Which domains were paused: no request to them starts any more, for whichever job. As with stopped jobs, control
 * messages bring that at once, and nothing rests on them: while requests are under way Postgres is asked twice a
 * second, one look for all of them.
 */
export class PausedDomains {
  readonly #options: PausedDomainsOptions;
  readonly #now: () => number;
  #paused: ReadonlySet<string> = new Set();
  #readAt = Number.NEGATIVE_INFINITY;
  /** What was heard since the last read began. */
  readonly #heard = new Map<string, { readonly paused: boolean; readonly at: number }>();
  #atWork = 0;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PausedDomainsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  start(): void {
    this.#timer = setInterval(() => {
      if (this.#atWork > 0) void this.#read();
    }, READ_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** What a control message says. */
  hear(domain: string, paused: boolean): void {
    this.#heard.set(domain, { paused, at: this.#now() });
  }

  /**
   * Does what ends in a request to a domain, unless that is paused.
   * @param work calls what it is given just before the request: the wait at the gate may be long.
   * @throws DomainPausedError
   */
  async unlessPaused<T>(domain: string, work: (check: () => void) => Promise<T>): Promise<T> {
    this.#atWork += 1;
    try {
      if (this.#now() - this.#readAt >= READ_EVERY_MS) await this.#read();
      this.#check(domain);
      return await work(() => this.#check(domain));
    } finally {
      this.#atWork -= 1;
    }
  }

  #check(domain: string): void {
    if (this.#heard.get(domain)?.paused ?? this.#paused.has(domain)) throw new DomainPausedError(domain);
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readNow(): Promise<void> {
    const at = this.#now();
    try {
      this.#paused = new Set(await within(PATIENCE_MS, "Postgres", this.#options.readPaused()));
      this.#readAt = at;
      // A read that began before something was heard does not undo that.
      for (const [domain, news] of this.#heard) if (news.at < at) this.#heard.delete(domain);
    } catch (error) {
      // What is known holds. While Postgres is away no result can be settled either, so little is begun.
      this.#options.log.debug("the paused domains cannot be read", { error: messageOf(error) });
    }
  }
}
