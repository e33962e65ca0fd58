import { type Log, silentLog } from "@bee/core";
import { type BreakerSettings, Breakers, type Verdict } from "../breakers.ts";
import { type ControlMessage, type DomainMessage, listenControl } from "../control-channel.ts";
import { openRedis, type Redis } from "../redis.ts";

/** What one worker process has of breakers: connections, knowledge and counts of its own. */
export interface BreakerProcess {
  readonly breakers: Breakers;
  readonly redis: Redis;
  /** Resolves with the next message of a type, when it has been acted on. */
  heard(type: DomainMessage["type"]): Promise<void>;
  /** From now on messages get lost on their way, unnoticed. */
  deafen(): void;
  /** Makes a request that ends so. @returns whether it was made, else the reason why not. */
  send(domain: string, verdict: Verdict, during?: () => Promise<unknown>): Promise<true | Error>;
  stop(): void;
}

export interface BreakerProcessOptions {
  readonly url: string;
  readonly settings: BreakerSettings;
  readonly log?: Log;
  readonly lookEveryMs?: number;
}

export async function startBreakers(options: BreakerProcessOptions): Promise<BreakerProcess> {
  const { url, settings, log = silentLog, lookEveryMs } = options;
  const redis = openRedis({ url, name: "test", log: silentLog });
  const breakers = new Breakers({
    redis,
    deadlineMs: 20_000,
    settings,
    log,
    ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
  });
  let deaf = false;
  const waiting = new Set<{ type: string; resolve: () => void }>();
  function hear(message: ControlMessage): void {
    if (deaf) return;
    breakers.hear(message as DomainMessage);
    for (const one of waiting) {
      if (one.type !== message.type) continue;
      waiting.delete(one);
      one.resolve();
    }
  }
  const stopListening = await listenControl(redis, hear, (now) => breakers.listening(now));
  breakers.start();
  return {
    breakers,
    redis,
    heard: (type) => new Promise((resolve) => waiting.add({ type, resolve })),
    deafen() {
      deaf = true;
    },
    async send(domain, verdict, during = async () => {}) {
      let made = false;
      const request = async () => {
        made = true;
        await during();
      };
      const error = await breakers.send(domain, request, () => verdict).catch((thrown: Error) => thrown);
      return made ? true : (error as Error);
    },
    stop() {
      breakers.stop();
      stopListening();
      redis.disconnect();
    },
  };
}
