import * as z from "zod";
import { expecting } from "./expectation.ts";
import { PAGE_STATES, type PageState } from "./page-state.ts";
import { TIERS } from "./tier.ts";

/**
 *     pending ─▶ expanding ─▶ running ─▶ completed
 *                    │
 *                    ▼
 *                  failed
 *
 * Orders (job-order.ts): any of the first three can be `paused` and resumed to where it stood; what has not ended can
 * be `cancelled`; a completed or failed job can be run again.
 */
export const JOB_STATUSES = [
  "pending",
  "expanding",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** States in which a job still has work or may get some. */
export const ACTIVE_STATUSES: readonly JobStatus[] = ["pending", "expanding", "running"];

export function isEnded(status: JobStatus): boolean {
  return status === "completed" || status === "failed" || status === "cancelled";
}

/** At every moment `total = pending + released + succeeded + failed + skipped + cancelled`. */
export type JobCounts = Readonly<Record<PageState | "total", number>>;

export function countsAddUp(counts: JobCounts): boolean {
  return counts.total === PAGE_STATES.reduce((sum, state) => sum + counts[state], 0);
}

/** More pages than a job may have. The founding plan's largest site was a tenth of it. */
export const MAX_PAGES_LIMIT = 1_000_000;

const pages = `a whole number from 1 to ${MAX_PAGES_LIMIT}`;
const maxPages = z
  .int({ error: expecting(pages), abort: true })
  .min(1, { error: expecting(pages) })
  .max(MAX_PAGES_LIMIT, { error: expecting(pages) });
const pattern = z.string().min(1).max(500);

/** The body of `POST /v1/jobs`. Unknown fields are refused: a misspelt option must not be silently dropped. */
export const jobRequestSchema = z
  .strictObject({
    url: z.string().optional(),
    domain: z.string().optional(),
    maxPages: maxPages.default(500),
    useSitemap: z.boolean().default(true),
    followLinks: z.boolean().default(false),
    include: z.array(pattern).max(100).default([]),
    exclude: z.array(pattern).max(100).default([]),
    verify: z.enum(["all", "none"]).default("all"),
    region: z.string().min(1).max(63).optional(),
    priority: z.enum(TIERS).optional(),
    webhookUrl: z.string().max(2048).optional(),
  })
  .refine((body) => (body.url === undefined) !== (body.domain === undefined), {
    error: ({ input }) =>
      `expected either url or domain, got ${(input as { url?: string }).url === undefined ? "neither" : "both"}`,
    path: ["url"],
  });

export type JobRequest = z.infer<typeof jobRequestSchema>;

/** The options of a job that its expansion and its visits need. */
export type JobOptions = Pick<
  JobRequest,
  "maxPages" | "useSitemap" | "followLinks" | "include" | "exclude" | "verify"
>;
