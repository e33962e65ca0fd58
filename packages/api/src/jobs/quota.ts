import { QuotaExceeded } from "@bee/store";
import type { Response } from "express";
import { callerOf } from "../http/caller.ts";
import { tellLimit } from "../http/rate-limit.ts";
import type { Parts } from "../parts.ts";
import type { Submitted } from "./submit-job.ts";

const DAY_SECONDS = 86_400;
/** The sitemaps of most sites are read within seconds. */
const SOON_SECONDS = 10;

/** Tells whoever submits a job what is left of the day's pages, and of a refusal when there will be more. */
export async function withQuota(
  { config }: Parts,
  response: Response,
  submit: () => Promise<Submitted>,
): Promise<Submitted> {
  const tell = (left: number) => {
    const limit = config.pagesPerDay[callerOf(response).plan]!;
    const resetSeconds = secondsLeftToday(Date.now());
    tellLimit(response, { name: "pages", limit, windowSeconds: DAY_SECONDS, left, resetSeconds });
    return resetSeconds;
  };
  try {
    const submitted = await submit();
    if (submitted.pagesLeft !== null) tell(submitted.pagesLeft);
    return submitted;
  } catch (error) {
    if (error instanceof QuotaExceeded) {
      const resetSeconds = tell(error.left);
      const retryAfter = { soon: SOON_SECONDS, tomorrow: resetSeconds, never: null }[error.passes];
      if (retryAfter !== null) response.set("retry-after", String(retryAfter));
    }
    throw error;
  }
}

/** Until midnight UTC, which Unix time has at the multiples of a day. */
function secondsLeftToday(now: number): number {
  return DAY_SECONDS - (Math.floor(now / 1_000) % DAY_SECONDS);
}
