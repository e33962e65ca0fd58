import type { Cluster, Redis } from "ioredis";

/**
 * The servers that hold the data: of a Redis Cluster its masters, else the one that there is.
 * @throws Error while no node of the cluster is known.
 */
export function mastersOf(redis: Redis): Redis[] {
  const cluster = redis as unknown as Cluster;
  if (!cluster.isCluster) return [redis];
  const masters = cluster.nodes("master");
  if (masters.length === 0) throw new Error("no node of the Redis Cluster is known");
  return masters;
}
