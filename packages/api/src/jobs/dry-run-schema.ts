import { TIERS } from "@bee/core";
import * as z from "zod";
import type { Json } from "../openapi/operation.ts";
import { count } from "../openapi/scalars.ts";
import type { DryRunView } from "./dry-run.ts";
import { optionsSchema } from "./job-schema.ts";

export const dryRunSchema: z.ZodType<Json<DryRunView>> = z
  .object({
    dryRun: z.literal(true),
    url: z.string(),
    domain: z.string(),
    tier: z.enum(TIERS),
    options: optionsSchema,
    complete: z.boolean().describe("Else the numbers are what was found in the time there was."),
    problem: z.string().nullable(),
    robots: z
      .object({
        status: z.enum(["found", "absent", "unreachable"]),
        crawlDelay: z.number().nullable(),
        sitemaps: z.array(z.string()),
      })
      .nullable(),
    pages: z.object({
      listed: count,
      toVisit: count,
      disallowed: count,
      filtered: count,
      foreign: count,
      overCap: count,
    }),
    warnings: z.array(z.string()),
    pace: z.object({
      requestsPerSecond: z.number(),
      burst: count,
      concurrency: count,
      reasons: z.array(z.enum(["premium", "crawl-delay", "refused", "slow-origin"])),
      source: z.enum(["operator", "owner", "platform", "default"]),
    }),
    ahead: z.object({ jobs: count, pages: count }),
    requests: count,
    estimatedSeconds: z.number().nullable(),
  })
  .meta({ id: "DryRun" });
