import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
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

  /** Ends the connections; one that a frozen Postgres does not let go of is left to the end of the process. */
  async close(): Promise<void> {
    await Promise.race([this.destroy(), delay(CLOSE_MS, undefined, { ref: false })]);
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
  /** How long a statement may take, 20 s. */
  readonly statementMs?: number;
}

const PATIENCE_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;
const CLOSE_MS = 2_000;
/** No statement of ours takes this long on a healthy database; one that does must not hold its locks for ever. */
const STATEMENT_MS = 20_000;
/** What Postgres has not answered so long after it should have given up is lost: its end of the connection is gone. */
const SILENCE_MS = 5_000;
/**
 * A process that stands still, or is gone with its machine, in the middle of a transaction holds its domains, and those
 * who wait for them hold theirs: within seconds the whole fleet stood still, until TCP gave up after two hours.
 */
const IDLE_IN_TRANSACTION_MS = 5_000;
const SERVER_KEEPALIVE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

/** Connects lazily: the first query opens the first connection. */
export function openDatabase({
  url,
  connections,
  name,
  log,
  patienceMs = PATIENCE_MS,
  statementMs = STATEMENT_MS,
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
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: SERVER_KEEPALIVE,
  });
  // Without a listener a lost idle connection would end the process.
  pool.on("error", (error) => log.warn("lost a Postgres connection", { error: error.message }));
  // The same holds while a connection is in use, when the pool does not listen; whoever uses it gets the error.
  pool.on("connect", (client) => client.on("error", () => {}));
  pool.on("connect", (client) => breakWhenSilent(client as unknown as Innards, statementMs + SILENCE_MS));
  return new PooledDatabase(pool);
}

/** What of pg's client is not in its types. */
interface Innards {
  readonly connection: { readonly stream: Socket };
  /** False while a query is under way. */
  readonly readyForQuery: boolean;
}

/** pg's own `query_timeout` gives the query up and keeps the connection: whoever gets it next waits in vain again. */
function breakWhenSilent(client: Innards, silenceMs: number): void {
  const { stream } = client.connection;
  stream.setTimeout(silenceMs, () => {
    if (client.readyForQuery) return;
    const error = new Error(`Connection terminated: Postgres was silent for ${silenceMs / 1_000} s`);
    stream.destroy(error);
  });
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
