import { storable } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** Links of one sort that were not followed. */
export interface LeftOutLinks {
  readonly links: number;
  readonly example: string;
}

/**
 * Adds to a job's warnings what links were left out, by their sort. A sort is told once, with a sum and its first
 * example; the sum counts a link as often as a page names it.
 */
export async function warnOfLeftOut(
  db: Database,
  job: string,
  leftOut: ReadonlyMap<string, LeftOutLinks>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ warnings: string[] }>`
      select warnings from jobs where id = ${job} for update`.execute(tx);
    if (rows[0] === undefined) return;
    const warnings = [...leftOut].reduce(withLeftOut, rows[0].warnings).map(storable);
    await sql`update jobs set warnings = ${warnings}::text[] where id = ${job}`.execute(tx);
  });
}

/** Adds a warning to a job that does not have it yet. */
export async function warnOnce(db: Database, job: string, warning: string): Promise<void> {
  await sql`update jobs set warnings = array_append(warnings, ${warning}::text)
    where id = ${job} and not ${warning}::text = any(warnings)`.execute(db);
}

function withLeftOut(
  warnings: readonly string[],
  [sort, { links, example }]: readonly [string, LeftOutLinks],
): string[] {
  const what = ` left out: ${sort}, such as `;
  const counted = (n: number) => `${n} ${n === 1 ? "link was" : "links were"}`;
  const told = (warning: string) =>
    Number(/^(\d+) links? (?:was|were)$/.exec(warning.split(what, 1)[0]!)?.[1] ?? 0);
  const at = warnings.findIndex((warning) => told(warning) > 0);
  if (at === -1) return [...warnings, `${counted(links)}${what}${example}`];
  return warnings.with(
    at,
    warnings[at]!.replace(/^\d+ links? (?:was|were)/, counted(told(warnings[at]!) + links)),
  );
}
