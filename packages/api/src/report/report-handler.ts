import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readPages } from "@bee/store";
import type { RequestHandler, Response } from "express";
import * as z from "zod";
import { readQuery } from "../http/validate.ts";
import { findOwnJob } from "../jobs/find-own-job.ts";
import { readJobViews } from "../jobs/read-job-views.ts";
import type { Parts } from "../parts.ts";
import { toCsv } from "./csv.ts";
import { buildReport } from "./report.ts";

const reportQuery = z.strictObject({ format: z.enum(["json", "csv"]).default("json") });

/** `GET /v1/jobs/:id/report`; of a job that still runs it tells what is known so far. */
export function reportHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { format } = readQuery(request, reportQuery);
    const job = await findOwnJob(parts, request, response);
    const pages = readPages(parts.db, job.id);
    if (format === "csv") return sendCsv(response, job.id, toCsv(pages));
    const [view] = await readJobViews(parts, [job]);
    response.json(await buildReport(view!, pages));
  };
}

/** Streams at the reader's pace: a report of a million pages never lies in memory. */
async function sendCsv(response: Response, job: string, csv: AsyncGenerator<string>): Promise<void> {
  response.attachment(`bee-${job}.csv`).set("content-type", "text/csv; charset=utf-8; header=present");
  await pipeline(Readable.from(csv), response);
}
