import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { LEASE_SECONDS } from "./release.ts";

/** A page that was released and has no result yet. */
export interface OpenVisit {
  readonly job: string;
  readonly page: string;
  readonly lease: number;
  /** Whether it was visited already, and is to be proved or tried again. */
  readonly begun: boolean;
  /** Whether its task may still be on its way into the queue. */
  readonly justReleased: boolean;
}

/** From the commit of a release to the queue, also with a busy machine: milliseconds when it is not. */
const DISPATCH_SECONDS = 2;

/** The released pages of some jobs. Reads the released pages of the whole fleet, which are a window a domain. */
export async function listOpenVisits(db: Database | Tx, jobs: readonly string[]): Promise<OpenVisit[]> {
  if (jobs.length === 0) return [];
  const { rows } = await sql<OpenVisit>`
    with released as materialized (select id, job_id, lease, lease_until, attempts from pages where state = 'released')
    select job_id as job, id as page, lease, attempts > 0 as begun,
      lease_until > now() + make_interval(secs => ${LEASE_SECONDS - DISPATCH_SECONDS}) as "justReleased"
    from released where job_id = any(${[...jobs]}::uuid[]) order by id`.execute(db);
  return rows;
}
