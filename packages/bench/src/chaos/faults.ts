import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import type { FleetUp } from "../harness/fleet-up.ts";

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
  const oneOf = (pids: readonly number[]) => pids[Math.floor(random() * pids.length)];
  const signal = (pid: number | undefined, name: NodeJS.Signals) => {
    if (pid !== undefined) process.kill(pid, name);
  };
  const plan: [number, string, () => Promise<void> | void][] = [
    ...Array.from({ length: KILLS }, (_, n): [number, string, () => void] => [
      4 + n,
      "SIGKILL a worker",
      () => signal(oneOf(fleet.pidsOf("worker")), "SIGKILL"),
    ]),
    [
      44,
      `SIGSTOP a worker for ${STANDSTILL_MS / 1_000} s`,
      async () => {
        const pid = oneOf(fleet.pidsOf("worker"));
        signal(pid, "SIGSTOP");
        await delay(STANDSTILL_MS);
        signal(pid, "SIGCONT");
      },
    ],
    [47, "SIGKILL the API", () => signal(oneOf(fleet.pidsOf("api")), "SIGKILL")],
    [53, "SIGKILL the scaler", () => signal(oneOf(fleet.pidsOf("scaler")), "SIGKILL")],
    [74, "SIGKILL Redis", () => signal(fleet.pidOf("redis"), "SIGKILL")],
    [84, "FLUSHALL", () => flush(fleet)],
    [114, "stop Postgres", () => signal(fleet.pidOf("postgres"), "SIGINT")],
    [122, "crash Postgres", () => signal(fleet.pidOf("postgres"), "SIGQUIT")],
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
