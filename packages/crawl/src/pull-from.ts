/** Hands an item on; resolves when the next one is wanted, with false when none is any more. */
export type Push<T> = (item: T) => Promise<boolean>;

/**
 * A generator of what `produce` pushes. It lets a producer run inside something that must surround it from beginning to
 * end, such as the admission of a request, while the consumer pulls at its own pace: nothing is buffered, an item waits
 * until it is taken. A consumer that leaves early is told to the producer and waits for its end.
 */
export async function* pullFrom<T>(produce: (push: Push<T>) => Promise<void>): AsyncGenerator<T> {
  let arrival = Promise.withResolvers<void>();
  let taken = Promise.withResolvers<boolean>();
  let item: { readonly value: T } | undefined;
  let left = false;

  const push = async (value: T) => {
    if (left) return false;
    item = { value };
    taken = Promise.withResolvers();
    arrival.resolve();
    return taken.promise;
  };
  const production = produce(push);
  // The error is thrown below; the end, whichever it is, is an arrival.
  production.catch(() => {}).finally(() => arrival.resolve());

  try {
    while (true) {
      await arrival.promise;
      if (item === undefined) break;
      const { value } = item;
      item = undefined;
      arrival = Promise.withResolvers();
      yield value;
      taken.resolve(true);
    }
  } finally {
    left = true;
    taken.resolve(false);
    await production;
  }
}
