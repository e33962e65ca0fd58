import type { VisitTask } from "@bee/core";

/** How most visits are. */
const USUAL = {
  visit: "warm",
  attempts: 0,
  handBacks: 0,
  suspect: false,
  verify: "all",
  followLinks: false,
  ruleRevision: 1,
} as const satisfies Partial<VisitTask>;

/** A visit as Redis keeps it: what is usual goes without saying, which saves a tenth of the memory of a task. */
export type VisitData = Omit<VisitTask, keyof typeof USUAL> & Partial<VisitTask>;

export function packVisit(task: VisitTask): VisitData {
  const unusual = Object.entries(task).filter(([name, value]) => USUAL[name as keyof typeof USUAL] !== value);
  return Object.fromEntries(unusual) as unknown as VisitData;
}

export function unpackVisit(data: VisitData): VisitTask {
  return { ...USUAL, ...data };
}
