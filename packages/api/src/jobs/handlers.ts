import { domainOf, expecting, JOB_STATUSES, type JobOrder, TIERS } from "@bee/core";
import { listJobs } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { audited } from "../audit/audited.ts";
import { callerOf, scopeOf } from "../http/caller.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { carryOut } from "./carry-out.ts";
import { dryRun } from "./dry-run.ts";
import { findOwnJob, UUID } from "./find-own-job.ts";
import { idempotencyOf } from "./idempotency.ts";
import { parseJobRequest } from "./job-request.ts";
import { withQuota } from "./quota.ts";
import { readJobView } from "./read-job-view.ts";
import { readJobViews } from "./read-job-views.ts";
import { submitJob } from "./submit-job.ts";
import { readTarget } from "./target.ts";

export const submitQuery = z.strictObject({
  dryRun: z
    .enum(["true", "false"])
    .transform((text) => text === "true")
    .optional(),
});

/** `POST /v1/jobs`; with `?dryRun=true` it only says what would happen. */
export function submitHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { dryRun: isDry } = readQuery(request, submitQuery);
    const caller = callerOf(response);
    const jobRequest = parseJobRequest(request.body, caller);
    const target = readTarget(jobRequest, caller, parts.config);
    const idempotency = idempotencyOf(request.get("idempotency-key"), request.body);
    const submission = { caller, request: jobRequest, target, idempotency };
    if (isDry) return void response.json(await dryRun(parts, submission));
    const { job, replayed } = await withQuota(parts, response, () => submitJob(parts, submission));
    const [view] = await readJobViews(parts, [job]);
    if (replayed) response.set("idempotency-replayed", "true");
    response.status(201).location(`/v1/jobs/${job.id}`).json(view);
  };
}

export const jobsQuery = z.strictObject({
  status: z.enum(JOB_STATUSES).optional(),
  tier: z.enum(TIERS).optional(),
  domain: z
    .string()
    .regex(/^[^\s\0]{1,253}$/, { error: expecting("a host name") })
    .transform(domainOf)
    .optional(),
  limit: limitParameter,
  cursor: cursorOf(UUID),
});

/** `GET /v1/jobs` */
export function listHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor, ...filter } = readQuery(request, jobsQuery);
    const keyId = scopeOf(callerOf(response));
    const jobs = await listJobs(parts.db, { ...filter, keyId, before: cursor, limit: limit + 1 });
    const { page, nextCursor } = cutPage(jobs, limit);
    response.json({ jobs: await readJobViews(parts, page), nextCursor });
  };
}

/** `GET /v1/jobs/:id` */
export function showHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { id } = await findOwnJob(parts, request, response);
    response.json(await readJobView(parts, id));
  };
}

/** `POST /v1/jobs/:id/cancel` and the other orders */
export function orderHandler(parts: Parts, order: JobOrder): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const job = await findOwnJob(parts, request, response);
    const deed = { action: `job.${order}`, target: job.id } as const;
    // Whoever has submitted a job may order it; that an operator did it for them must be known.
    if (job.keyId === callerOf(response).id) await carryOut(parts, order, job);
    else await audited(parts, response, deed, () => carryOut(parts, order, job));
    response.json(await readJobView(parts, job.id));
  };
}
