import type { RuleInForce } from "@bee/core";
import type { Redis } from "ioredis";
import { agreeOnRule } from "./gate-rules.ts";
import { controlChannel } from "./keys.ts";

/** Nothing rests on a message alone: who misses one finds out by asking the stores. */
export type ControlMessage =
  /** No request of the job is to be made any more, or they may be made again. */
  | { readonly type: "job-stopped" | "job-resumed"; readonly job: string }
  /** The same for a domain, whatever its requests are made for. */
  | { readonly type: "domain-paused" | "domain-resumed"; readonly domain: string }
  /** Another rule is in force for the domain. */
  | { readonly type: "rule-changed"; readonly domain: string; readonly inForce: RuleInForce }
  | DomainMessage;

/** What one worker met at a domain and all act on. */
export type DomainMessage =
  | ({ readonly type: "domain-closing" } & ClosingNews)
  | {
      readonly type: "domain-failed";
      readonly domain: string;
      readonly from: string;
      readonly failure: string;
    }
  /** After requests had failed. */
  | { readonly type: "domain-answered"; readonly domain: string; readonly from: string };

/** The state of a domain's closing, in milliseconds from the moment it was read in Redis. */
export interface ClosingNews {
  readonly domain: string;
  /**
   * When it was changed last, in microseconds by Redis's clock, as text because a script's JSON would round it. The
   * higher is the newer; 0 where Redis knows nothing.
   */
  readonly version: string;
  /** Openings of the circuit in a row. */
  readonly openings: number;
  readonly openMs: number;
  /** What failed. */
  readonly failure: string;
  readonly quietMs: number;
  /** Which answer asked for it. */
  readonly plea: string;
}

export async function sendControl(redis: Redis, message: ControlMessage): Promise<void> {
  await redis.publish(controlChannel(), JSON.stringify(message));
}

/** Puts a rule in force in all workers: those that miss the message find it in Redis within a second of their next request. */
export async function announceRule(redis: Redis, domain: string, rule: RuleInForce): Promise<void> {
  const inForce = await agreeOnRule(redis, domain, rule);
  await sendControl(redis, { type: "rule-changed", domain, inForce });
}

/**
 * Listens on a connection of its own.
 * @param listening told whether messages come in from now on; those sent while none do are lost.
 * @returns how to stop listening.
 */
export async function listenControl(
  redis: Redis,
  hear: (message: ControlMessage) => void,
  listening: (now: boolean) => void = () => {},
): Promise<() => void> {
  // It subscribes by itself whenever it connects: only the reply tells from when on nothing is missed.
  const subscriber = redis.duplicate({ autoResubscribe: false });
  const { promise: first, resolve } = Promise.withResolvers<void>();
  // Lost connections are reported by the shared connection.
  subscriber.on("error", () => {});
  subscriber.on("message", (_channel, text: string) => hear(JSON.parse(text)));
  subscriber.on("close", () => listening(false));
  subscriber.on("ready", async () => {
    try {
      await subscriber.subscribe(controlChannel());
      listening(true);
      resolve();
    } catch {
      // Lost again before it had subscribed; it connects anew.
    }
  });
  await first;
  return () => subscriber.disconnect();
}
