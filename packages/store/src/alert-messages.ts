import type { AlertNotice } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** What a channel is to be told next. */
export interface AlertMessage {
  /** Grows with each message. */
  readonly id: string;
  readonly alertId: string;
  readonly channel: string;
  /** The same at each try. */
  readonly body: AlertNotice;
  /** Tries before this one. */
  readonly tries: number;
  /** Since it was written. */
  readonly ageMs: number;
}

/** A channel that did not take what it was told. */
export interface FailingChannel {
  readonly channel: string;
  /** Tries in a row. */
  readonly tries: number;
  readonly failure: string;
}

/** Of each of these channels its first message, where that is due: a channel is told in the order of what happened. */
export async function nextAlertMessages(db: Database, channels: readonly string[]): Promise<AlertMessage[]> {
  const { rows } = await sql<AlertMessage>`
    select head.* from unnest(${[...channels]}::text[]) as c(channel) cross join lateral (
      select m.id, m.alert_id as "alertId", m.channel, m.body, m.tries, m.due_at,
        extract(epoch from now() - (m.body->>'timestamp')::timestamptz)::float8 * 1000 as "ageMs"
      from alert_messages m where m.channel = c.channel and m.ended_at is null order by m.id limit 1) head
    where head.due_at <= now()`.execute(db);
  return rows;
}

export async function noteDelivered(db: Database, id: string): Promise<void> {
  await sql`update alert_messages set ended_at = now(), delivered = true, tries = tries + 1, failure = null
    where id = ${id}::bigint`.execute(db);
}

/** @param retryMs when to try again; null gives it up. */
export async function noteUndelivered(
  db: Database,
  id: string,
  failure: string,
  retryMs: number | null,
): Promise<void> {
  await sql`update alert_messages set tries = tries + 1, failure = ${failure},
      due_at = now() + make_interval(secs => ${(retryMs ?? 0) / 1_000}::float8),
      ended_at = case when ${retryMs === null}::boolean then now() end
    where id = ${id}::bigint`.execute(db);
}

/** Of these channels those whose last tries failed, with how many since they last took something. */
export async function readFailingChannels(
  db: Database,
  channels: readonly string[],
): Promise<FailingChannel[]> {
  const { rows } = await sql<FailingChannel>`
    select c.channel, sum(m.tries)::int as tries, (array_agg(m.failure order by m.id))[1] as failure
    from unnest(${[...channels]}::text[]) as c(channel)
    cross join lateral (
      select max(id) as id from alert_messages where channel = c.channel and delivered) taken
    join alert_messages m on m.channel = c.channel and m.tries > 0 and m.id > coalesce(taken.id, 0)
    group by c.channel`.execute(db);
  return rows;
}
