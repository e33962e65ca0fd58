import { expecting, PLANS } from "@bee/core";
import * as z from "zod";
import { UUID } from "../jobs/find-own-job.ts";

const NAME = "a name of 1 to 100 characters";

/** The body of `POST /v1/keys`. */
export const keyRequestSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^\0]*\S[^\0]*$/, { error: expecting(NAME) })
      .max(100, { error: expecting(NAME) }),
    plan: z.enum(PLANS),
    readOnly: z.boolean().default(false),
    ownerId: z
      .string()
      .regex(UUID, { error: expecting("the id of a key") })
      .optional(),
    expiresAt: z.iso
      .datetime({ offset: true, error: expecting("a moment such as 2030-01-31T12:00:00Z") })
      .optional(),
  })
  .superRefine(({ readOnly, ownerId, expiresAt }, context) => {
    if (ownerId !== undefined && !readOnly) {
      const message = "expected readOnly to be true, for the jobs of another key can only be read, got false";
      context.addIssue({ code: "custom", path: ["ownerId"], message });
    }
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
      context.addIssue({
        ...{ code: "custom", path: ["expiresAt"] },
        message: `expected a moment to come, got ${expiresAt}`,
      });
    }
  });
