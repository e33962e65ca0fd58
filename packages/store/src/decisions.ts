import type { Database } from "./database.ts";

/** A change of the number of workers, with the sentence that says why. */
export interface Decision {
  readonly at: Date;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export async function recordDecision(db: Database, from: number, to: number, reason: string): Promise<void> {
  await db.insertInto("decisions").values({ from_workers: from, to_workers: to, reason }).execute();
}

/** The last decisions, the newest first. */
export async function listDecisions(db: Database, limit: number): Promise<Decision[]> {
  const rows = await db.selectFrom("decisions").selectAll().orderBy("id", "desc").limit(limit).execute();
  return rows.map((row) => ({ at: row.at, from: row.from_workers, to: row.to_workers, reason: row.reason }));
}
