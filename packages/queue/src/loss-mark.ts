import type { Redis } from "ioredis";
import { lossMarkKey } from "./keys.ts";

/**
 * Whether Redis may have lost tasks since the leader last looked. A mark that names the running server is missing
 * when the data was wiped, and names another one after a restart, which costs up to a second of writes (AOF everysec).
 */
export class LossMark {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The server that runs now when there is something to look for; null when it is the one that was marked. */
  async find(): Promise<string | null> {
    const [info, marked] = await Promise.all([this.#redis.info("server"), this.#redis.get(lossMarkKey())]);
    const running = /^run_id:(\w+)/m.exec(info)?.[1] ?? "unknown";
    return running === marked ? null : running;
  }

  /** What that server's predecessor lost is on its way again. */
  async mark(server: string): Promise<void> {
    await this.#redis.set(lossMarkKey(), server);
  }
}
