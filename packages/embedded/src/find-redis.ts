import { spawnSync } from "node:child_process";
import { BeeError, type Log, silentLog } from "@bee/core";
import { unpackRedis } from "./redis-package.ts";

const ON_PATH = "command -v redis-server || command -v valkey-server";

/**
 * A program that runs Redis: the one on the PATH, else the distribution's package, unpacked below `cache` without
 * installing it (which needs no root). Containers are not a step of this chain: the kill of a `docker run` leaves
 * its Redis running, with nothing to tell the next start that two of them would share one file.
 */
export async function findRedis(options: { cache: string; log?: Log }): Promise<string> {
  const { cache, log = silentLog } = options;
  const found = spawnSync("/bin/sh", ["-c", ON_PATH], { encoding: "utf8" });
  if (found.status === 0) return found.stdout.trim();
  const unpacked = await unpackRedis(cache, log);
  if ("binary" in unpacked) return unpacked.binary;
  throw new BeeError(
    "cannot-start",
    `Expected redis-server or valkey-server on the PATH, got neither, and ${unpacked.trouble}. Install Redis ` +
      "(apt install redis-server, dnf install valkey, apk add redis or brew install redis), or set REDIS_URL.",
  );
}
