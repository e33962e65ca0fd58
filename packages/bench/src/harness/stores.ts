import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { silentLog } from "@bee/core";
import { type EmbeddedStore, findRedis, startPostgres, startRedis } from "@bee/embedded";
import { migrate, openDatabase } from "@bee/store";

/** Where `npm test` keeps the Redis it may have had to fetch. */
const CACHE = fileURLToPath(new URL("../../../../.toolchain", import.meta.url));

/** A Postgres and a Redis of one measurement, as durable as in production. */
export interface BenchStores {
  readonly postgres: EmbeddedStore;
  readonly redis: EmbeddedStore;
  stop(): Promise<void>;
}

export async function startStores(): Promise<BenchStores> {
  const directory = await mkdtemp(join(tmpdir(), "bee-bench-"));
  const [postgres, redis] = await Promise.all([
    startPostgres({ directory: join(directory, "postgres") }),
    startRedis({ directory: join(directory, "redis"), binary: await findRedis({ cache: CACHE }) }),
  ]);
  const db = openDatabase({ url: postgres.url, connections: 1, name: "bee bench", log: silentLog });
  await migrate(db);
  await db.destroy();
  return {
    postgres,
    redis,
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
