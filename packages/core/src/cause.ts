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

/**
 * Listed pages by their cause, the most common cause first.
 * @param causes how many pages each cause has; the list may hold fewer.
 */
export function groupByCause<T extends { readonly reason: string | null }>(
  findings: readonly T[],
  causes: readonly { readonly reason: string; readonly pages: number }[],
): CauseGroup<T>[] {
  const pages = new Map(causes.map((group) => [group.reason, group.pages]));
  return [...Map.groupBy(findings, ({ reason }) => causeOf(reason))]
    .map(([cause, group]) => ({ cause, pages: pages.get(cause) ?? group.length, findings: group }))
    .sort((a, b) => b.pages - a.pages);
}
