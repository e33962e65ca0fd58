import { messageOf, within } from "@bee/core";
import { announceRule, type ControlMessage, sendControl } from "@bee/queue";
import type { Release } from "@bee/store";
import type { Parts } from "./parts.ts";

const REDIS_MS = 1_000;

/**
 * Tells all workers of an order that is committed, and queues what it released. A Redis that is away only delays it:
 * workers ask the stores, and the leader puts on its way what did not get there.
 * @param about what the log says of an order that was not told.
 */
export async function tellFleet(
  parts: Parts,
  message: ControlMessage,
  release?: Release,
  about: Readonly<Record<string, string>> = { order: message.type },
): Promise<void> {
  try {
    await within(REDIS_MS, "Redis", tell(parts, message, release));
  } catch (error) {
    parts.log.warn("the fleet was not told of an order", { ...about, error: messageOf(error) });
  }
}

async function tell({ redis, queues }: Parts, message: ControlMessage, release?: Release): Promise<void> {
  if (message.type === "rule-changed") await announceRule(redis, message.domain, message.inForce);
  else await sendControl(redis, message);
  if (release !== undefined) await queues.dispatch(release);
}
