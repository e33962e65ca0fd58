import { BeeError, type Tier, whyRefused } from "@bee/core";
import type { FleetPressure } from "./fleet-pressure.ts";

/** @throws BeeError `overloaded` or `unavailable` when the fleet takes no new job or retry of this tier now. */
export async function requireRoom(pressure: FleetPressure, tier: Tier): Promise<void> {
  const why = whyRefused(tier, await pressure.read());
  if (why === "overloaded") {
    throw new BeeError(
      "overloaded",
      `expected workers with room for another ${tier} job, got more than half of them short of CPU or memory; ask again later`,
    );
  }
  if (why === "redisFull") {
    throw new BeeError(
      "unavailable",
      "expected room in Redis, got one that uses more than 90 % of its maxmemory; ask again later, or give Redis more memory",
    );
  }
}
