import type { Database } from "./database.ts";

/** A change of the number of a fleet's workers. */
export interface Decision {
  readonly at: Date;
  readonly region: string;
  readonly class: string;
  readonly from: number;
  readonly to: number;
  /** The sentence that says why. */
  readonly reason: string;
  /** What it was decided by; null of decisions from before that was kept. */
  readonly inputs: object | null;
}

export async function recordDecision(db: Database, decision: Omit<Decision, "at">): Promise<void> {
  const { from, to, reason, inputs, region } = decision;
  await db
    .insertInto("decisions")
    .values({
      from_workers: from,
      to_workers: to,
      reason,
      inputs: JSON.stringify(inputs),
      region,
      worker_class: decision.class,
    })
    .execute();
}

/** The last decisions, the newest first. */
export async function listDecisions(db: Database, limit: number): Promise<Decision[]> {
  const rows = await db.selectFrom("decisions").selectAll().orderBy("id", "desc").limit(limit).execute();
  return rows.map(({ at, from_workers, to_workers, reason, inputs, region, worker_class }) => ({
    at,
    from: from_workers,
    to: to_workers,
    reason,
    inputs,
    region,
    class: worker_class,
  }));
}
