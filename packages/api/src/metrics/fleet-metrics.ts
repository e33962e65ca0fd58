import { CONNECTION_LIMIT, fleetName, TIERS, TIME_BOUNDS_MS, type Times } from "@bee/core";
import type { WorkerReport } from "@bee/queue";
import type { FleetNow, InPostgres, InRedis } from "./read-fleet.ts";

/** One line of the exposition, as prom-client writes it. */
export interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Where it differs from the metric's. */
  readonly metricName?: string;
}

/** A metric of the fleet: nothing is counted here, all is read when somebody asks. */
export interface FleetMetric {
  readonly name: string;
  readonly type: "gauge" | "counter" | "histogram";
  readonly help: string;
  readonly read: (fleet: FleetNow) => readonly Value[];
}

type Read<T> = (from: T) => number | null | readonly Value[];

const of = (value: number, labels: Value["labels"] = {}): Value => ({ labels, value });

/** One value without labels, several with, or none where nobody knows. */
function values<T>(from: T | null, read: Read<T>): readonly Value[] {
  const got = from === null ? null : read(from);
  if (got === null) return [];
  return typeof got === "number" ? [of(got)] : got;
}

function inRedis(type: FleetMetric["type"], name: string, help: string, read: Read<InRedis>): FleetMetric {
  return { name, type, help, read: ({ redis }) => values(redis, read) };
}

function inPostgres(name: string, help: string, read: Read<InPostgres>): FleetMetric {
  return { name, type: "gauge", help, read: ({ postgres }) => values(postgres, read) };
}

const STATES = ["starting", "working", "holding", "stopping"] as const;

function sumOf(workers: readonly WorkerReport[], what: "slots" | "usable" | "busy"): number {
  return workers.reduce((sum, worker) => sum + worker[what], 0);
}

function worst(workers: readonly WorkerReport[], of: (worker: WorkerReport) => number): number {
  return Math.max(0, ...workers.map(of));
}

