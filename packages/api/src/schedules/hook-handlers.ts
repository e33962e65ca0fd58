import { addressBlock, BeeError } from "@bee/core";
import { giveTurnBack } from "@bee/queue";
import { createHook, findScheduleOfHook, requestRun, revokeHook, type Schedule } from "@bee/store";
import type { Request, RequestHandler, Response } from "express";
import { countTurn } from "../http/rate-limit.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { findOwnSchedule } from "./find-own-schedule.ts";
import { ordered, wakeNow } from "./handlers.ts";

/** Of one hook, and of one address with tokens that are none. What waits is one run, so no more are of use. */
const PER_MINUTE = 10;
const WINDOW_MS = 60_000;

/** `POST /v1/schedules/:id/hook`: the one answer that has the token; the one before ends. */
export function createHookHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const schedule = await findOwnSchedule(parts, request, response);
    const token = await ordered(parts, response, "hook", schedule, () => createHook(parts.db, schedule.id));
    response.status(201).json({ token, path: `/v1/hooks/${token}` });
  };
}

/** `DELETE /v1/schedules/:id/hook` */
export function revokeHookHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const schedule = await findOwnSchedule(parts, request, response);
    await ordered(parts, response, "unhook", schedule, () => revokeHook(parts.db, schedule.id));
    response.status(204).end();
  };
}

/** `POST /v1/hooks/:token`: the token is the key. What the caller sends, and every system sends something else, is not read. */
export function hookHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const schedule = await findByToken(parts, request, response);
    await requireTurn(parts, response, `hook:${schedule.id}`, "calls of one hook");
    if (schedule.nextAt === null) {
      throw new BeeError(
        "conflict",
        "expected a schedule that is active, got one that is paused; resume it first",
      );
    }
    const run = await requestRun(parts.db, schedule.id, "hook");
    if (run === undefined) throw noSuchHook();
    await wakeNow(parts, run.id);
    response.status(202).json({ run: run.id, state: run.state });
  };
}

/** Wrong tokens of an address are counted before they are looked up, so that many at once do not get through together. */
async function findByToken(parts: Parts, request: Request, response: Response): Promise<Schedule> {
  const who = `hooks:${addressBlock(request.ip ?? "unknown")}`;
  await requireTurn(parts, response, who, "unknown tokens from one address");
  const schedule = await findScheduleOfHook(parts.db, String(request.params["token"]));
  if (schedule === undefined) throw noSuchHook();
  await giveTurnBack(parts.redis, who).catch(() => {});
  return schedule;
}

async function requireTurn(
  { redis, log }: Parts,
  response: Response,
  who: string,
  what: string,
): Promise<void> {
  const turn = await countTurn(redis, who, WINDOW_MS, log);
  if (turn === null || turn.taken <= PER_MINUTE) return;
  const seconds = Math.ceil(turn.resetMs / 1_000);
  response.set("retry-after", String(seconds));
  throw new BeeError(
    "too-many-requests",
    `expected at most ${PER_MINUTE} ${what} a minute, got more; ask again in ${seconds} s`,
  );
}

function noSuchHook(): BeeError {
  return new BeeError(
    "not-found",
    "expected the token of a hook, got one that is unknown or revoked; POST /v1/schedules/:id/hook makes one",
  );
}
