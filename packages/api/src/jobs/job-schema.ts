import { CACHE_RESULTS, JOB_STATUSES, OUTCOMES, PAGE_STATES, TIERS, WAIT_REASONS } from "@bee/core";
import type { PageFigures } from "@bee/store";
import * as z from "zod";
import type { Json } from "../openapi/operation.ts";
import { count, countsOf, milliseconds, moment, nextCursor, uuid } from "../openapi/scalars.ts";
import type { JobView } from "./job-view.ts";
import type { PageView } from "./page-view.ts";

const waitingSchema = z.object({
  reason: z.enum(WAIT_REASONS),
  pages: count,
  until: moment.nullable().describe("When the reason ends, where that is known or can be estimated."),
  because: z.string().exactOptional().describe("What closed the domain, where that is known."),
});

export const optionsSchema = z.object({
  maxPages: z.int(),
  useSitemap: z.boolean(),
  followLinks: z.boolean(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  verify: z.enum(["all", "none"]),
});

export const jobSchema: z.ZodType<Json<JobView>> = z
  .object({
    id: uuid,
    url: z.string(),
    domain: z.string(),
    tier: z.enum(TIERS),
    status: z.enum(JOB_STATUSES),
    region: z.string(),
    class: z.string(),
    routing: z.string().nullable().describe("Why it runs in that region and class."),
    createdAt: moment,
    startedAt: moment.nullable(),
    finishedAt: moment.nullable(),
    failure: z.string().nullable(),
    counts: countsOf([...PAGE_STATES, "total"]).describe("At every moment the others add up to `total`."),
    outcomes: countsOf(OUTCOMES),
    cache: countsOf(CACHE_RESULTS).describe("Of the pages that are ok."),
    rate: z.number().describe("Pages a second, from the start to the end or to now."),
    waiting: z.array(waitingSchema).describe("Why pages are not running, each reason once."),
    etaSeconds: z.number().nullable(),
    warnings: z.array(z.string()),
    options: optionsSchema,
    scheduleId: uuid.nullable().describe("The schedule that started it, as long as there is one."),
  })
  .meta({ id: "Job" });

export const jobsSchema = z.object({ jobs: z.array(jobSchema), nextCursor });

export const pageSchema: z.ZodType<Json<PageView>> = z
  .object({
    url: z.string(),
    outcome: z.enum(OUTCOMES).nullable(),
    cache: z.enum(CACHE_RESULTS).nullable(),
    status: z.int().nullable(),
    attempts: count,
    reason: z.string().nullable(),
    edge: z.string().nullable(),
    ttfbMs: milliseconds.nullable(),
    provedTtfbMs: milliseconds.nullable(),
    bytes: count.nullable(),
    redirects: z.array(z.string()),
    foundOn: z.string().nullable(),
    finishedAt: moment.nullable(),
  })
  .meta({ id: "Page" });

export const pagesSchema = z.object({ pages: z.array(pageSchema), nextCursor });

export const figuresSchema: z.ZodType<PageFigures> = z
  .object({
    statuses: z.array(z.object({ status: z.int(), pages: count })),
    firstBytes: z.array(
      z.object({
        upToMs: count.nullable().describe("Null after the last step."),
        visited: count,
        proved: count,
      }),
    ),
  })
  .meta({ id: "PageFigures" });
