import { wellFormed } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { setCrawlDelay } from "./domains.ts";

/** The fleet's copy of an origin's robots.txt. */
export interface StoredRobots {
  /** Null while it is fetched for the first time. */
  readonly record: unknown;
  /** Milliseconds for which it may still be used without asking again; 0 when it may not. */
  readonly freshForMs: number;
  /** Whether somebody is fetching it. */
  readonly fetching: boolean;
}

/**
 * Who fetches a robots.txt says so for this long, and again before it is over: when that worker dies, another one may
 * fetch it as soon as the longest request of the dead one has ended.
 */
export const ROBOTS_CLAIM_SECONDS = 20;

const claimedUntil = sql`now() + make_interval(secs => ${ROBOTS_CLAIM_SECONDS})`;

export async function readRobots(db: Database, origin: string): Promise<StoredRobots | undefined> {
  return db
    .selectFrom("robots")
    .select([
      "record",
      sql<number>`greatest(0, extract(epoch from expires_at - now()) * 1000)::float8`.as("freshForMs"),
      sql<boolean>`coalesce(fetching_until > now(), false)`.as("fetching"),
    ])
    .where("origin", "=", origin)
    .executeTakeFirst();
}

/** @returns whether it is the caller who shall fetch it: it is not fresh, and nobody else is fetching it. */
export async function claimRobots(db: Database, origin: string, domain: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into robots (origin, domain, expires_at, fetching_until) values (${origin}, ${domain}, now(), ${claimedUntil})
    on conflict (origin) do update set domain = excluded.domain, fetching_until = excluded.fetching_until
    where robots.expires_at <= now() and coalesce(robots.fetching_until <= now(), true)`.execute(db);
  return numAffectedRows === 1n;
}

/** The caller is still about to fetch it: it waits for its turn at a slow domain, or follows a redirect. */
export async function keepRobotsClaim(db: Database, origin: string): Promise<void> {
  await sql`update robots set fetching_until = ${claimedUntil} where origin = ${origin}`.execute(db);
}

/** The caller fetches it no more, and has nothing to show for it. */
export async function dropRobotsClaim(db: Database, origin: string): Promise<void> {
  await sql`update robots set fetching_until = null where origin = ${origin}`.execute(db);
}

/**
 * Lets the Crawl-delay of a robots.txt that was read just now slow its domain (seconds; null for none). To be done before
 * it is saved, by whoever has the claim.
 * @returns whether the domain has a Crawl-delay now, or had one before: then its gate must hear of it.
 */
export async function noteCrawlDelay(
  db: Database,
  { origin, domain }: { readonly origin: string; readonly domain: string },
  seconds: number | null,
): Promise<boolean> {
  // Hardly any site has one, and then there is nothing to hold.
  if (seconds === null && (await readDelay(db, domain)) === null) return false;
  return db.transaction().execute(async (tx) => {
    // Whoever reads that of another host of the domain meanwhile would not see this one's delay.
    const { rows } = await sql<{ before: number | null }>`
      select crawl_delay as before from domains where name = ${domain} for no key update`.execute(tx);
    if ((rows[0]?.before ?? seconds) === null) return false;
    await sql`update robots set crawl_delay = ${seconds}::float8 where origin = ${origin}`.execute(tx);
    await setCrawlDelay(tx, domain, await slowestOf(tx, domain, origin));
    return true;
  });
}

async function readDelay(db: Database, domain: string): Promise<number | null> {
  const row = await db
    .selectFrom("domains")
    .select("crawl_delay")
    .where("name", "=", domain)
    .executeTakeFirst();
  return row?.crawl_delay ?? null;
}

/** Of all its hosts, but one that nobody has asked for a day holds up the others no more. */
async function slowestOf(tx: Tx, domain: string, readNow: string): Promise<number | null> {
  const { rows } = await sql<{ delay: number | null }>`
    select max(crawl_delay) as delay from robots
    where domain = ${domain} and (origin = ${readNow} or expires_at > now() - interval '1 day')`.execute(tx);
  return rows[0]!.delay;
}

/** Shows the fleet a robots.txt that was fetched just now. */
export async function saveRobots(
  db: Database,
  origin: string,
  record: unknown,
  maxAgeSeconds: number,
): Promise<void> {
  const json = JSON.stringify(record, (_, value) => (typeof value === "string" ? wellFormed(value) : value));
  await sql`
    update robots set record = ${json}, expires_at = now() + make_interval(secs => ${maxAgeSeconds}), fetching_until = null
    where origin = ${origin}`.execute(db);
}

/** A robots.txt of the domain that could not be read is asked for again: somebody says that the site is there. */
export async function forgetUnreachableRobots(tx: Tx, domain: string): Promise<void> {
  await sql`
    update robots set expires_at = now()
    where domain = ${domain} and record->>'status' = 'unreachable' and expires_at > now()`.execute(tx);
}
