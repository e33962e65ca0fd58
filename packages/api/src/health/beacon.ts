import { type Log, messageOf } from "@bee/core";
import { API_ADDRESS_MS } from "@bee/queue";

/** Tells the fleet again and again where this API listens, so that workers find it to check the fleet by it. */
export class Beacon {
  readonly #publish: () => Promise<void>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(publish: () => Promise<void>, log: Log) {
    this.#publish = publish;
    this.#log = log;
  }

  start(): void {
    void this.#tell();
    this.#timer = setInterval(() => void this.#tell(), API_ADDRESS_MS);
  }

  /** What was told lapses by itself: another API may have told its own since. */
  stop(): void {
    clearInterval(this.#timer);
  }

  async #tell(): Promise<void> {
    try {
      await this.#publish();
    } catch (error) {
      this.#log.debug("the fleet was not told where the API is", { error: messageOf(error) });
    }
  }
}
