import { setTimeout as delay } from "node:timers/promises";
import { type RateRule, silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import type { FleetUp } from "../harness/fleet-up.ts";
import { until } from "../harness/until.ts";
import type { Workers } from "./workers.ts";

/** What is done to a fleet at work. */
export interface Scenario {
  readonly name: string;
  /** How long the fleet works, the disturbance included. */
  readonly seconds: number;
  disturb(stage: Stage): Promise<void>;
}

export interface Stage {
  readonly fleet: FleetUp;
  readonly random: () => number;
  readonly workers: Workers;
  /** Gives a domain another rule. */
  changeRule(host: string, rule: RateRule): Promise<void>;
}

const KILLS = 12;
/** Longer than a lock (15 s), a lease and a request's deadline (20 s) hold. */
const STANDSTILL_MS = 24_000;
const CLOCK_SHIFT_MS = 60_000;

/** The rules that domains have from the middle of the run on. */
export const CHANGED: Readonly<Record<string, RateRule>> = {
  "usual.test": { requestsPerSecond: 12, burst: 10, concurrency: 5 },
  "fast.test": { requestsPerSecond: 4, burst: 2, concurrency: 1 },
  "single.test": { requestsPerSecond: 2, burst: 4, concurrency: 3 },
};

export const SCENARIOS: readonly Scenario[] = [
  { name: "calm", seconds: 12, disturb: async () => {} },
  {
    name: "kill",
    seconds: 12,
    async disturb(stage) {
      for (let n = 0; n < KILLS; n += 1) {
        await delay(800 * stage.random());
        process.kill(await oneOf(stage), "SIGKILL");
      }
    },
  },
  {
    name: "stop",
    seconds: 29,
    async disturb(stage) {
      await delay(2_000);
      const pids = [await oneOf(stage), await oneOf(stage), await oneOf(stage)];
      for (const pid of pids) stage.workers.stop(pid);
      await delay(STANDSTILL_MS);
      const living = stage.fleet.pidsOf("worker");
      for (const pid of pids) if (living.includes(pid)) process.kill(pid, "SIGCONT");
    },
  },
  {
    name: "clocks",
    seconds: 12,
    async disturb({ fleet, workers }) {
      await delay(3_000);
      const pids = fleet.pidsOf("worker");
      const shifts = [CLOCK_SHIFT_MS, -CLOCK_SHIFT_MS, 0];
      workers.setClocks(Object.fromEntries(pids.map((pid, n) => [pid, shifts[n % shifts.length]!])));
      await delay(6_000);
      workers.setClocks({});
    },
  },
  {
    name: "rules",
    seconds: 12,
    async disturb(stage) {
      await delay(5_000);
      await Promise.all(Object.entries(CHANGED).map(([host, rule]) => stage.changeRule(host, rule)));
    },
  },
  {
    name: "restart",
    seconds: 12,
    async disturb({ fleet }) {
      await delay(4_000);
      process.kill(fleet.pidOf("redis"), "SIGKILL");
    },
  },
  {
    name: "flush",
    seconds: 33,
    async disturb({ fleet }) {
      await delay(3_000);
      const redis = openRedis({ url: fleet.redisUrl, name: "bee politeness", log: silentLog });
      await redis.flushall();
      redis.disconnect();
    },
  },
];

/** Right after a death there may be none for a moment. */
async function oneOf({ fleet, random }: Stage): Promise<number> {
  const pids = await until("a worker to strike", () => {
    const living = fleet.pidsOf("worker");
    return living.length > 0 ? living : undefined;
  });
  return pids[Math.floor(random() * pids.length)]!;
}
