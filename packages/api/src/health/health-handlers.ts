import { BeeError, type Log, messageOf, within } from "@bee/core";
import type { Redis } from "@bee/queue";
import { type Database, ping } from "@bee/store";
import type { RequestHandler } from "express";
import { type CanaryView, readCanaryView } from "./canary-view.ts";

const PING_MS = 2_000;

export interface ReadinessOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly isStopping: () => boolean;
  readonly log: Log;
}

/** `GET /livez`: the event loop turns. It asks no store: restarting this process would not bring one back. */
export const liveHandler: RequestHandler = (_request, response) => {
  response.json({ status: "ok" });
};

/** `GET /readyz`: this process can serve, and the fleet does its work; or a problem that names what is wrong. */
export function readyHandler({ db, redis, isStopping, log }: ReadinessOptions): RequestHandler {
  return async (_request, response) => {
    if (isStopping()) throw new BeeError("unavailable", "expected a process that serves, got one that stops");
    const answers = await Promise.all([
      isAnswering("Postgres", () => ping(db), log),
      isAnswering("Redis", () => redis.ping(), log),
    ]);
    const away = answers.filter(({ ok }) => !ok).map(({ name }) => name);
    if (away.length > 0)
      throw new BeeError("unavailable", `expected answers, got none from ${away.join(" and ")}`);
    const canary = await within(PING_MS, "Redis", readCanaryView(redis));
    if (canary?.ok === false) throw new BeeError("not-working", whyNotWorking(canary));
    response.json({ status: "ok", canary });
  };
}

function whyNotWorking({ lastAt }: CanaryView): string {
  const last = lastAt === null ? "none yet" : `the last one at ${lastAt}`;
  return `expected one of the fleet's checks of itself to pass within three intervals, got ${last}; GET /v1/fleet and the log show what stands still`;
}

async function isAnswering(name: string, ask: () => Promise<unknown>, log: Log) {
  try {
    await within(PING_MS, name, ask());
    return { name, ok: true };
  } catch (error) {
    log.warn("a store does not answer", { store: name, error: messageOf(error) });
    return { name, ok: false };
  }
}
