/** What was read a moment ago is good for everybody who asks meanwhile: many callers cost as much as one. */
export class KeptBriefly<T> {
  readonly #forMs: number;
  readonly #read: () => Promise<T>;
  #kept: { readonly until: number; readonly value: Promise<T> } | undefined;

  constructor(forMs: number, read: () => Promise<T>) {
    this.#forMs = forMs;
    this.#read = read;
  }

  read(): Promise<T> {
    const now = performance.now();
    if (this.#kept === undefined || this.#kept.until < now) {
      this.#kept = { until: now + this.#forMs, value: this.#read() };
    }
    return this.#kept.value;
  }
}
