import type { Plan } from "@bee/core";
import { type PagesToday, readPagesToday } from "@bee/store";
import type { Caller } from "../http/caller.ts";
import type { Parts } from "../parts.ts";

/** `user` orders its own jobs, `operator` everything, `reader` nothing. */
export type Role = "user" | "operator" | "reader";

export interface Quota extends PagesToday {
  readonly pagesPerDay: number;
  readonly left: number;
}

/** Who asks, and what that key may do. */
export interface SessionView {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  readonly role: Role;
  readonly readOnly: boolean;
  /** The key whose jobs it sees in place of its own. */
  readonly ownerId: string | null;
  /** Null where the plan has none. */
  readonly quota: Quota | null;
}

export async function readSessionView({ db, config }: Parts, caller: Caller): Promise<SessionView> {
  const { id, name, plan, readOnly, ownerId } = caller;
  const role = readOnly ? "reader" : plan === "operator" ? "operator" : "user";
  const pagesPerDay = config.pagesPerDay[plan];
  if (pagesPerDay === null) return { id, name, plan, role, readOnly, ownerId, quota: null };
  const today = await readPagesToday(db, ownerId ?? id);
  const quota = { pagesPerDay, ...today, left: Math.max(0, pagesPerDay - today.used) };
  return { id, name, plan, role, readOnly, ownerId, quota };
}
