import type { Redis } from "ioredis";
import { controlChannel } from "./keys.ts";

/** Orders that all workers carry out at once. A missed one does no harm: Postgres refuses results it does not want. */
export type ControlMessage = { readonly type: "job-ended"; readonly job: string };

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
