import { type ControlMessage, listenControl, type Redis } from "@bee/queue";

/** The first message to the workers while something is done. */
export async function heardDuring(redis: Redis, work: () => Promise<unknown>): Promise<ControlMessage> {
  const { promise, resolve } = Promise.withResolvers<ControlMessage>();
  const stopListening = await listenControl(redis, resolve);
  await work();
  const message = await promise;
  stopListening();
  return message;
}
