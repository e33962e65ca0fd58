import { type AnswerHeaders, type Log, messageOf, type Platform, platformBehind, RecentMap } from "@bee/core";

export interface PlatformsOptions {
  /** Writes down the platform behind a domain, and puts its rule in force. */
  readonly record: (domain: string, platform: Platform) => Promise<void>;
  readonly log: Log;
}

/** Domains whose platform a worker remembers to have told; of an older one it tells again. */
const CAPACITY = 10_000;

/**
 * Finds out by their answers which sites are hosted by a platform, although their domains do not say so. The first
 * answer of a domain that gives it away is told, once a worker; all others cost a look at their headers.
 */
export class Platforms {
  readonly #options: PlatformsOptions;
  readonly #told = new RecentMap<string, Platform>(CAPACITY);

  constructor(options: PlatformsOptions) {
    this.#options = options;
  }

  /** Looks at an answer of a domain. Nobody waits for what comes of it. */
  see(domain: string, headers: AnswerHeaders): void {
    if (this.#told.has(domain)) return;
    const platform = platformBehind(domain, headers);
    if (platform !== null) void this.#tell(domain, platform);
  }

  async #tell(domain: string, platform: Platform): Promise<void> {
    this.#told.set(domain, platform);
    const { record, log } = this.#options;
    try {
      await record(domain, platform);
    } catch (error) {
      this.#told.delete(domain); // the next answer tells it again
      log.debug("the platform of a domain was not recorded", { domain, platform, error: messageOf(error) });
    }
  }
}
