import { messageOf, within } from "@bee/core";
import {
  changeSchedule,
  createSchedule,
  listRuns,
  listSchedules,
  pauseSchedule,
  readClock,
  removeSchedule,
  requestRun,
  resumeSchedule,
  type Schedule,
} from "@bee/store";
import type { RequestHandler, Response } from "express";
import * as z from "zod";
import { audited } from "../audit/audited.ts";
import { callerOf, scopeOf } from "../http/caller.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery, validate } from "../http/validate.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";
import { findOwnSchedule, noSuchSchedule } from "./find-own-schedule.ts";
import {
  changedRequest,
  parseScheduleRequest,
  scheduleChangeSchema,
  toScheduleView,
} from "./schedule-request.ts";

export const schedulesQuery = z.strictObject({ limit: limitParameter, cursor: cursorOf(UUID) });

/** `GET /v1/schedules`, and the newest first. */
export function listSchedulesHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor } = readQuery(request, schedulesQuery);
    const keyId = scopeOf(callerOf(response));
    const { page, nextCursor } = cutPage(
      await listSchedules(db, { keyId, before: cursor, limit: limit + 1 }),
      limit,
    );
    response.json({ schedules: page.map(toScheduleView), nextCursor });
  };
}

/** `POST /v1/schedules` */
export function createScheduleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const caller = callerOf(response);
    const content = parseScheduleRequest(request.body, caller, parts);
    const schedule = await createSchedule(parts.db, caller.id, content, await readClock(parts.db));
    await setWake(parts, schedule);
    response.status(201).location(`/v1/schedules/${schedule.id}`).json(toScheduleView(schedule));
  };
}

/** `GET /v1/schedules/:id` */
export function showScheduleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json(toScheduleView(await findOwnSchedule(parts, request, response)));
  };
}

/** `PATCH /v1/schedules/:id` */
export function changeScheduleHandler(parts: Parts): RequestHandler {
  return orderHandler(parts, "change", async (schedule, response, body) => {
    const change = validate(scheduleChangeSchema, body, "the body");
    const content = parseScheduleRequest(changedRequest(schedule, change), callerOf(response), parts);
    return changeSchedule(parts.db, schedule.id, content, await readClock(parts.db));
  });
}

/** `POST /v1/schedules/:id/pause` */
export function pauseScheduleHandler(parts: Parts): RequestHandler {
  return orderHandler(parts, "pause", ({ id }) => pauseSchedule(parts.db, id));
}

/** `POST /v1/schedules/:id/resume` */
export function resumeScheduleHandler(parts: Parts): RequestHandler {
  return orderHandler(parts, "resume", async ({ id }) =>
    resumeSchedule(parts.db, id, await readClock(parts.db)),
  );
}

/** `DELETE /v1/schedules/:id`: the jobs that it has started go on. */
export function removeScheduleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const schedule = await findOwnSchedule(parts, request, response);
    await ordered(parts, response, "remove", schedule, () => removeSchedule(parts.db, schedule.id));
    await setWake(parts, { ...schedule, nextAt: null });
    response.status(204).end();
  };
}

/** `POST /v1/schedules/:id/run`: also of one that is paused. */
export function runScheduleHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const schedule = await findOwnSchedule(parts, request, response);
    const run = await ordered(parts, response, "run", schedule, () =>
      requestRun(parts.db, schedule.id, "manual"),
    );
    if (run === undefined) throw noSuchSchedule(schedule.id);
    await wakeNow(parts, run.id);
    response.status(202).json(run);
  };
}

/** `GET /v1/schedules/:id/runs`, and the newest first. */
export function listRunsHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor } = readQuery(request, schedulesQuery);
    const { id } = await findOwnSchedule(parts, request, response);
    const runs = await listRuns(parts.db, id, { before: cursor, limit: limit + 1 });
    const { page, nextCursor } = cutPage(runs, limit);
    response.json({ runs: page, nextCursor });
  };
}

/** Wakes whoever starts runs; without Redis the leader finds it within seconds of its return. */
export function wakeNow({ wakes, log }: Parts, run: string): Promise<void> {
  return tellRedis(log, wakes.now(run));
}

const REDIS_MS = 500;

function setWake({ wakes, log }: Parts, { id, nextAt }: Schedule): Promise<void> {
  return tellRedis(log, nextAt === null ? wakes.unset(id) : wakes.set({ id, at: nextAt }));
}

async function tellRedis(log: Parts["log"], telling: Promise<void>): Promise<void> {
  try {
    await within(REDIS_MS, "Redis", telling);
  } catch (error) {
    log.warn("a wake-up was not set; the leader will set it", { error: messageOf(error) });
  }
}

type Order = "change" | "pause" | "resume" | "remove" | "run" | "hook" | "unhook";

function orderHandler(
  parts: Parts,
  order: Order,
  act: (schedule: Schedule, response: Response, body: unknown) => Promise<Schedule | undefined>,
): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const schedule = await findOwnSchedule(parts, request, response);
    const changed = await ordered(parts, response, order, schedule, () =>
      act(schedule, response, request.body),
    );
    if (changed === undefined) throw noSuchSchedule(schedule.id);
    await setWake(parts, changed);
    response.json(toScheduleView(changed));
  };
}

/** Whoever has made a schedule may order it; that an operator did it for them must be known. */
export function ordered<T>(
  parts: Parts,
  response: Response,
  order: Order,
  { id, keyId }: Schedule,
  act: () => Promise<T>,
): Promise<T> {
  if (keyId === callerOf(response).id) return act();
  return audited(parts, response, { action: `schedule.${order}`, target: id }, act);
}
