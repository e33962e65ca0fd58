import type { Redis } from "ioredis";
import { controlChannel } from "./keys.ts";

/** Orders that all workers carry out at once. One that is missed does little harm: workers ask Postgres as well. */
export interface ControlMessage {
  /** No request of the job is to be made any more, or they may be made again. */
  readonly type: "job-stopped" | "job-resumed";
  readonly job: string;
}

export async function sendControl(redis: Redis, message: ControlMessage): Promise<void> {
  await redis.publish(controlChannel(), JSON.stringify(message));
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
