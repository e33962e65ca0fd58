export type { EmbeddedStore, Exit } from "./embedded-store.ts";
export { findRedis } from "./find-redis.ts";
export { startPostgres } from "./postgres.ts";
export { identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";
export { startRedis } from "./redis.ts";
