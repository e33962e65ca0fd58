import { CONNECTION_LIMIT, connectionsPerWorker, fleetConnections, within } from "@bee/core";
import { sumCounts } from "@bee/queue";
import { countConnections, listDecisions, type OpenConnections } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { readCanaryView } from "../health/canary-view.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { REDIS_MS, readDesired, readDesiredOfAll, viewFleets } from "./fleet-view.ts";

const DECISIONS = 20;

/** The fleet's connections to Postgres. */
export interface ConnectionsView extends OpenConnections {
  /** What the fleet never passes, however many workers it has. */
  readonly limit: number;
  /** What as many workers as there are may open, with the API and the scaler. */
  readonly budget: number;
  readonly perWorker: number;
}

/** `GET /v1/fleet` */
export function fleetHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json(await viewFleet(parts));
  };
}

/** All fleets as they are now. */
export async function viewFleet(parts: Parts) {
  const { db, redis, registry } = parts;
  const [workers, claims, decisions, open, canary] = await Promise.all([
    within(REDIS_MS, "Redis", registry.list()),
    within(REDIS_MS, "Redis", registry.readClaims()),
    listDecisions(db, DECISIONS),
    countConnections(db),
    within(REDIS_MS, "Redis", readCanaryView(redis)),
  ]);
  const fleets = await viewFleets(parts, workers);
  return {
    workers,
    queues: sumCounts(fleets.map(({ queues }) => queues)),
    desired: fleets.reduce((sum, { desired }) => sum + desired, 0),
    current: workers.length,
    fleets,
    decisions,
    connections: connectionsView(workers.length, claims.scalers, open),
    canary,
  };
}

export const fleetQuery = z.strictObject({
  region: z.string().max(63).optional(),
  class: z.string().max(63).optional(),
});

/** `GET /v1/fleet/desired`: one number, in the form that external autoscalers read; of one fleet or of all. */
export function desiredHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { region, class: workerClass } = readQuery(request, fleetQuery);
    if (region === undefined && workerClass === undefined) {
      response.json({ workers: await readDesiredOfAll(parts) });
      return;
    }
    const { config } = parts;
    const fleet = { region: region ?? config.region, workerClass: workerClass ?? config.workerClass };
    response.json({ workers: await readDesired(parts, fleet) });
  };
}

function connectionsView(workers: number, scalers: number, open: OpenConnections): ConnectionsView {
  return {
    limit: CONNECTION_LIMIT,
    budget: fleetConnections(workers, scalers),
    perWorker: connectionsPerWorker(workers, scalers),
    ...open,
  };
}
