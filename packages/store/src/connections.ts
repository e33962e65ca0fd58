import { keptIdle } from "@bee/core";
import { type Kysely, sql } from "kysely";
import type pg from "pg";
import type { Schema } from "./schema.ts";

/** The connections of one process; how many there may be changes while they are used. */
export class Connections {
  readonly #pool: pg.Pool;
  /** The pool forgets a connection when it begins to close it; Postgres counts it until it is closed. */
  #living = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    pool.on("connect", () => this.#living++);
    pool.on("remove", () => this.#living--);
    // The pool looks at its maximum only before it opens a connection. One that comes back while there are too many is
    // closed by making it out of uses: the pool announces it first and decides after.
    pool.on("release", () => {
      pool.options.maxUses = pool.totalCount > pool.options.max ? 1 : Number.POSITIVE_INFINITY;
    });
  }

  /** How many there may be. */
  get limit(): number {
    return this.#pool.options.max;
  }

  /** How many there are; more than the limit while those that became too many are still in use. */
  get open(): number {
    return Math.max(this.#pool.totalCount, this.#living);
  }

  /** Sets how many there may be: those too many are closed, idle ones at once, the others when they are free. */
  resize(limit: number): void {
    const pool = this.#pool;
    pool.options.max = limit;
    pool.options.min = keptIdle(limit);
    for (let extra = Math.min(pool.idleCount, pool.totalCount - limit); extra > 0; extra--) {
      // Whoever waited longer gets it first; the next that is free is as good.
      pool.connect().then(
        (client) => client.release(),
        () => {},
      );
    }
  }
}

export interface OpenConnections {
  readonly open: number;
  /** Of these, how many nobody uses at this moment. */
  readonly idle: number;
}

/** All of the fleet's connections to this database, as Postgres sees them: the names of our processes begin with `bee`. */
export async function countConnections(db: Kysely<Schema>): Promise<OpenConnections> {
  const { rows } = await sql<OpenConnections>`
    select count(*)::int as open, count(*) filter (where state = 'idle')::int as idle
    from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend'
      and (application_name = 'bee' or application_name like 'bee %')
  `.execute(db);
  return rows[0]!;
}
