import type { ServerResponse } from "node:http";

/**
 * Waits before an answer, but no longer than the client stays; resolves to whether it stayed. Without that, a stopped
 * server would keep its process alive until the slowest answer was due.
 */
export function pause(ms: number, response: ServerResponse): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  if (response.destroyed) resolve(false);
  else if (ms <= 0) resolve(true);
  else {
    const leave = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      response.off("close", leave);
      resolve(true);
    }, ms);
    response.once("close", leave);
  }
  return promise;
}
