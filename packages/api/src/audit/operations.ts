import type { AuditEntry } from "@bee/store";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { moment, nextCursor, uuid } from "../openapi/scalars.ts";
import { auditQuery } from "./handlers.ts";

const entrySchema: z.ZodType<Json<AuditEntry>> = z
  .object({
    id: z.string(),
    at: moment,
    keyId: uuid.nullable().describe("Null for what was done on the command line."),
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z.record(z.string(), z.unknown()),
    request: z.string().nullable(),
    outcome: z
      .string()
      .nullable()
      .describe("`done`, or the code or status of the error; null while it goes on."),
  })
  .meta({ id: "AuditEntry" });

export const AUDIT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/audit", group: "Keys", access: "operator" },
    summary: "List what operators did, the newest first",
    query: auditQuery,
    answers: { 200: z.object({ entries: z.array(entrySchema), nextCursor }) },
  },
];
