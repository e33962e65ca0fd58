import { sql } from "kysely";
import type { Database } from "./database.ts";

/** What an operator did. */
export interface AuditEntry {
  readonly id: string;
  readonly at: Date;
  /** Whose key it was; null for what was done at the database itself, by `bee keys`. */
  readonly keyId: string | null;
  readonly actor: string;
  readonly action: string;
  /** To what it was done: a domain, or an id. */
  readonly target: string;
  readonly detail: object;
  /** The id of the request, which the log has too. */
  readonly request: string | null;
  /** `done`, or the code of the error; null while it is under way, or where the process ended in between. */
  readonly outcome: string | null;
}

export type AuditedAction = Pick<AuditEntry, "keyId" | "actor" | "action" | "target" | "detail" | "request">;

/**
 * Writes down that something is about to be done. It comes before the deed: what an operator did stands in the log
 * although the process that did it may have died before it could say so.
 * @returns the entry's id, to be told how it ended.
 */
export async function beginAudit(db: Database, entry: AuditedAction): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into audit (key_id, actor, action, target, detail, request)
    values (${entry.keyId}, ${entry.actor}, ${entry.action}, ${entry.target}, ${JSON.stringify(entry.detail)},
      ${entry.request})
    returning id`.execute(db);
  return rows[0]!.id;
}

/** @param target what the deed has made, where it was not there before. */
export async function endAudit(db: Database, id: string, outcome: string, target?: string): Promise<void> {
  await sql`
    update audit set outcome = ${outcome}, target = coalesce(${target ?? null}, target)
    where id = ${id}::bigint`.execute(db);
}

/** The log, the newest entry first. */
export async function listAudit(
  db: Database,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<AuditEntry[]> {
  const { rows } = await sql<AuditEntry>`
    select id, at, key_id as "keyId", actor, action, target, detail, request, outcome from audit
    where ${before ?? null}::bigint is null or id < ${before ?? null}::bigint
    order by id desc limit ${limit}`.execute(db);
  return rows;
}
