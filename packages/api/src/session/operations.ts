import { PLANS } from "@bee/core";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { count, moment, uuid } from "../openapi/scalars.ts";
import { signInSchema } from "./handlers.ts";
import type { SessionView } from "./session-view.ts";

const sessionSchema: z.ZodType<Json<SessionView>> = z
  .object({
    id: uuid,
    name: z.string(),
    plan: z.enum(PLANS),
    role: z.enum(["user", "operator", "reader"]),
    readOnly: z.boolean(),
    ownerId: uuid.nullable(),
    quota: z
      .object({ pagesPerDay: count, used: count, reserved: count, left: count, resetsAt: moment })
      .nullable()
      .describe("Null where the plan has none."),
  })
  .meta({ id: "Session" });

const group = "Sessions";

export const SESSION_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "POST", path: "/v1/session", group, access: "anybody" },
    summary: "Sign a browser in: a key for a cookie",
    body: signInSchema.meta({ id: "SignIn" }),
    answers: { 201: sessionSchema },
    problems: ["unauthorized", "forbidden", "too-many-requests"],
  },
  {
    ...{ method: "GET", path: "/v1/session", group, access: "key" },
    summary: "Who asks, and what that key may do",
    answers: { 200: sessionSchema },
  },
  {
    ...{ method: "DELETE", path: "/v1/session", group, access: "anybody" },
    summary: "Sign a browser out",
    answers: { 204: null },
    problems: ["forbidden"],
  },
];
