import { PLANS } from "@bee/core";
import type { KeyRecord } from "@bee/store";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { moment, nextCursor, uuid } from "../openapi/scalars.ts";
import { keysQuery } from "./handlers.ts";
import { keyRequestSchema } from "./key-request.ts";

const key = z.object({
  id: uuid,
  name: z.string(),
  plan: z.enum(PLANS),
  readOnly: z.boolean(),
  ownerId: uuid.nullable().describe("The key whose jobs it sees in place of its own."),
  createdAt: moment,
  expiresAt: moment.nullable(),
  lastUsedAt: moment.nullable().describe("To the minute."),
  revokedAt: moment.nullable(),
});
const keySchema: z.ZodType<Json<KeyRecord>> = key.meta({ id: "Key" });
const newKeySchema = key
  .extend({ secret: z.string().describe("Shown in this answer only.") })
  .meta({ id: "NewKey" });

const group = "Keys";

export const KEY_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/keys", group, access: "operator" },
    summary: "List all keys that were ever made, the newest first",
    query: keysQuery,
    answers: { 200: z.object({ keys: z.array(keySchema), nextCursor }) },
  },
  {
    ...{ method: "POST", path: "/v1/keys", group, access: "operator" },
    summary: "Make a key",
    body: keyRequestSchema.meta({ id: "KeyRequest" }),
    answers: { 201: newKeySchema },
  },
  {
    ...{ method: "DELETE", path: "/v1/keys/:id", group, access: "operator" },
    summary: "Revoke a key, those that read its jobs, and their sessions",
    answers: { 200: keySchema },
    problems: ["conflict"],
  },
];
