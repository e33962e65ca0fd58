import { BeeError, type Log, messageOf, type Plan, within } from "@bee/core";
import { type Redis, type Turn, takeTurn } from "@bee/queue";
import type { RequestHandler, Response } from "express";
import type { Parts } from "../parts.ts";
import { callerOf } from "./caller.ts";

const WINDOW_MS = 60_000;
const REDIS_MS = 500;

/** What a limit is, and how much of it is left, in the words of the draft "RateLimit header fields for HTTP". */
export interface LimitState {
  /** `requests` or `pages`. */
  readonly name: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly left: number;
  readonly resetSeconds: number;
}

/** Tells a caller of a limit; an answer may tell of several. */
export function tellLimit(
  response: Response,
  { name, limit, windowSeconds, left, resetSeconds }: LimitState,
): void {
  response.append("ratelimit-policy", `"${name}";q=${limit};w=${windowSeconds}`);
  response.append("ratelimit", `"${name}";r=${left};t=${resetSeconds}`);
}

/** Behind `requireKey`: answers a key as many requests a minute as its plan has, over all processes of the API. */
export function limitRequests({ redis, config, log }: Parts): RequestHandler {
  return async (_request, response, next) => {
    const { id, plan } = callerOf(response);
    const limit = config.requestsPerMinute[plan];
    const turn = limit === null ? null : await countTurn(redis, `key:${id}`, WINDOW_MS, log);
    if (limit !== null && turn !== null) requireTurn(response, plan, limit, turn);
    next();
  };
}

function requireTurn(response: Response, plan: Plan, limit: number, { taken, resetMs }: Turn): void {
  const resetSeconds = Math.ceil(resetMs / 1_000);
  const left = Math.max(0, limit - taken);
  tellLimit(response, { name: "requests", limit, windowSeconds: WINDOW_MS / 1_000, left, resetSeconds });
  if (taken <= limit) return;
  response.set("retry-after", String(resetSeconds));
  throw new BeeError(
    "too-many-requests",
    `expected at most ${limit} requests a minute of a key of the plan ${plan}, got more; ask again in ${resetSeconds} s`,
  );
}

/** Null while Redis does not answer: the limit protects it and us from haste, and is not worth an outage. */
export async function countTurn(redis: Redis, who: string, windowMs: number, log: Log): Promise<Turn | null> {
  try {
    return await within(REDIS_MS, "Redis", takeTurn(redis, who, windowMs));
  } catch (error) {
    log.debug("a request was not counted", { error: messageOf(error) });
    return null;
  }
}
