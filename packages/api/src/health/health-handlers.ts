import { BeeError, type Log, messageOf, within } from "@bee/core";
import type { Redis } from "@bee/queue";
import { type Database, ping } from "@bee/store";
import type { RequestHandler } from "express";

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

/** `GET /readyz`: this process can serve, or a problem that names what is away. */
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
    response.json({ status: "ok" });
  };
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
