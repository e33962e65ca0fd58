import type { Outcome } from "@bee/core";
import type { Page } from "@bee/store";
import { LIST_LIMIT } from "./first-few.ts";
import { type ReasonGroup, ReasonGroups } from "./reason-groups.ts";

/** A page in a list of the report, with what a reader needs to act on it. */
export interface Finding {
  readonly url: string;
  readonly status: number | null;
  readonly reason: string | null;
  /** The sitemap or page that named it first. */
  readonly foundOn: string | null;
}

/** The outcomes that somebody should look at: a visitor would not get the page, or nobody can tell. */
export const FAILURES = ["broken", "blocked", "unreachable"] as const satisfies readonly Outcome[];
export type Failure = (typeof FAILURES)[number];

export function isFailure(outcome: Outcome | null): outcome is Failure {
  return FAILURES.some((failure) => failure === outcome);
}

export function toFinding({ url, status, reason, foundOn }: Page): Finding {
  return { url, status, reason, foundOn };
}

/** Findings of one kind: the first of them, and every cause with the number of its pages. */
export class FindingList {
  readonly entries: Finding[] = [];
  readonly #causes = new ReasonGroups();

  get causes(): ReasonGroup[] {
    return this.#causes.entries;
  }

  add(page: Page): void {
    const isExample = this.#causes.add(page);
    // A cause that comes late must not be hidden behind a thousand pages of another.
    if (isExample || this.entries.length < LIST_LIMIT) this.entries.push(toFinding(page));
  }
}
