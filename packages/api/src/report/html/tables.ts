import { type CauseGroup, count, measured, pathIn, thousands } from "@bee/core";
import type { Failed } from "../comparison.ts";
import type { Finding } from "../finding.ts";
import type { ReasonGroup } from "../reason-groups.ts";
import type { Redirected, Report } from "../report.ts";
import type { SlowPage } from "../slow-pages.ts";
import { type Content, html, link, type Markup } from "./markup.ts";

/** Lists with more pages than this begin folded; of a cause the first ten are seen. */
export const SHORT = 12;
const FIRST = 10;

interface Column {
  readonly name: string;
  /** Of a number: it needs no more room than its name. */
  readonly isNarrow?: boolean;
}

const PAGE = { name: "Page" };
const FOUND_ON = { name: "Found on" };
const STATUS = { name: "Status", isNarrow: true };
const FIRST_BYTE = { name: "First byte", isNarrow: true };
const FROM_CACHE = { name: "From the cache", isNarrow: true };

/** The tables of one report, whose pages are shown by their paths. */
export function tablesOf({ job }: Pick<Report, "job">) {
  const { origin } = new URL(job.url);
  const page = (url: string | null) => (url === null ? null : link(url, pathIn(origin, url)));
  return {
    group({ cause, pages, findings }: CauseGroup<Finding>): Markup {
      const rows = findings.map(({ url, status, foundOn }) => [page(url), status, page(foundOn)]);
      const columns = [PAGE, STATUS, FOUND_ON];
      if (pages <= SHORT) return fold(cause, pages, [table(cause, columns, rows), rest(pages - rows.length)]);
      const more = [table(cause, columns, rows.slice(FIRST)), rest(pages - rows.length)];
      return fold(cause, pages, [
        table(cause, columns, rows.slice(0, FIRST)),
        rows.length <= FIRST
          ? rest(pages - rows.length)
          : html`<details><summary>${thousands(rows.length - FIRST)} more</summary>${more}</details>`,
      ]);
    },
    failed(caption: string, list: readonly Failed[]): Markup {
      const rows = list.map(({ url, reason, outcome, foundOn }) => [
        page(url),
        reason ?? outcome,
        page(foundOn),
      ]);
      return table(caption, [PAGE, { name: "Reason" }, FOUND_ON], rows);
    },
    examples({ reason, pages, examples }: ReasonGroup): Markup {
      const list = html`<ul class="urls">${examples.map((url) => html`<li>${page(url)}</li>`)}</ul>`;
      return fold(reason, pages, [list, rest(pages - examples.length)]);
    },
    redirects(list: readonly Redirected[]): Markup {
      const rows = list.map(({ url, redirects, offDomain }) => [
        page(url),
        redirects.map((hop, i) => {
          const isAway = offDomain && i === redirects.length - 1;
          return html`<span class="hop">${isAway ? "another domain: " : null}${page(hop)}</span>`;
        }),
      ]);
      return table("Redirects", [PAGE, { name: "Leads to" }], rows);
    },
    slow(list: readonly SlowPage[]): Markup {
      const rows = list.map(({ url, ttfbMs, provedTtfbMs }) => [
        page(url),
        measured(ttfbMs),
        provedTtfbMs === null ? null : measured(provedTtfbMs),
      ]);
      return table("Slow pages", [PAGE, FIRST_BYTE, FROM_CACHE], rows);
    },
  };
}

/** Pages that share something, under its name. */
function fold(name: string, pages: number, content: Content): Markup {
  return html`<details class="group" open>
<summary><b>${thousands(pages)}</b> <bdi>${name}</bdi></summary>
${content}
</details>`;
}

/** @param caption for those who cannot see what the table stands under. */
function table(caption: string, columns: readonly Column[], rows: readonly (readonly Content[])[]): Markup {
  const others = columns.slice(1);
  const cellOf = (cell: Content, i: number) => html`<td data-name="${others[i]!.name}">${cell}</td>`;
  const headOf = ({ name, isNarrow = false }: Column) =>
    html`<th scope="col"${isNarrow ? html` class="narrow"` : null}>${name}</th>`;
  return html`<table class="pages">
<caption class="unseen">${caption}</caption>
<thead><tr>${columns.map(headOf)}</tr></thead>
<tbody>${rows.map(
    ([head, ...cells]) => html`
<tr><th scope="row">${head!}</th>${cells.map(cellOf)}</tr>`,
  )}
</tbody>
</table>`;
}

/** How many there are besides those that are listed. */
export function rest(pages: number): Markup | null {
  if (pages <= 0) return null;
  return html`<p class="quiet">and ${count(pages, "other page")}; the CSV report lists all</p>`;
}
