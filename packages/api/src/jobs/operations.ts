import { JOB_ORDERS, type JobOrder, jobRequestSchema } from "@bee/core";
import type { Operation } from "../openapi/operation.ts";
import { reportQuery } from "../report/report-handler.ts";
import { reportSchema } from "../report/report-schema.ts";
import { dryRunSchema } from "./dry-run-schema.ts";
import { jobsQuery, submitQuery } from "./handlers.ts";
import { figuresSchema, jobSchema, jobsSchema, pagesSchema } from "./job-schema.ts";
import { pagesQuery } from "./pages-handler.ts";

const group = "Jobs";

const ORDERS: Readonly<Record<JobOrder, string>> = {
  cancel: "End a job; pages without an outcome become `cancelled`",
  pause: "Keep a job where it is",
  resume: "Let a paused job go on",
  retry: "Visit the failed pages of an ended job again",
};

export const JOB_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "POST", path: "/v1/jobs", group, access: "key" },
    summary: "Submit a site",
    description:
      "Either `url` or `domain`. Fields that are not known are refused; `priority` is for operators. With `dryRun=true` nothing is submitted: 200, and what would happen.",
    headers: {
      "Idempotency-Key": "Makes a repeated request the same job: 1 to 255 printable ASCII characters.",
    },
    query: submitQuery,
    body: jobRequestSchema.meta({ id: "JobRequest" }),
    answers: { 200: dryRunSchema, 201: jobSchema },
    problems: ["invalid-url", "address-not-allowed", "idempotency-mismatch", "quota-exceeded"],
  },
  {
    ...{ method: "GET", path: "/v1/jobs", group, access: "key" },
    summary: "List jobs, the newest first",
    query: jobsQuery,
    answers: { 200: jobsSchema },
  },
  {
    ...{ method: "GET", path: "/v1/jobs/:id", group, access: "key" },
    summary: "Show a job, why it waits and when it will be done",
    answers: { 200: jobSchema },
  },
  ...JOB_ORDERS.map(
    (order): Operation => ({
      ...{ method: "POST", path: `/v1/jobs/:id/${order}`, group, access: "key" },
      summary: ORDERS[order],
      answers: { 200: jobSchema },
      problems: ["conflict"],
    }),
  ),
  {
    ...{ method: "GET", path: "/v1/jobs/:id/pages", group, access: "key" },
    summary: "List the pages of a job",
    query: pagesQuery,
    answers: { 200: pagesSchema },
  },
  {
    ...{ method: "GET", path: "/v1/jobs/:id/figures", group, access: "key" },
    summary: "Count the pages of a job by status and by time",
    answers: { 200: figuresSchema },
  },
  {
    ...{ method: "GET", path: "/v1/jobs/:id/report", group, access: "key" },
    summary: "Report on a job",
    query: reportQuery,
    answers: { 200: [reportSchema, "text/csv", "application/xml", "text/html"] },
  },
];
