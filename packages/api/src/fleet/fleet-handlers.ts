import { desiredWorkers, within } from "@bee/core";
import { countActiveJobs, listDecisions } from "@bee/store";
import type { RequestHandler } from "express";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

const DECISIONS = 20;
const REDIS_MS = 2_000;

/** `GET /v1/fleet` */
export function fleetHandler(parts: Parts): RequestHandler {
  const { db, registry, queues } = parts;
  return async (request, response) => {
    readQuery(request, noQuery);
    const [workers, counts, desired, decisions] = await Promise.all([
      within(REDIS_MS, "Redis", registry.list()),
      within(REDIS_MS, "Redis", queues.counts()),
      readDesired(parts),
      listDecisions(db, DECISIONS),
    ]);
    response.json({ workers, queues: counts, desired, current: workers.length, decisions });
  };
}

/** `GET /v1/fleet/desired`: one number, in the form that external autoscalers read. */
export function desiredHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json({ workers: await readDesired(parts) });
  };
}

/** What the scaler wants; where none lives (somebody else scales), what the law says. */
async function readDesired({ db, registry, config }: Parts): Promise<number> {
  const published = await within(REDIS_MS, "Redis", registry.readDesired());
  return published ?? desiredWorkers(await countActiveJobs(db), config.workers);
}
