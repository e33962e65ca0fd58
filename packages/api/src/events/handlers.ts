import { expecting, isEnded } from "@bee/core";
import { getJob } from "@bee/store";
import type { Request, RequestHandler } from "express";
import * as z from "zod";
import { callerOf, scopeOf } from "../http/caller.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import { findOwnJob } from "../jobs/find-own-job.ts";
import { readJobView } from "../jobs/read-job-view.ts";
import type { Parts } from "../parts.ts";
import type { Events } from "./events.ts";
import { stateOf } from "./job-watch.ts";

/** What a stream begins with; who asks for no more than that does not want it to stay open. */
const EVENT_STREAM = "text/event-stream";

/** `GET /v1/jobs/:id/events`: the job whenever it has changed, until it has ended. */
export function jobEventsHandler(parts: Parts, events: Events): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { id, status } = await findOwnJob(parts, request, response);
    if (request.method === "HEAD") return void response.type(EVENT_STREAM).end();
    const seen = request.get("last-event-id") ?? null;
    // Browsers come back when a stream has ended, unless they are told that there is nothing more.
    if (seen !== null && isEnded(status) && stateOf(await readJobView(parts, id)) === seen) {
      response.status(204).end();
    } else events.openJob(response, id, seen);
  };
}

const POSITION = /^\d{1,19}$/;

export const eventsQuery = z.strictObject({
  job: z.uuid({ error: expecting("the id of a job") }).optional(),
  since: z
    .string()
    .regex(POSITION, { error: expecting("the id of an event of this stream") })
    .optional(),
});

/** `GET /v1/events`: jobs, the fleet and domains, whenever they change. */
export function eventsHandler(parts: Parts, events: Events): RequestHandler {
  return async (request, response) => {
    const { job, since } = readQuery(request, eventsQuery);
    if (request.method === "HEAD") return void response.type(EVENT_STREAM).end();
    const own = job === undefined ? undefined : await getJob(parts.db, job, scopeOf(callerOf(response)));
    // A browser that comes back says in the header where it was; the address it opened stays the same.
    events.openAll(response, { since: lastEventOf(request) ?? since ?? null, job: own?.id ?? null });
  };
}

function lastEventOf(request: Request): string | undefined {
  const id = request.get("last-event-id") ?? "";
  return POSITION.test(id) ? id : undefined;
}
