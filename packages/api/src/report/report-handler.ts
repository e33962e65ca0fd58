import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Outcome } from "@bee/core";
import { countPleas, type Job, readPages } from "@bee/store";
import type { RequestHandler, Response } from "express";
import * as z from "zod";
import { readQuery } from "../http/validate.ts";
import { findOwnJob } from "../jobs/find-own-job.ts";
import type { JobView } from "../jobs/job-view.ts";
import { readJobViews } from "../jobs/read-job-views.ts";
import type { Parts } from "../parts.ts";
import { inChunks } from "./chunks.ts";
import { toCsv } from "./csv.ts";
import { CONTENT_SECURITY_POLICY, toHtml } from "./html/to-html.ts";
import { toJUnit } from "./junit.ts";
import { readEarlier } from "./read-earlier.ts";
import { buildReport, type Report } from "./report.ts";

type Send = (parts: Parts, job: Job, response: Response) => Promise<unknown>;

const FORMATS = { json: sendJson, csv: sendCsv, junit: sendJUnit, html: sendHtml } satisfies Record<
  string,
  Send
>;

export const reportQuery = z.strictObject({
  format: z.enum(["json", "csv", "junit", "html"]).default("json"),
});

/** `GET /v1/jobs/:id/report`; of a job that still runs it tells what is known so far. */
export function reportHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { format } = readQuery(request, reportQuery);
    const job = await findOwnJob(parts, request, response);
    await FORMATS[format](parts, job, response);
  };
}

async function sendJson(parts: Parts, job: Job, response: Response): Promise<void> {
  response.json(await readReport(parts, job));
}

async function sendHtml(parts: Parts, job: Job, response: Response): Promise<void> {
  const html = toHtml(await readReport(parts, job));
  response.set("content-security-policy", CONTENT_SECURITY_POLICY).type("html").send(html);
}

async function sendCsv({ db }: Parts, job: Job, response: Response): Promise<void> {
  response.attachment(`bee-${job.id}.csv`).set("content-type", "text/csv; charset=utf-8; header=present");
  await send(response, toCsv(readPages(db, job.id)));
}

async function sendJUnit(parts: Parts, job: Job, response: Response): Promise<void> {
  const source = {
    job: await viewOf(parts, job),
    earlier: await readEarlier(parts.db, job),
    pagesOf: (outcome: Outcome) => readPages(parts.db, job.id, { outcome }),
  };
  response.attachment(`bee-${job.id}.xml`).set("content-type", "application/xml; charset=utf-8");
  await send(response, toJUnit(source));
}

async function readReport(parts: Parts, job: Job): Promise<Report> {
  const { db } = parts;
  const view = await viewOf(parts, job);
  const earlier = await readEarlier(db, job);
  return buildReport(view, readPages(db, job.id), earlier, await countPleas(db, job.id));
}

async function viewOf(parts: Parts, job: Job): Promise<JobView> {
  const [view] = await readJobViews(parts, [job]);
  return view!;
}

/** Streams at the reader's pace: a report of a million pages never lies in memory. */
async function send(response: Response, pieces: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(inChunks(pieces)), response);
}
