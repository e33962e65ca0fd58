import type { Config, Log } from "@bee/core";
import type { AllQueues, FleetRegistry, Redis, ScheduleWakes } from "@bee/queue";
import type { Database } from "@bee/store";
import type { Sweeper } from "./jobs/sweeper.ts";
import type { FleetPressure } from "./metrics/fleet-pressure.ts";

/** What routes work with; the wiring builds it. */
export interface Parts {
  readonly config: Config;
  readonly db: Database;
  /** Refuses at once while Redis is away. */
  readonly redis: Redis;
  readonly queues: AllQueues;
  readonly registry: FleetRegistry;
  readonly pressure: FleetPressure;
  readonly wakes: ScheduleWakes;
  readonly sweeper: Sweeper;
  readonly log: Log;
}
