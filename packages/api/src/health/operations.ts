import * as z from "zod";
import type { Operation } from "../openapi/operation.ts";
import { milliseconds, moment } from "../openapi/scalars.ts";
import type { CanaryView } from "./canary-view.ts";

const ok = z.object({ status: z.literal("ok") });

export const canarySchema: z.ZodType<CanaryView> = z
  .object({
    lastAt: moment.nullable().describe("When the last one passed."),
    durationMs: milliseconds.nullable(),
    ok: z.boolean().describe("Whether one has passed within three intervals."),
  })
  .meta({ id: "Canary" });

const group = "The process";

export const PROCESS_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/", group, access: "anybody" },
    summary: "The console for people, and where to go from here for programs",
    answers: { 200: [z.object({ name: z.string(), links: z.record(z.string(), z.string()) }), "text/html"] },
  },
  {
    ...{ method: "GET", path: "/livez", group, access: "anybody" },
    summary: "The process is alive",
    answers: { 200: ok },
  },
  {
    ...{ method: "GET", path: "/readyz", group, access: "anybody" },
    summary: "Its stores are reachable, and the fleet does its work",
    answers: { 200: ok.extend({ canary: canarySchema.nullable() }) },
    problems: ["unavailable", "not-working"],
  },
  {
    ...{ method: "GET", path: "/metrics", group, access: "anybody" },
    summary: "What Prometheus reads",
    answers: { 200: ["text/plain"] },
  },
  {
    ...{ method: "GET", path: "/openapi.json", group, access: "anybody" },
    summary: "This document",
    answers: { 200: z.record(z.string(), z.unknown()) },
  },
  {
    ...{ method: "GET", path: "/docs", group, access: "anybody" },
    summary: "This document, to be read",
    answers: { 200: ["text/html"] },
  },
];
