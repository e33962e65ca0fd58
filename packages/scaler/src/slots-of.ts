import type { WorkerReport } from "@bee/queue";
import type { Survey } from "./worker-driver.ts";

/** How many slots of some workers are taken, and how many one of them can use on average. */
export function slotsOf(workers: readonly WorkerReport[]): Survey["slots"] {
  const working = workers.filter(({ state }) => state !== "starting");
  const sum = (what: "busy" | "usable") => working.reduce((total, worker) => total + worker[what], 0);
  const { length } = working;
  return { busy: sum("busy"), usable: sum("usable") / Math.max(1, length), workers: length };
}
