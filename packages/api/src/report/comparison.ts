import type { Page } from "@bee/store";
import { type Failure, type Finding, isFailure, toFinding } from "./finding.ts";
import { FirstFew } from "./first-few.ts";

/** A page that did not answer well, in this job or in the one before. */
export interface Failed extends Finding {
  readonly outcome: Failure;
}

/** The job before of the same site: the pages that failed in it, by URL, and those that fail now and were well then. */
export interface Earlier {
  readonly job: string;
  readonly finishedAt: Date;
  readonly failed: ReadonlyMap<string, Failed>;
  readonly wereWell: ReadonlySet<string>;
}

/**
 * What became of a page since: it fails now and was well before, or fails and was not visited before, or did and is well,
 * or still does.
 */
export const CHANGES = ["new", "firstSeen", "fixed", "still"] as const;
export type Change = (typeof CHANGES)[number];

export interface Compared extends Readonly<Record<Change, readonly Failed[]>> {
  readonly job: string;
  readonly finishedAt: Date;
  /** Of all pages, also of those that the lists have no room for. */
  readonly counts: Readonly<Record<Change | "unchecked", number>>;
}

export function changeOf(page: Page, { failed, wereWell }: Earlier): Change | null {
  const hadFailed = failed.has(page.url);
  if (isFailure(page.outcome)) return hadFailed ? "still" : wereWell.has(page.url) ? "new" : "firstSeen";
  return hadFailed && page.outcome === "ok" ? "fixed" : null;
}

/** Compares a job with the one before, page by page. */
export class Comparison {
  readonly #earlier: Earlier;
  readonly #lists = {
    new: new FirstFew<Failed>(),
    firstSeen: new FirstFew<Failed>(),
    fixed: new FirstFew<Failed>(),
    still: new FirstFew<Failed>(),
  };

  constructor(earlier: Earlier) {
    this.#earlier = earlier;
  }

  add(page: Page): void {
    const change = changeOf(page, this.#earlier);
    // What is fixed is told with what it was; of now there is nothing to tell.
    if (change === "fixed") this.#lists.fixed.add(this.#earlier.failed.get(page.url)!);
    else if (change !== null)
      this.#lists[change].add({ ...toFinding(page), outcome: page.outcome as Failure });
  }

  get result(): Compared {
    const { job, finishedAt, failed } = this.#earlier;
    const { new: isNew, firstSeen, fixed, still } = this.#lists;
    // Pages that failed before and are no part of this job, or have not been visited in it.
    const unchecked = failed.size - fixed.count - still.count;
    return {
      job,
      finishedAt,
      counts: {
        new: isNew.count,
        firstSeen: firstSeen.count,
        fixed: fixed.count,
        still: still.count,
        unchecked,
      },
      new: isNew.entries,
      firstSeen: firstSeen.entries,
      fixed: fixed.entries,
      still: still.entries,
    };
  }
}
