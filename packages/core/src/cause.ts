/** Of a page that ended without a word. */
const NO_REASON = "no reason was recorded";

/** What differs from page to page although the cause is the same: where a redirect led, a date, a length. */
const PARTICULARS =
  /https?:\/\/\S+?(?=[:,;.]?(?:\s|$))|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT|\b\d+(?= bytes\b)/g;

/** The cause that a page's reason names, the same for all pages that share it. */
export function causeOf(reason: string | null): string {
  return reason?.replaceAll(PARTICULARS, "…") ?? NO_REASON;
}

/** Pages that share a cause: how many there are, and the first of them. */
export interface CauseGroup<T> {
  readonly cause: string;
  readonly pages: number;
  readonly findings: readonly T[];
}

/** Ends the reason of a page that others spoilt: why they did is what a reader looks for. */
const UNTRIED = /not tried any more$/;

/**
 * Listed pages by their cause, the most common cause first, those last that were given up. One page alone keeps the
 * particulars of its reason.
 * @param causes how many pages each cause has; the list may hold fewer.
 */
export function groupByCause<T extends { readonly reason: string | null }>(
  findings: readonly T[],
  causes: readonly { readonly reason: string; readonly pages: number }[],
): CauseGroup<T>[] {
  const pages = new Map(causes.map((group) => [group.reason, group.pages]));
  return [...Map.groupBy(findings, ({ reason }) => causeOf(reason))]
    .map(([cause, findings]) => ({ cause, pages: pages.get(cause) ?? findings.length, findings }))
    .map((group) => (group.pages === 1 ? { ...group, cause: group.findings[0]!.reason ?? NO_REASON } : group))
    .sort((a, b) => Number(UNTRIED.test(a.cause)) - Number(UNTRIED.test(b.cause)) || b.pages - a.pages);
}
