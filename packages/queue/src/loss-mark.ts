import type { Redis } from "ioredis";
import { lossMarkKey } from "./keys.ts";
import { mastersOf } from "./redis-nodes.ts";

/**
 * Whether Redis may have lost tasks since the leader last looked. A mark that names the running server is missing
 * when the data was wiped, and names another one after a restart, which costs up to a second of writes (AOF everysec).
 * Of a Redis Cluster it names all masters.
 */
export class LossMark {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The server that runs now when there is something to look for; null when it is the one that was marked. */
  async find(): Promise<string | null> {
    const servers = mastersOf(this.#redis).map((server) => server.info("server"));
    const [marked, ...infos] = await Promise.all([this.#redis.get(lossMarkKey()), ...servers]);
    const runIds = infos.map((info) => /^run_id:(\w+)/m.exec(info)?.[1] ?? "unknown");
    const running = runIds.sort().join(" ");
    return running === marked ? null : running;
  }

  /** What that server's predecessor lost is on its way again. */
  async mark(server: string): Promise<void> {
    await this.#redis.set(lossMarkKey(), server);
  }
}
