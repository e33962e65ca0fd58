import { silentLog } from "@bee/core";
import { type Database, openDatabase, requireReachable } from "@bee/store";
import { BEE } from "../command-name.ts";
import { readClientEnvironment } from "../environment.ts";
import { CommandError } from "../exit-codes.ts";
import { findFleet } from "../up/fleet-claim.ts";

/** Does something with the fleet's database: the one that is set, else that of the fleet in the data directory. */
export async function withDatabase<T>(use: (db: Database) => Promise<T>): Promise<T> {
  const { databaseUrl, dataDir } = readClientEnvironment();
  const url = databaseUrl ?? findFleet(dataDir)?.databaseUrl;
  if (url === undefined) {
    throw new CommandError(
      `expected DATABASE_URL, or a fleet that runs in ${dataDir}, got neither; set it, or start one with \`${BEE} up\``,
    );
  }
  const db = openDatabase({ url, connections: 1, name: "bee", log: silentLog });
  try {
    await requireReachable(db, url);
    return await use(db);
  } finally {
    await db.destroy();
  }
}
