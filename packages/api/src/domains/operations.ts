import { PLATFORM_RULES, rateRuleSchema } from "@bee/core";
import type { BreakerView } from "@bee/queue";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { count, milliseconds, moment, nextCursor } from "../openapi/scalars.ts";
import type { DomainView } from "./domain-view.ts";
import { domainsQuery } from "./handlers.ts";

const rule = { requestsPerSecond: z.number(), burst: z.int(), concurrency: z.int() };
const closedReason = z.enum(["retry-after", "circuit-open"]);
const platforms = Object.keys(PLATFORM_RULES) as (keyof typeof PLATFORM_RULES)[];

const domain = z.object({
  domain: z.string(),
  rule: z.object({ ...rule, source: z.enum(["operator", "owner", "platform", "default"]) }),
  pace: z
    .object({ ...rule, reasons: z.array(z.enum(["premium", "crawl-delay", "refused", "slow-origin"])) })
    .describe("What is in force now, and why it is not the rule."),
  backoff: z.object({
    share: z.number(),
    reason: z.enum(["refused", "slow-origin"]).nullable(),
    until: moment.nullable(),
    baselineTtfbMs: milliseconds.nullable(),
    recentTtfbMs: milliseconds.nullable(),
  }),
  platform: z.enum(platforms).nullable(),
  crawlDelay: z.number().nullable().describe("Seconds, from robots.txt."),
  pausedAt: moment.nullable(),
  closed: z.object({ reason: closedReason, until: moment }).nullable(),
  robots: z.array(
    z.object({
      origin: z.string(),
      status: z.string(),
      fetchedAt: moment,
      crawlDelay: z.number().nullable(),
    }),
  ),
  pages: z.object({ pending: count, released: count }),
  activeJobs: count,
});

const domainSchema: z.ZodType<Json<DomainView>> = domain.meta({ id: "Domain" });

const breaker = z.object({
  state: z.enum(["closed", "open", "half-open"]),
  reason: z.string().nullable(),
  openings: count.describe("In a row."),
  until: moment.nullable(),
});

const shownSchema: z.ZodType<Json<DomainView & { breaker: BreakerView | null }>> = domain
  .extend({ breaker: breaker.nullable().describe("Null while Redis is away.") })
  .meta({ id: "DomainWithBreaker" });

const group = "Domains";
const answers = { 200: shownSchema };
const problems = ["invalid-url"] as const;

export const DOMAIN_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/domains", group, access: "key" },
    summary: "List the domains by name",
    query: domainsQuery,
    answers: { 200: z.object({ domains: z.array(domainSchema), nextCursor }) },
  },
  {
    ...{ method: "GET", path: "/v1/domains/:domain", group, access: "key" },
    summary: "Show a domain: its rule, its pace now, its circuit and robots.txt",
    ...{ answers, problems },
  },
  {
    ...{ method: "PUT", path: "/v1/domains/:domain/rule", group, access: "operator" },
    summary: "Set a domain's rule",
    body: rateRuleSchema.meta({ id: "Rule" }),
    ...{ answers, problems },
  },
  {
    ...{ method: "DELETE", path: "/v1/domains/:domain/rule", group, access: "operator" },
    summary: "Take a domain's rule back: what holds without it holds again",
    ...{ answers, problems },
  },
  {
    ...{ method: "POST", path: "/v1/domains/:domain/pause", group, access: "operator" },
    summary: "Keep all jobs of a domain where they are",
    ...{ answers, problems },
  },
  {
    ...{ method: "POST", path: "/v1/domains/:domain/resume", group, access: "operator" },
    summary: "Let all jobs of a paused domain go on",
    ...{ answers, problems },
  },
];
