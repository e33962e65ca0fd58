import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "@bee/embedded";
import pg from "pg";
import { requireEnvironment } from "./environment.ts";

/** A store of one test file, and how to get rid of it. */
export interface TestStore {
  readonly url: string;
  stop(): Promise<void>;
}

export interface TestRedis extends TestStore {
  readonly pid: number;
}

let databases = 0;

/** A migrated database of its own, copied from the run's template. */
export async function freshDatabase(): Promise<TestStore> {
  const admin = requireEnvironment("BEE_TEST_POSTGRES");
  const name = `bee_${process.pid}_${databases++}`;
  await runSql(admin, `create database ${name} template ${requireEnvironment("BEE_TEST_TEMPLATE")}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, stop: () => runSql(admin, `drop database ${name} with (force)`) };
}

/** A Redis server of its own, so that a test may flush, stop or misconfigure it. */
export async function freshRedis(): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), "bee-redis-"));
  const redis = await startRedis({ directory, durable: false, binary: requireEnvironment("BEE_TEST_REDIS") });
  return {
    url: redis.url,
    pid: redis.pid,
    async stop() {
      await redis.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