/** Prometheus counts in each step the ones below, too. */
function histogram(name: string, { counts, sumMs }: Times): Value[] {
  let below = 0;
  const buckets = counts.map((count, step) => {
    below += count;
    const bound = TIME_BOUNDS_MS[step];
    const le = bound === undefined ? "+Inf" : String(bound / 1_000);
    return { metricName: `${name}_bucket`, labels: { le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, value: sumMs / 1_000 },
    { metricName: `${name}_count`, labels: {}, value: below },
  ];
}

function times(name: string, help: string, read: (from: InRedis) => Times): FleetMetric {
  return inRedis("histogram", name, help, (from) => histogram(name, read(from)));
}

/** Of the whole fleet, whichever API process is asked. Labels hold only words of ours: no job, no URL, no domain. */
export const FLEET_METRICS: readonly FleetMetric[] = [
  {
    name: "bee_store_up",
    type: "gauge",
    help: "Whether a store answers; without it what it knows is left out",
    read: ({ redis, postgres }) => [
      of(Number(redis !== null), { store: "redis" }),
      of(Number(postgres !== null), { store: "postgres" }),
    ],
  },
  inRedis("gauge", "bee_workers", "Workers that live, by state", ({ workers }) =>
    STATES.map((state) => of(workers.filter((worker) => worker.state === state).length, { state })),
  ),
  inRedis(
    "gauge",
    "bee_workers_desired",
    "Workers that the scaler wants; missing while none lives",
    ({ desired }) => desired,
  ),
  inRedis("gauge", "bee_workers_overloaded", "Workers that lack CPU or memory", ({ workers }) =>
    (["cpu", "memory"] as const).map((lacks) =>
      of(workers.filter(({ overload }) => overload === lacks).length, { lacks }),
    ),
  ),
  inRedis("gauge", "bee_fleet_overloaded", "1 while bulk jobs are refused", ({ load }) =>
    Number(load.overloaded),
  ),
  inRedis("gauge", "bee_slots", "Slots: all, those that can be filled, those that are", ({ workers }) => [
    of(sumOf(workers, "slots"), { kind: "all" }),
    of(sumOf(workers, "usable"), { kind: "usable" }),
    of(sumOf(workers, "busy"), { kind: "busy" }),
  ]),
  inRedis("gauge", "bee_worker_utilisation_ratio", "Busy slots of those that can be filled", ({ workers }) =>
    sumOf(workers, "usable") === 0 ? 0 : sumOf(workers, "busy") / sumOf(workers, "usable"),
  ),
  inRedis(
    "gauge",
    "bee_worker_cpu_ratio",
    "CPU that workers use of what they may use, on average",
    ({ load }) => load.cpu / 100,
  ),
  inRedis("gauge", "bee_worker_memory_bytes", "Resident memory of all workers", ({ load }) => load.memory),
  inRedis(
    "gauge",
    "bee_worker_memory_ratio",
    "Memory of its limit, of the worker that has the least left",
    ({ load }) => load.memoryShare,
  ),
  inRedis(
    "gauge",
    "bee_worker_loop_lag_seconds",
    "How late the latest worker's event loop is",
    ({ workers }) => worst(workers, ({ lagMs }) => lagMs) / 1_000,
  ),
  inRedis(
    "gauge",
    "bee_queue_tasks",
    "Tasks in the queues of each tier; the active ones hold a slot",
    ({ queues }) =>
      TIERS.flatMap((tier) =>
        (["waiting", "active", "delayed"] as const).map((state) => of(queues[tier][state], { tier, state })),
      ),
  ),
  inRedis(
    "gauge",
    "bee_queue_oldest_seconds",
    "How long runnable work has waited for a slot; missing while no scaler lives",
    ({ runnable }) => (runnable === null ? null : runnable.oldestMs / 1_000),
  ),
  inRedis(
    "counter",
    "bee_visits_total",
    "Visits by what became of them, and of those that are ok by what they showed of the cache",
    ({ totals }) => totals.visits.map(({ result, cache, count }) => of(count, { result, cache })),
  ),
  times(
    "bee_response_seconds",
    "What sites took to answer a visit, redirects and bodies included",
    ({ totals }) => totals.responses,
  ),
  times("bee_task_seconds", "For how long visits held a slot, waits included", ({ totals }) => totals.tasks),
  inRedis(
    "counter",
    "bee_decisions_total",
    "Changes of the number of workers",
    ({ totals: { decisions } }) => [
      of(decisions.up, { direction: "up" }),
      of(decisions.down, { direction: "down" }),
    ],
  ),
  inRedis(
    "gauge",
    "bee_workers_failed_starts",
    "Workers in a row that ended before they worked, by fleet",
    ({ scaled }) =>
      scaled.map(({ troubles, ...fleet }) => of(troubles.failedStarts, { fleet: fleetName(fleet) })),
  ),
  inRedis(
    "gauge",
    "bee_workers_stuck",
    "Workers replaced in the last five minutes because they lived and did not work, by fleet",
    ({ scaled }) => scaled.map(({ troubles, ...fleet }) => of(troubles.stuck, { fleet: fleetName(fleet) })),
  ),
  inRedis(
    "gauge",
    "bee_region_lost",
    "1 of each region whose last worker ended without leaving, for an hour",
    ({ lostRegions }) => lostRegions.map((region) => of(1, { region })),
  ),
  inRedis(
    "gauge",
    "bee_region_workers",
    "Workers that live and are not stopping, by region",
    ({ workers }) => {
      const staying = workers.filter(({ state }) => state !== "stopping").map(({ region }) => region);
      return [...new Set(staying)].map((region) =>
        of(staying.filter((other) => other === region).length, { region }),
      );
    },
  ),
  inRedis("gauge", "bee_redis_memory_bytes", "Memory that Redis uses", ({ memory }) => memory.used),
  inRedis(
    "gauge",
    "bee_redis_memory_limit_bytes",
    "maxmemory of Redis; missing where it has none",
    ({ memory }) => memory.limit,
  ),
  inRedis(
    "gauge",
    "bee_canary_ok",
    "1 while the fleet passes its checks of itself; missing while nobody checks",
    ({ canary }) => canary && Number(canary.ok),
  ),
  inRedis("gauge", "bee_canary_age_seconds", "Since the last check that passed", ({ canary }) =>
    canary?.lastAt == null ? null : (Date.now() - canary.lastAt) / 1_000,
  ),
  inRedis(
    "gauge",
    "bee_canary_duration_seconds",
    "From its submission to its settled result",
    ({ canary }) => (canary?.durationMs == null ? null : canary.durationMs / 1_000),
  ),
  inPostgres(
    "bee_database_connections",
    "The fleet's connections to Postgres",
    ({ connections: { open, idle } }) => [of(open - idle, { state: "active" }), of(idle, { state: "idle" })],
  ),
  inPostgres("bee_database_connections_limit", "What the fleet never passes", () => CONNECTION_LIMIT),
  inPostgres("bee_jobs_active", "Jobs that have not ended", ({ activeJobs }) => activeJobs),
  inPostgres(
    "bee_pages_pending",
    "Pages in the frontier: they wait for their domains",
    ({ pendingPages }) => pendingPages,
  ),
  inPostgres(
    "bee_domains_closed",
    "Domains that get no requests for a while: their breaker is open, or they asked for quiet",
    ({ closed }) => [
      of(closed["circuit-open"], { reason: "circuit-open" }),
      of(closed["retry-after"], { reason: "retry-after" }),
    ],
  ),
  inPostgres("bee_region_jobs", "Jobs that have not ended, by region", ({ jobsByRegion }) =>
    [...jobsByRegion].map(([region, jobs]) => of(jobs, { region })),
  ),
  inPostgres("bee_channel_failures", "Tries in a row that a channel of alerts did not take", ({ failing }) =>
    failing.map(({ channel, tries }) => of(tries, { channel })),
  ),
];
