/** A map of the entries that were set last: when there are too many, the one that was set longest ago is dropped. */
export class RecentMap<K, V> extends Map<K, V> {
  readonly #capacity: number;
  readonly #dropped: (value: V) => void;

  /** @param dropped told of each value that had to go, but not of those that are deleted. */
  constructor(capacity: number, dropped: (value: V) => void = () => {}) {
    super();
    this.#capacity = capacity;
    this.#dropped = dropped;
  }

  override set(key: K, value: V): this {
    // A map iterates in the order of insertion.
    this.delete(key);
    super.set(key, value);
    if (this.size > this.#capacity) {
      const [oldest, gone] = this.entries().next().value!;
      this.delete(oldest);
      this.#dropped(gone);
    }
    return this;
  }
}
