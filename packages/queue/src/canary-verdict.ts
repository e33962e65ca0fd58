import type { Redis } from "ioredis";
import { canaryKey } from "./keys.ts";

/** What the leader says of the fleet's checks of itself. Times by the database's clock. */
export interface CanaryVerdict {
  /** When the last check passed, in milliseconds since the epoch; null where none has. */
  readonly lastAt: number | null;
  /** From its submission to its settled result. */
  readonly durationMs: number | null;
  /** Whether the last one that passed is recent enough. */
  readonly ok: boolean;
  /** Since when checks have been expected to pass, in milliseconds since the epoch. */
  readonly since: number;
}

/** A verdict lapses with the leader that renews it each second; the next one has a lease to wait for. */
const LAPSES_MS = 30_000;

export async function publishCanary(redis: Redis, verdict: CanaryVerdict): Promise<void> {
  await redis.set(canaryKey(), JSON.stringify(verdict), "PX", LAPSES_MS);
}

/** Null while nobody checks: no scaler lives, or no worker is wanted. */
export async function readCanaryVerdict(redis: Redis): Promise<CanaryVerdict | null> {
  const verdict = await redis.get(canaryKey());
  return verdict === null ? null : JSON.parse(verdict);
}

/** No check is expected any more. */
export async function withdrawCanary(redis: Redis): Promise<void> {
  await redis.del(canaryKey());
}
