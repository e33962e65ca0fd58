export * from "./breakers.ts";
export * from "./control-channel.ts";
export * from "./fleet-registry.ts";
export * from "./gates.ts";
export { QUEUE_PREFIX } from "./keys.ts";
export * from "./lanes.ts";
export * from "./leader-lease.ts";
export * from "./queues.ts";
export * from "./redis.ts";
