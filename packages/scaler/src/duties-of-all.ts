import { type Config, type Fleet, type Log, type StopStack, userAgentOf } from "@bee/core";
import {
  type AllQueues,
  type FleetRegistry,
  LossMark,
  type Redis,
  ScheduleWaker,
  ScheduleWakes,
} from "@bee/queue";
import { type Database, forgetOld } from "@bee/store";
import { Alerts } from "./alerts/alerts.ts";
import { Courier } from "./alerts/courier.ts";
import { openChannel } from "./alerts/open-channel.ts";
import { AlertReadings } from "./alerts/readings.ts";
import { Canary } from "./canary.ts";
import { type DutySpec, runsOf } from "./duty.ts";
import { HandOver } from "./hand-over.ts";
import { Monitor } from "./monitor.ts";
import { Reconciler } from "./reconciler.ts";
import { Schedules } from "./schedules.ts";
import { createWebhookClient } from "./webhooks/deliver.ts";
import { Postman } from "./webhooks/postman.ts";

export interface DutyParts {
  readonly config: Config;
  readonly db: Database;
  readonly redis: Redis;
  readonly registry: FleetRegistry;
  readonly queues: AllQueues;
  /** The scaler's own. */
  readonly fleet: Fleet;
  readonly log: Log;
}

const SECOND_MS = 1_000;

/** What concerns all fleets, so that one scaler does it for all of them. What has to be stopped goes onto `started`. */
export function dutiesOfAll(parts: DutyParts, started: StopStack): DutySpec[] {
  const { config, db, redis, registry, queues, fleet, log } = parts;
  const { retentionMs, workers: bounds, regions: book, rules } = config;
  const reconciler = new Reconciler(db, queues, new LossMark(redis), log);
  const handOver = new HandOver({ db, registry, queues, home: fleet, book, log });
  const monitor = new Monitor({ db, redis, registry, queues, bounds, log });
  const canary = new Canary({ db, redis, registry, queues, home: fleet, rules });
  const schedules = openSchedules(parts, started);
  const postman = openPostman(parts, started);
  return [
    { name: "hand-over", everyMs: 5 * SECOND_MS, ...runsOf(handOver) },
    { name: "reconcile", everyMs: 5 * SECOND_MS, runOnce: () => reconciler.runOnce() },
    {
      name: "retention",
      everyMs: 60 * SECOND_MS,
      runOnce: async () => retentionMs !== null && (await forgetOld(db, retentionMs)),
    },
    { name: "monitor", everyMs: config.monitorIntervalMs, ...runsOf(monitor) },
    { name: "canary", everyMs: SECOND_MS, runOnce: () => canary.runOnce() },
    { name: "schedules", everyMs: 5 * SECOND_MS, runOnce: () => schedules.runOnce() },
    { name: "webhooks", everyMs: SECOND_MS, runOnce: () => postman.runOnce() },
    ...alertDuties(parts, started),
  ];
}

/** The judging apart from the telling: a receiver that is silent must not hold it up. */
function alertDuties({ config, db, redis, registry, log }: DutyParts, started: StopStack): DutySpec[] {
  const settings = config.alerts;
  const channels = new Map(
    Object.entries(settings.channels).map(([name, channel]) => [name, openChannel(channel)]),
  );
  const readings = new AlertReadings({ db, redis, registry, channels: [...channels.keys()], log });
  const alerts = new Alerts({ db, settings, read: () => readings.read(), log });
  const courier = new Courier({ db, channels, log });
  started.add("courier", courier, () => courier.stop());
  return [
    { name: "alerts", everyMs: 5 * SECOND_MS, ...runsOf(alerts) },
    { name: "deliveries", everyMs: SECOND_MS, runOnce: () => courier.runOnce() },
  ];
}

/** Whoever is woken starts what is due; the leader finds what a lost wake-up has left. */
function openSchedules(parts: DutyParts, started: StopStack): Schedules {
  const { config, db, redis, registry, queues, log } = parts;
  const wakes = new ScheduleWakes(redis);
  started.add("wake-ups", wakes, () => wakes.close());
  const schedules = new Schedules({ db, redis, queues, registry, wakes, config, log });
  const waker = new ScheduleWaker(redis, () => schedules.runOnce(), log);
  started.add("waker", waker, () => waker.stop());
  waker.start();
  return schedules;
}

function openPostman({ config, db, log }: DutyParts, started: StopStack): Postman {
  const { identity, allowPrivate, resolve } = config;
  const client = createWebhookClient({ userAgent: userAgentOf(identity), allowPrivate, resolve });
  started.add("webhook client", client, () => client.close());
  const postman = new Postman({ db, client, log });
  started.add("postman", postman, () => postman.stop());
  return postman;
}
