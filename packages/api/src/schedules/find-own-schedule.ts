import { BeeError, show } from "@bee/core";
import { getSchedule, type Schedule } from "@bee/store";
import type { Request, Response } from "express";
import { callerOf, scopeOf } from "../http/caller.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";

/** The schedule that a path names. @throws BeeError `not-found` also where it belongs to another key. */
export async function findOwnSchedule(
  { db }: Parts,
  request: Request,
  response: Response,
): Promise<Schedule> {
  const id = String(request.params["id"]).toLowerCase();
  const schedule = UUID.test(id) ? await getSchedule(db, id, scopeOf(callerOf(response))) : undefined;
  if (schedule === undefined) throw noSuchSchedule(id);
  return schedule;
}

/** Word for word the same for an id that exists and one that does not. */
export function noSuchSchedule(id: string): BeeError {
  return new BeeError(
    "not-found",
    `expected the id of a schedule, got ${UUID.test(id) ? "another" : show(id)}; GET /v1/schedules lists them`,
  );
}
