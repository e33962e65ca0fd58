import type { RequestHandler } from "express";
import { type Metric, Registry } from "prom-client";
import { FLEET_METRICS } from "./fleet-metrics.ts";
import { countRequests } from "./http-metrics.ts";
import { KeptBriefly } from "./kept-briefly.ts";
import { type FleetNow, type FleetParts, readFleet } from "./read-fleet.ts";

/** Anybody may ask, so asking often must not cost the stores more. */
const KEPT_MS = 2_000;

export interface Metrics {
  /** `GET /metrics` in the text format of Prometheus. */
  readonly handler: RequestHandler;
  readonly countRequests: RequestHandler;
}

export function createMetrics(parts: FleetParts): Metrics {
  const registry = new Registry();
  const fleet = new KeptBriefly(KEPT_MS, () => readFleet(parts));
  for (const metric of FLEET_METRICS) registry.registerMetric(asCollected(metric, () => fleet.read()));
  return {
    countRequests: countRequests(registry),
    async handler(_request, response) {
      response.type(registry.contentType).send(await registry.metrics());
    },
  };
}

/** prom-client's own metrics count for themselves; of a metric that others counted it needs only how it is read. */
function asCollected(
  { name, help, type, read }: (typeof FLEET_METRICS)[number],
  fleet: () => Promise<FleetNow>,
) {
  const get = async () => ({ name, help, type, values: read(await fleet()) });
  return { name, get } as unknown as Metric;
}
