/**
 * A scaler that spawns nothing and may reach this machine's receivers, to be killed by tests:
 * `scaler-process.ts <Postgres URL> <Redis URL>`.
 */
import { parseConfig, silentLog } from "@bee/core";
import { startScaler } from "../scaler.ts";

const [databaseUrl, redisUrl] = process.argv.slice(2);
const environment = {
  BEE_SCALE_DRIVER: "external",
  BEE_MIN_WORKERS: "0",
  BEE_ALLOW_PRIVATE: "127.0.0.0/8",
};
await startScaler({
  config: parseConfig(environment, () => ""),
  databaseUrl: databaseUrl!,
  redisUrl: redisUrl!,
  log: silentLog,
  owner: "test",
  spawnWorker: () => {
    throw new Error("expected no worker to be spawned");
  },
});
