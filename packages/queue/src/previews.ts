import { NOTHING_KNOWN, PREVIEW_PATIENCE_MS, type SiteSeen } from "@bee/core";
import type { Redis } from "ioredis";
import { previewKey } from "./keys.ts";

/** One that nobody asks for any more is gone after so long. */
const KEPT_MS = 2 * PREVIEW_PATIENCE_MS;

interface Kept {
  readonly seen: SiteSeen;
  readonly done: boolean;
}

/** Says that somebody waits for a preview; a worker looks at the site only as long as that holds. */
export async function askForPreview(redis: Redis, id: string): Promise<void> {
  const kept: Kept = { seen: NOTHING_KNOWN, done: false };
  await redis.set(previewKey(id), JSON.stringify(kept), "PX", KEPT_MS);
}

/** @returns false where nobody waits for it any more. */
export async function tellPreview(redis: Redis, id: string, seen: SiteSeen, done: boolean): Promise<boolean> {
  const kept: Kept = { seen, done };
  // KEEPTTL: one that is read for ever must not be kept for ever.
  return (await redis.set(previewKey(id), JSON.stringify(kept), "KEEPTTL", "XX")) === "OK";
}

export async function isPreviewWanted(redis: Redis, id: string): Promise<boolean> {
  return (await redis.exists(previewKey(id))) === 1;
}

/** What was seen so far; null where Redis has lost it. */
export async function readPreview(redis: Redis, id: string): Promise<Kept | null> {
  const text = await redis.get(previewKey(id));
  return text === null ? null : JSON.parse(text);
}

export async function dropPreview(redis: Redis, id: string): Promise<void> {
  await redis.del(previewKey(id));
}
