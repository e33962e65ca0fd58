import { addressBlock, BeeError, messageOf } from "@bee/core";
import { giveTurnBack } from "@bee/queue";
import type { Request, Response } from "express";
import { countTurn } from "../http/rate-limit.ts";
import type { Parts } from "../parts.ts";

const ATTEMPTS = 10;
const WINDOW_MS = 60_000;

/**
 * Carries out an attempt to sign in, of which an address has so many a minute that may fail. It is counted before it is
 * known how it ends, so that many at once do not get through together.
 */
export async function limitSignIn<T>(
  { redis, log }: Parts,
  request: Request,
  response: Response,
  attempt: () => Promise<T>,
): Promise<T> {
  const who = `sign-in:${addressBlock(request.ip ?? "unknown")}`;
  const turn = await countTurn(redis, who, WINDOW_MS, log);
  if (turn !== null && turn.taken > ATTEMPTS) {
    const seconds = Math.ceil(turn.resetMs / 1_000);
    response.set("retry-after", String(seconds));
    throw new BeeError(
      "too-many-requests",
      `expected at most ${ATTEMPTS} failed attempts a minute to sign in from one address, got more; try again in ${seconds} s`,
    );
  }
  const result = await attempt();
  if (turn !== null) {
    await giveTurnBack(redis, who).catch((error: unknown) => {
      log.debug("an attempt to sign in was not given back", { error: messageOf(error) });
    });
  }
  return result;
}
