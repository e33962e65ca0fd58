import { CONNECTION_LIMIT, connectionsPerWorker, desiredWorkers, fleetConnections, within } from "@bee/core";
import { countConnections, listDecisions, type OpenConnections, readWorkload } from "@bee/store";
import type { RequestHandler } from "express";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

const DECISIONS = 20;
const REDIS_MS = 2_000;

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
    response.json(await readFleet(parts));
  };
}

/** The fleet as it is now. */
export async function readFleet(parts: Parts) {
  const { db, registry, queues } = parts;
  const [workers, counts, desired, decisions, open] = await Promise.all([
    within(REDIS_MS, "Redis", registry.list()),
    within(REDIS_MS, "Redis", queues.counts()),
    readDesired(parts),
    listDecisions(db, DECISIONS),
    countConnections(db),
  ]);
  const current = workers.length;
  const connections = connectionsView(current, open);
  return { workers, queues: counts, desired, current, decisions, connections };
}

/** `GET /v1/fleet/desired`: one number, in the form that external autoscalers read. */
export function desiredHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json({ workers: await readDesired(parts) });
  };
}

function connectionsView(workers: number, open: OpenConnections): ConnectionsView {
  return {
    limit: CONNECTION_LIMIT,
    budget: fleetConnections(workers),
    perWorker: connectionsPerWorker(workers),
    ...open,
  };
}

/** What the scaler wants; where none lives (somebody else scales), what the law says. */
async function readDesired({ db, registry, config }: Parts): Promise<number> {
  const published = await within(REDIS_MS, "Redis", registry.readDesired());
  return published ?? desiredWorkers((await readWorkload(db)).activeJobs, config.workers);
}
