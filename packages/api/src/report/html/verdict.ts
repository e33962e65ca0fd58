import { count, type Outcome, thousands } from "@bee/core";
import type { Report } from "../report.ts";

export interface Verdict {
  readonly text: string;
  /** Names its colour in the style sheet. */
  readonly tone: Outcome;
}

const FAILURES = [
  { outcome: "broken", told: "broken" },
  { outcome: "unreachable", told: "not reachable" },
  { outcome: "blocked", told: "blocked" },
] as const;

const LIST = new Intl.ListFormat("en-GB", { type: "conjunction" });

type VerdictSource = Pick<Report, "job" | "summary" | "redirects">;

/** How the site is, in one sentence. */
export function verdictOf({ job, summary, redirects }: VerdictSource): Verdict {
  const { outcomes, checked } = summary;
  const failed = FAILURES.filter(({ outcome }) => outcomes[outcome] > 0);
  const [worst] = failed;
  if (worst !== undefined) {
    const parts = failed.map(({ outcome, told }, i) => {
      const pages = outcomes[outcome];
      // "3 pages are broken, 1 is blocked"
      return i === 0
        ? `${count(pages, "page is", "pages are")} ${told}`
        : `${thousands(pages)} ${pages === 1 ? "is" : "are"} ${told}`;
    });
    return { text: `${LIST.format(parts)}.`, tone: worst.outcome };
  }
  if (job.status === "failed") return { text: "The site could not be checked.", tone: "broken" };
  if (checked === 0) return { text: "No page was checked.", tone: "blocked" };
  // Of a site that has moved nothing is known but that it is no longer here.
  if (redirects.some(({ url, offDomain }) => offDomain && url === job.url)) {
    return { text: "The home page leads to another domain.", tone: "blocked" };
  }
  return checked === 1
    ? { text: "The one page that was checked is well.", tone: "ok" }
    : { text: `All ${count(checked, "page")} that were checked are well.`, tone: "ok" };
}
