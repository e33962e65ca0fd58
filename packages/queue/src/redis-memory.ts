import type { Redis } from "ioredis";

export interface RedisMemory {
  readonly usedBytes: number;
  /** `maxmemory`, or where none is set what the machine has. */
  readonly limitBytes: number;
}

/** How much memory this Redis uses, and how much it may. */
export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const info = await redis.info("memory");
  const field = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return {
    usedBytes: field("used_memory"),
    limitBytes: field("maxmemory") || field("total_system_memory") || Number.POSITIVE_INFINITY,
  };
}
