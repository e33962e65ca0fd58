import { causeOf } from "@bee/core";
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

  /** @returns whether the page is one of its group's examples. */
  add({ url, reason }: Page): boolean {
    const group = this.#groupOf(causeOf(reason));
    group.pages += 1;
    const isExample = group.examples.length < EXAMPLES;
    if (isExample) group.examples.push(url);
    return isExample;
  }

  /** The largest groups first. */
  get entries(): ReasonGroup[] {
    return [...this.#groups]
      .map(([reason, group]) => ({ reason, ...group }))
      .sort((a, b) => b.pages - a.pages);
  }

  #groupOf(reason: string) {
    // A reason may quote what differs from page to page; that must not make a group of every page.
    const name = this.#groups.has(reason) || this.#groups.size < LIST_LIMIT ? reason : OTHER;
    const group = this.#groups.get(name) ?? { pages: 0, examples: [] };
    this.#groups.set(name, group);
    return group;
  }
}
