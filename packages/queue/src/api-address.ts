import type { Redis } from "ioredis";
import { apiAddressKey } from "./keys.ts";
import { mastersOf } from "./redis-nodes.ts";

/** Where workers reach the fleet's API, for its checks of itself. */
export interface ApiAddress {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
}

/** Published again this often; an API that died is forgotten after three times as long. */
export const API_ADDRESS_MS = 5_000;

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Publishes where this process listens. One that listens at every address of its machine names the one by which it
 * reaches Redis: that is in a network that the fleet shares.
 */
export async function publishApiAddress(redis: Redis, listening: ApiAddress): Promise<void> {
  const { address, port } = listening;
  const own = WILDCARDS.has(address) ? localAddress(redis) : address;
  if (own === undefined) return;
  await redis.set(apiAddressKey(), JSON.stringify({ address: own, port }), "PX", 3 * API_ADDRESS_MS);
}

/** An API process that lives, the one that published last; null where none does. */
export async function readApiAddress(redis: Redis): Promise<ApiAddress | null> {
  const published = await redis.get(apiAddressKey());
  return published === null ? null : JSON.parse(published);
}

function localAddress(redis: Redis): string | undefined {
  // Of a Unix socket there is none.
  const address = (mastersOf(redis)[0]!.stream as { localAddress?: string } | undefined)?.localAddress;
  return address?.replace(/^::ffff:(?=\d+\.)/, "");
}
