/** What the tests of this package begin with: an API process' parts over stores of its own. */
import { type Config, type Log, type Plan, parseConfig, silentLog } from "@bee/core";
import { createKey, type Database, generateSecret, type KeyBounds, openDatabase } from "@bee/store";
import { freshDatabase, freshRedis, type TestRedis } from "@bee/testkit";
import { type Api, startApi } from "../wiring.ts";
import { type Ask, asker } from "./ask.ts";

export interface ApiUnderTest {
  readonly url: string;
  readonly databaseUrl: string;
  readonly redis: TestRedis;
  /** A connection of the test's own, to look and to prepare. */
  readonly db: Database;
  readonly adminKey: string;
  /** Asks with the operator's key unless told otherwise. */
  readonly ask: Ask;
  newKey(plan: Plan, bounds?: KeyBounds): Promise<{ readonly id: string; readonly secret: string }>;
  /** Another API process on the same stores. */
  startAnother(change?: Partial<Config>): Promise<Api>;
  stop(): Promise<void>;
}

export const testConfig = (change: Partial<Config> = {}): Config => ({
  // Keys of the tests submit as they like; the quotas have tests of their own.
  ...parseConfig({ BEE_PORT: "0", BEE_PAGES_PER_DAY: "standard=none,premium=none" }, () => ""),
  ...change,
});

export async function startApiUnderTest(
  change: Partial<Config> = {},
  log: Log = silentLog,
): Promise<ApiUnderTest> {
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const adminKey = generateSecret();
  const db = openDatabase({ url: database.url, connections: 3, name: "test", log: silentLog });
  const start = (more: Partial<Config> = {}) =>
    startApi({
      config: testConfig({ ...change, ...more }),
      databaseUrl: database.url,
      redisUrl: redis.url,
      adminKey,
      log,
    });
  const api = await start();
  return {
    url: api.url,
    databaseUrl: database.url,
    redis,
    db,
    adminKey,
    ask: asker(api.url, adminKey),
    async newKey(plan, bounds) {
      const { key, secret } = await createKey(db, `a ${plan} key`, plan, bounds);
      return { id: key.id, secret };
    },
    startAnother: start,
    async stop() {
      await api.stop();
      await db.destroy();
      await Promise.all([database.stop(), redis.stop()]);
    },
  };
}
