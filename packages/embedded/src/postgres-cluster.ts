import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { BeeError } from "@bee/core";
import { type Account, launchAs } from "./account.ts";
import { runProgram } from "./launch.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** The one user and the one database of a cluster of ours. */
export const DATABASE = "bee";

export interface ClusterPlan {
  /** Where the data will be. */
  readonly data: string;
  readonly passwordFile: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
  readonly durable: boolean;
}

/**
 * Creates the data directory, with its database, where there is none yet. It is made beside its place and
 * renamed, so that what was interrupted is thrown away at the next start instead of being taken for data.
 */
export async function createCluster(plan: ClusterPlan): Promise<void> {
  if (existsSync(plan.data)) return;
  const making = `${plan.data}.new`;
  await rm(making, { recursive: true, force: true });
  await runOrFail(plan, plan.binaries.initdb, [
    ...["-D", making, "-U", DATABASE, `--pwfile=${plan.passwordFile}`, "--auth=scram-sha-256"],
    ...["--encoding=UTF8", "--locale=C", ...(plan.durable ? [] : ["--no-sync"])],
  ]);
  // A Postgres without a server reads SQL from its input; there is nobody to connect with yet.
  await runOrFail(
    plan,
    plan.binaries.postgres,
    ["--single", "-c", "exit_on_error=on", "-D", making, "postgres"],
    `create database ${DATABASE}`,
  );
  await rename(making, plan.data);
}

async function runOrFail(plan: ClusterPlan, command: string, args: string[], input?: string): Promise<void> {
  const { ok, output } = await runProgram(launchAs(plan.account, { command, args }), input);
  if (ok) return;
  const hint =
    plan.account?.passes === false
      ? `\nIt ran as user ${plan.account.uid}, who must be able to enter that directory; with setpriv (util-linux) it would.`
      : "";
  throw new BeeError("cannot-start", `Postgres could not create ${plan.data}:\n${output}${hint}`);
}
