import type { AlertEvent, AlertName, Severity } from "@bee/core";
import { type Selectable, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database, Tx } from "./database.ts";
import type { AlertsTable } from "./schema.ts";
import { writeAlertEvent } from "./webhook-outbox.ts";

export interface Alert {
  readonly id: string;
  readonly name: AlertName;
  /** Which region, which channel; empty where there is only one. */
  readonly subject: string;
  readonly severity: Severity;
  /** As it was last told. */
  readonly reading: number;
  readonly threshold: number;
  readonly detail: string;
  readonly firedAt: Date;
  readonly resolvedAt: Date | null;
}

/** An alert that fires, and when it was last told, by the database's clock. */
export interface FiringAlert extends Alert {
  readonly toldAt: Date;
}

export interface AlertBoard {
  readonly firing: readonly FiringAlert[];
  /** By the same clock as all times here, whoever leads. */
  readonly now: Date;
}

/** What changes an alert: it fires, is still firing after a while, or is over. */
export interface AlertChange {
  readonly event: AlertEvent;
  readonly name: AlertName;
  readonly subject: string;
  readonly severity: Severity;
  readonly reading: number;
  readonly threshold: number;
  readonly detail: string;
  /** When it was last told, of one that fires. */
  readonly toldAt: Date | null;
  /** Who is to be told, beside the operators' webhooks. */
  readonly channels: readonly string[];
  /** Whether nobody at all is told. */
  readonly silent?: boolean;
}

export async function readAlertBoard(db: Database): Promise<AlertBoard> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(db);
  const firing = await db.selectFrom("alerts").selectAll().where("resolved_at", "is", null).execute();
  return { now: rows[0]!.now, firing: firing.map((row) => ({ ...toAlert(row), toldAt: row.told_at })) };
}

/**
 * Writes a change down together with what is to be told of it, if nobody else has.
 * @returns the alert as it is now; undefined where another leader was first.
 */
export function changeAlert(db: Database, change: AlertChange): Promise<Alert | undefined> {
  return db.transaction().execute(async (tx) => {
    const row = await (change.event === "firing" ? insertAlert(tx, change) : updateAlert(tx, change));
    if (row === undefined) return undefined;
    const alert = toAlert(row);
    if (change.silent !== true) await tell(tx, alert, change);
    return alert;
  });
}

function insertAlert(tx: Tx, { name, subject, severity, reading, threshold, detail }: AlertChange) {
  return tx
    .insertInto("alerts")
    .values({ id: uuidv7(), name, subject, severity, reading, threshold, detail })
    .onConflict((conflict) =>
      conflict.columns(["name", "subject"]).where("resolved_at", "is", null).doNothing(),
    )
    .returningAll()
    .executeTakeFirst();
}

function updateAlert(tx: Tx, { event, name, subject, reading, detail, toldAt }: AlertChange) {
  const now = sql<Date>`now()`;
  return (
    tx
      .updateTable("alerts")
      .set({ reading, detail, ...(event === "resolved" ? { resolved_at: now } : { told_at: now }) })
      .where("name", "=", name)
      .where("subject", "=", subject)
      .where("resolved_at", "is", null)
      // JavaScript's dates have no microseconds.
      .where(sql<boolean>`date_trunc('milliseconds', told_at) = ${toldAt}`)
      .returningAll()
      .executeTakeFirst()
  );
}

async function tell(tx: Tx, alert: Alert, { event, channels }: AlertChange): Promise<void> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(tx);
  const notice = { type: `alert.${event}`, timestamp: rows[0]!.now, data: alert } as const;
  await writeAlertEvent(tx, notice);
  if (channels.length === 0) return;
  const body = JSON.stringify(notice);
  await tx
    .insertInto("alert_messages")
    .values(channels.map((channel) => ({ alert_id: alert.id, channel, body })))
    .execute();
}

export interface AlertFilter {
  readonly state?: "firing" | "resolved" | undefined;
  /** The id of the last alert of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Alerts that fire and that are over, the newest first. */
export async function listAlerts(db: Database, { state, before, limit }: AlertFilter): Promise<Alert[]> {
  let query = db.selectFrom("alerts").selectAll().orderBy("id", "desc").limit(limit);
  if (state !== undefined) query = query.where("resolved_at", state === "firing" ? "is" : "is not", null);
  if (before !== undefined) query = query.where("id", "<", before);
  return (await query.execute()).map(toAlert);
}

/** Forgets alerts that were over so many days ago, with what was told of them. */
export async function pruneAlerts(db: Database, days: number): Promise<void> {
  await sql`delete from alerts where resolved_at < now() - make_interval(days => ${days}::int)`.execute(db);
}

function toAlert(row: Selectable<AlertsTable>): Alert {
  const { id, name, subject, severity, reading, threshold, detail } = row;
  return {
    id,
    name,
    subject,
    severity,
    reading,
    threshold,
    detail,
    firedAt: row.fired_at,
    resolvedAt: row.resolved_at,
  };
}
