import { BeeError, messageOf } from "@bee/core";
import { Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import * as fleet from "./migrations/0001-fleet.ts";
import * as rules from "./migrations/0002-rules.ts";
import * as robots from "./migrations/0003-robots.ts";
import * as tolerance from "./migrations/0004-tolerance.ts";
import * as decisionInputs from "./migrations/0005-decision-inputs.ts";
import * as monitor from "./migrations/0006-monitor.ts";
import * as alerts from "./migrations/0007-alerts.ts";
import * as regions from "./migrations/0008-regions.ts";
import * as keys from "./migrations/0009-keys.ts";
import * as retention from "./migrations/0010-retention.ts";
import * as schedules from "./migrations/0011-schedules.ts";
import * as webhooks from "./migrations/0012-webhooks.ts";
import * as retentionIndexes from "./migrations/0013-retention-indexes.ts";

/** In the order in which they are applied; a landed migration is never edited, a new one is added. */
const MIGRATIONS = {
  "0001-fleet": fleet,
  "0002-rules": rules,
  "0003-robots": robots,
  "0004-tolerance": tolerance,
  "0005-decision-inputs": decisionInputs,
  "0006-monitor": monitor,
  "0007-alerts": alerts,
  "0008-regions": regions,
  "0009-keys": keys,
  "0010-retention": retention,
  "0011-schedules": schedules,
  "0012-webhooks": webhooks,
  "0013-retention-indexes": retentionIndexes,
};

function migratorOf(db: Database): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}

/**
 * Brings the schema up to date; processes that start at once wait for each other (kysely's advisory lock).
 * @returns the names of the migrations that were applied now.
 */
export async function migrate(db: Database): Promise<string[]> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  if (error !== undefined) {
    throw new BeeError("cannot-start", `a migration failed: ${messageOf(error)}`, { cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}

/** @throws BeeError `cannot-start` when the schema lacks a migration of this version. */
export async function requireMigrated(db: Database): Promise<void> {
  const missing = (await migratorOf(db).getMigrations()).filter(
    (migration) => migration.executedAt === undefined,
  );
  if (missing.length === 0) return;
  const names = missing.map((migration) => migration.name).join(", ");
  throw new BeeError("cannot-start", `the database lacks the migrations ${names}; run \`bee migrate\` first`);
}
