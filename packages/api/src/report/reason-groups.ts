import type { Page } from "@bee/store";
import { LIST_LIMIT } from "./first-few.ts";

const EXAMPLES = 10;
const OTHER = "other reasons";

/** Pages that share a reason: one header to correct, not a thousand pages. */
export interface ReasonGroup {
  readonly reason: string;
  readonly pages: number;
  /** The first few of their URLs. */
  readonly examples: readonly string[];
}

export class ReasonGroups {
  readonly #groups = new Map<string, { pages: number; examples: string[] }>();

  add({ url, reason }: Page): void {
    const group = this.#groupOf(reason ?? "no reason was recorded");
    group.pages += 1;
    if (group.examples.length < EXAMPLES) group.examples.push(url);
  }

  /** The largest groups first. */
  get entries(): ReasonGroup[] {
    return [...this.#groups]
      .map(([reason, group]) => ({ reason, ...group }))
      .sort((a, b) => b.pages - a.pages);
  }

  #groupOf(reason: string) {
    // A reason may quote a date; that must not make a group of every page.
    const name = this.#groups.has(reason) || this.#groups.size < LIST_LIMIT ? reason : OTHER;
    const group = this.#groups.get(name) ?? { pages: 0, examples: [] };
    this.#groups.set(name, group);
    return group;
  }
}
