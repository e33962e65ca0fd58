/** Long enough to be calm, short enough to notice that a site slows down. */
const WINDOW_MS = 10_000;

/** How fast a counter grows, over the last ten seconds. */
export class Pace {
  readonly #seen: { readonly at: number; readonly done: number }[] = [];

  add(done: number, at: number): void {
    this.#seen.push({ at, done });
    while (this.#seen.length > 2 && at - this.#seen[0]!.at > WINDOW_MS) this.#seen.shift();
  }

  /** Null until there are two observations to compare. */
  get perSecond(): number | null {
    const first = this.#seen[0];
    const last = this.#seen.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return null;
    return (1_000 * (last.done - first.done)) / (last.at - first.at);
  }
}
