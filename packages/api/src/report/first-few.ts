/** Lists of a report end here: a million broken pages are not read one by one, and the CSV holds them all. */
export const LIST_LIMIT = 1_000;

/** The first entries of a list, and how many there were. */
export class FirstFew<T> {
  readonly entries: T[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(entry: T): void {
    this.#count += 1;
    if (this.entries.length < LIST_LIMIT) this.entries.push(entry);
  }
}
