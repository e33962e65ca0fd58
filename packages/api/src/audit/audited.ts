import { beginAudit, endAudit } from "@bee/store";
import type { Response } from "express";
import { asBeeError } from "../http/as-bee-error.ts";
import { callerOf } from "../http/caller.ts";
import { requestIdOf } from "../http/request-id.ts";
import type { Parts } from "../parts.ts";

/** What operators do that others should be able to look up. */
export const AUDITED_ACTIONS = [
  "rule.set",
  "rule.drop",
  "domain.pause",
  "domain.resume",
  "job.cancel",
  "job.pause",
  "job.resume",
  "job.retry",
  "key.create",
  "key.revoke",
  "webhook.delete",
  "webhook.enable",
  "webhook.replay",
  "schedule.change",
  "schedule.pause",
  "schedule.resume",
  "schedule.remove",
  "schedule.run",
  "schedule.hook",
  "schedule.unhook",
  "board",
] as const;

export interface Deed {
  readonly action: (typeof AUDITED_ACTIONS)[number];
  readonly target: string;
  readonly detail?: object;
}

/**
 * Carries out what an operator orders, and keeps that and how it ended in the audit log. What cannot be written down is
 * not done.
 * @param act may name what it has made, where the deed's target was not known before.
 */
export async function audited<T>(
  { db, log }: Pick<Parts, "db" | "log">,
  response: Response,
  { action, target, detail = {} }: Deed,
  act: () => Promise<T>,
  targetOf?: (result: T) => string,
): Promise<T> {
  const { id: keyId, name: actor } = callerOf(response);
  const request = requestIdOf(response);
  const entry = await beginAudit(db, { keyId, actor, action, target, detail, request });
  const end = (outcome: string, made?: string) =>
    endAudit(db, entry, outcome, made).catch((error: unknown) => {
      // The deed is done, and its entry is there; that it went well is missing.
      log.warn("the end of an audited action was not written down", {
        request,
        action,
        error: String(error),
      });
    });
  try {
    const result = await act();
    await end("done", targetOf?.(result));
    return result;
  } catch (error) {
    await end(asBeeError(error).code);
    throw error;
  }
}
