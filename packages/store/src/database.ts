import { BeeError, keptIdle, type Log, messageOf, withoutPassword } from "@bee/core";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { Connections } from "./connections.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;
export type Tx = Transaction<Schema>;

/** A database whose connections are this process's own. */
export class PooledDatabase extends Kysely<Schema> {
  readonly connections: Connections;

  constructor(pool: pg.Pool) {
    super({ dialect: new PostgresDialect({ pool }) });
    this.connections = new Connections(pool);
  }
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections that this process may hold; half of them stay open while nobody uses them. */
  readonly connections: number;
  /** Shown in `pg_stat_activity`, so that an operator sees who holds what. */
  readonly name: string;
  readonly log: Log;
  /** How long a query waits for a connection, a new one or a free one, 5 s. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
/** No statement of ours takes this long on a healthy database; one that does must not hold its locks for ever. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Connects lazily: the first query opens the first connection. */
export function openDatabase({
  url,
  connections,
  name,
  log,
  patienceMs = PATIENCE_MS,
}: DatabaseOptions): PooledDatabase {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    min: keptIdle(connections),
    application_name: name,
    connectionTimeoutMillis: patienceMs,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    // Firewalls forget a connection that is silent for long, and the next query would wait for its answer in vain.
    keepAlive: true,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  // Without a listener a lost idle connection would end the process.
  pool.on("error", (error) => log.warn("lost a Postgres connection", { error: error.message }));
  // The same holds while a connection is in use, when the pool does not listen; whoever uses it gets the error.
  pool.on("connect", (client) => client.on("error", () => {}));
  return new PooledDatabase(pool);
}

/** @throws BeeError `cannot-start` with one sentence when no connection can be made. */
export async function requireReachable(db: Database, url: string): Promise<void> {
  try {
    await ping(db);
  } catch (cause) {
    throw new BeeError(
      "cannot-start",
      `expected a Postgres at DATABASE_URL (${withoutPassword(url)}), got: ${messageOf(cause)}; start it or correct DATABASE_URL`,
      { cause },
    );
  }
}

export async function ping(db: Database): Promise<void> {
  await db.selectNoFrom((eb) => eb.lit(1).as("one")).execute();
}

/** Reads that all see the same moment, so that counts of jobs and of pages agree. */
export function atOneMoment<T>(db: Database, read: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().setIsolationLevel("repeatable read").setAccessMode("read only").execute(read);
}
