import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import type { FleetUp } from "../harness/fleet-up.ts";
import { until } from "../harness/until.ts";

/** Something that breaks, and when; resolves when it is over and the fleet may be expected to go on. */
export interface Fault {
  readonly name: string;
  readonly atSeconds: number;
  strike(): Promise<void>;
}

const KILLS = 12;
/** Longer than a lock holds, so that others have its tasks when the worker wakes up. */
const STANDSTILL_MS = 25_000;

/** The faults of one run; the seed decides whom they hit, and when within a second. */
export function planFaults(fleet: FleetUp, random: () => number): Fault[] {
  /** Right after a death there may be none for a moment. */
  const oneOf = async (name: "api" | "scaler" | "worker") => {
    const pids = await until(`a process ${name} to strike`, () => {
      const living = fleet.pidsOf(name);
      return living.length > 0 ? living : undefined;
    });
    return pids[Math.floor(random() * pids.length)]!;
  };
  const plan: [number, string, () => Promise<void> | void][] = [
    ...Array.from({ length: KILLS }, (_, n): [number, string, () => Promise<void>] => [
      4 + n,
      "SIGKILL a worker",
      async () => void process.kill(await oneOf("worker"), "SIGKILL"),
    ]),
    [
      44,
      `SIGSTOP a worker for ${STANDSTILL_MS / 1_000} s`,
      async () => {
        const pid = await oneOf("worker");
        process.kill(pid, "SIGSTOP");
        await delay(STANDSTILL_MS);
        // The page that kills its worker may have hit this one.
        if (fleet.pidsOf("worker").includes(pid)) process.kill(pid, "SIGCONT");
      },
    ],
    [47, "SIGKILL the API", async () => void process.kill(await oneOf("api"), "SIGKILL")],
    [53, "SIGKILL the scaler", async () => void process.kill(await oneOf("scaler"), "SIGKILL")],
    [74, "SIGKILL Redis", () => void process.kill(fleet.pidOf("redis"), "SIGKILL")],
    [84, "FLUSHALL", () => flush(fleet)],
    [114, "stop Postgres", () => void process.kill(fleet.pidOf("postgres"), "SIGINT")],
    [122, "crash Postgres", () => void process.kill(fleet.pidOf("postgres"), "SIGQUIT")],
  ];
  return plan.map(([at, name, strike]) => ({
    name,
    atSeconds: at + random() * 0.9,
    strike: async () => strike(),
  }));
}

async function flush(fleet: FleetUp): Promise<void> {
  const redis = openRedis({ url: fleet.redisUrl, name: "bee chaos", log: silentLog });
  await redis.flushall();
  redis.disconnect();
}
