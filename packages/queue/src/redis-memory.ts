import type { Redis } from "ioredis";
import { mastersOf } from "./redis-nodes.ts";

export interface RedisMemory {
  /** Bytes. */
  readonly used: number;
  /** Bytes at which Redis refuses to store more; null where it has no limit. */
  readonly limit: number | null;
}

/** Of a Redis Cluster the node that is fullest: it is the first to refuse. */
export async function readRedisMemory(redis: Redis): Promise<RedisMemory> {
  const nodes = await Promise.all(mastersOf(redis).map(readNode));
  const share = ({ used, limit }: RedisMemory) => (limit === null ? 0 : used / limit);
  return nodes.reduce((fullest, node) => (share(node) > share(fullest) ? node : fullest));
}

async function readNode(redis: Redis): Promise<RedisMemory> {
  const info = await redis.info("memory");
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? 0);
  return { used: number("used_memory"), limit: number("maxmemory") || null };
}
