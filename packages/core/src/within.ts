import { BeeError } from "./errors.ts";

/**
 * What `work` gives, unless that takes too long: a store behind a cut cable does not refuse, it is silent.
 * @throws BeeError `unavailable` naming what did not answer.
 */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      reject(new BeeError("unavailable", `${what} did not answer within ${ms} ms; try again in a moment`)),
    ms,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
