import { CACHE_RESULTS, OUTCOMES } from "@bee/core";
import * as z from "zod";
import { jobSchema } from "../jobs/job-schema.ts";
import type { Json } from "../openapi/operation.ts";
import { count, countsOf, milliseconds, moment, uuid } from "../openapi/scalars.ts";
import { CHANGES } from "./comparison.ts";
import { FAILURES } from "./finding.ts";
import type { Report } from "./report.ts";

const finding = z.object({
  url: z.string(),
  status: z.int().nullable(),
  reason: z.string().nullable(),
  foundOn: z.string().nullable(),
});
const findings = z.array(finding.meta({ id: "Finding" }));
const failed = z.array(finding.extend({ outcome: z.enum(FAILURES) }).meta({ id: "FailedPage" }));
const causes = z.array(
  z.object({ reason: z.string(), pages: count, examples: z.array(z.string()) }).meta({ id: "Cause" }),
);

const summary = z.object({
  pages: count,
  checked: count.describe("Pages whose health is known."),
  outcomes: countsOf(OUTCOMES),
  cache: countsOf(CACHE_RESULTS),
  statuses: z.record(z.string(), count).describe("Pages by the HTTP status of their last answer."),
  redirected: count,
  offDomain: count.describe("Pages that lead to another domain, which is not followed."),
  slow: count,
  slowAboveMs: milliseconds,
  listLimit: count.describe("Lists hold no more entries than this; the counts and the CSV know all pages."),
});

const compared = z.object({
  job: uuid.describe("The job before of the same site."),
  finishedAt: moment,
  counts: countsOf([...CHANGES, "unchecked"]),
  new: failed,
  firstSeen: failed,
  fixed: failed,
  still: failed,
});

export const reportSchema: z.ZodType<Json<Report>> = z
  .object({
    job: jobSchema,
    headline: z.string(),
    summary,
    compared: compared.nullable(),
    causes: z.object({
      broken: causes,
      blocked: causes,
      unreachable: causes,
      disallowed: causes,
      unproven: causes,
    }),
    broken: findings,
    blocked: findings,
    unreachable: findings,
    disallowed: findings,
    unproven: findings,
    redirects: z.array(z.object({ url: z.string(), redirects: z.array(z.string()), offDomain: z.boolean() })),
    slow: z.array(z.object({ url: z.string(), ttfbMs: milliseconds, provedTtfbMs: milliseconds.nullable() })),
    uncacheable: causes,
    warmed: z.object({
      pages: count,
      savedMs: z.number(),
      coldTtfbMs: milliseconds.nullable(),
      warmTtfbMs: milliseconds.nullable(),
    }),
    firstBytes: z.array(z.object({ upToMs: milliseconds.nullable(), before: count, after: count })),
    warnings: z.array(z.string()),
  })
  .meta({ id: "Report" });
