import { type Redis, readCanaryVerdict } from "@bee/queue";

/** The fleet's checks of itself, as callers see them. */
export interface CanaryView {
  /** When the last one passed (ISO 8601); null where none has. */
  readonly lastAt: string | null;
  /** How long that one took, from its submission to its settled result. */
  readonly durationMs: number | null;
  /** Whether one has passed within three intervals. */
  readonly ok: boolean;
}

/** Null while nobody checks. */
export async function readCanaryView(redis: Redis): Promise<CanaryView | null> {
  const verdict = await readCanaryVerdict(redis);
  if (verdict === null) return null;
  const { lastAt, durationMs, ok } = verdict;
  return { lastAt: lastAt === null ? null : new Date(lastAt).toISOString(), durationMs, ok };
}
