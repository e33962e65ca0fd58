import type { Redis } from "ioredis";

export interface RedisMemory {
  /** Bytes. */
  readonly used: number;
  /** Bytes at which Redis refuses to store more; null where it has no limit. */
  readonly limit: number | null;
}

export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const info = await redis.info("memory");
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return { used: number("used_memory"), limit: number("maxmemory") || null };
}
