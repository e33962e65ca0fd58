import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bee/core";
import { findRedis, startPostgres } from "@bee/embedded";
import { migrate, openDatabase } from "@bee/store";
import { runSql } from "@bee/testkit";

const TEMPLATE = "bee_template";

/**
 * One Postgres for the whole run with a migrated database to copy from, and a Redis to start from; the files take
 * their own copies (`freshDatabase`, `freshRedis`). Workers of Jest inherit the environment.
 */
export default async function setUp(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "bee-test-"));
  const clearUp = spawnClearUp(directory);
  // Whatever tests leave lying about, lies in there.
  process.env.TMPDIR = directory;
  const binary = await findRedis({ cache: join(import.meta.dirname, "../../.toolchain") });
  const postgres = await startPostgres({ directory: join(directory, "postgres"), durable: false });
  await createTemplate(postgres.url);
  process.env.BEE_TEST_POSTGRES = postgres.url;
  process.env.BEE_TEST_TEMPLATE = TEMPLATE;
  process.env.BEE_TEST_REDIS = binary;
  Object.assign(globalThis, { beeTestRun: { postgres, clearUp } });
}

/** A session of its own, so that neither Ctrl-C nor who kills our process group reaches it. */
function spawnClearUp(directory: string): ChildProcess {
  const args = [join(import.meta.dirname, "clear-up.ts"), directory, String(process.pid)];
  const child = spawn(process.execPath, args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  child.unref();
  (child.stdin as Socket).unref();
  return child;
}

async function createTemplate(url: string): Promise<void> {
  await runSql(url, `create database ${TEMPLATE}`);
  const template = openDatabase({
    url: withDatabase(url, TEMPLATE),
    connections: 2,
    name: "tests",
    log: silentLog,
  });
  await migrate(template);
  await template.destroy();
}

function withDatabase(text: string, name: string): string {
  const url = new URL(text);
  url.pathname = `/${name}`;
  return url.href;
}
