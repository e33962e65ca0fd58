import type { Config, Log } from "@bee/core";
import type { AllQueues, FleetRegistry, Redis } from "@bee/queue";
import type { Database } from "@bee/store";
import type { Sweeper } from "./jobs/sweeper.ts";

/** What routes work with; the wiring builds it. */
export interface Parts {
  readonly config: Config;
  readonly db: Database;
  /** Refuses at once while Redis is away. */
  readonly redis: Redis;
  readonly queues: AllQueues;
  readonly registry: FleetRegistry;
  readonly sweeper: Sweeper;
  readonly log: Log;
}
