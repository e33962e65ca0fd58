import { BeeError } from "@bee/core";
import { getJob, type Job } from "@bee/store";
import type { Request, Response } from "express";
import { callerOf, scopeOf } from "../http/caller.ts";
import type { Parts } from "../parts.ts";

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The job that a path names. @throws BeeError `not-found` also where it belongs to another key: ids tell nothing. */
export async function findOwnJob({ db }: Parts, request: Request, response: Response): Promise<Job> {
  const id = String(request.params["id"]).toLowerCase();
  const job = UUID.test(id) ? await getJob(db, id, scopeOf(callerOf(response))) : undefined;
  if (job === undefined) throw new BeeError("not-found", "expected the id of a job of this key, got another");
  return job;
}
