import type { LeaderLease } from "@bee/queue";
import type { DutySpec } from "./duty.ts";

/** A run of a duty that is left out while another process leads, and begins anew when this one leads again. */
export function whileLeading({ begin, runOnce }: Pick<DutySpec, "begin" | "runOnce">, lease: LeaderLease) {
  let term = 0;
  return async (): Promise<void> => {
    if (!(await lease.hold())) return;
    if (lease.term !== term) begin?.();
    term = lease.term;
    await runOnce();
  };
}
