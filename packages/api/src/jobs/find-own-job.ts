import { BeeError, show } from "@bee/core";
import { getJob, type Job } from "@bee/store";
import type { Request, Response } from "express";
import { type Caller, callerOf, scopeOf } from "../http/caller.ts";
import type { Parts } from "../parts.ts";

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The job that a path names. @throws BeeError `not-found` also where it belongs to another key: ids tell nothing. */
export async function findOwnJob({ db }: Parts, request: Request, response: Response): Promise<Job> {
  const id = String(request.params["id"]).toLowerCase();
  const job = UUID.test(id) ? await getJob(db, id, scopeOf(callerOf(response))) : undefined;
  if (job === undefined) throw notFound(id, callerOf(response));
  return job;
}

/** Word for word the same for an id that exists and one that does not. */
function notFound(id: string, { plan }: Caller): BeeError {
  return new BeeError(
    "not-found",
    `expected the id of a job${gotInstead(id, plan)}; GET /v1/jobs lists them`,
  );
}

function gotInstead(id: string, plan: Caller["plan"]): string {
  if (!UUID.test(id)) return `, such as 01a207a2-36d3-76e7-a6e9-21644bcea641, got ${show(id)}`;
  return plan === "operator" ? ", got one that no job has" : " that this key submitted, got another";
}
