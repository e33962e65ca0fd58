import type { Redis } from "ioredis";
import { agreeOnRule, type GateRule } from "./gate-rules.ts";
import { controlChannel } from "./keys.ts";

/** Orders that all workers carry out at once. One that is missed does little harm: workers ask the stores as well. */
export type ControlMessage =
  /** No request of the job is to be made any more, or they may be made again. */
  | { readonly type: "job-stopped" | "job-resumed"; readonly job: string }
  /** The same for a domain, whatever its requests are made for. */
  | { readonly type: "domain-paused" | "domain-resumed"; readonly domain: string }
  /** Another rule is in force for the domain. */
  | { readonly type: "rule-changed"; readonly domain: string; readonly inForce: GateRule };

export async function sendControl(redis: Redis, message: ControlMessage): Promise<void> {
  await redis.publish(controlChannel(), JSON.stringify(message));
}

/** Puts a rule in force in all workers: those that miss the message find it in Redis within a second of their next request. */
export async function announceRule(redis: Redis, domain: string, rule: GateRule): Promise<void> {
  const inForce = await agreeOnRule(redis, domain, rule);
  await sendControl(redis, { type: "rule-changed", domain, inForce });
}

/** Listens on a connection of its own. @returns how to stop listening. */
export async function listenControl(
  redis: Redis,
  handle: (message: ControlMessage) => void,
): Promise<() => void> {
  const subscriber = redis.duplicate();
  // Lost connections are reported by the shared connection.
  subscriber.on("error", () => {});
  subscriber.on("message", (_channel, text: string) => handle(JSON.parse(text)));
  await subscriber.subscribe(controlChannel());
  return () => subscriber.disconnect();
}
