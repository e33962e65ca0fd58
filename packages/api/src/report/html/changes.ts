import { count, thousands } from "@bee/core";
import { CHANGES, type Change } from "../comparison.ts";
import type { Report } from "../report.ts";
import { day } from "./day.ts";
import { html, type Markup } from "./markup.ts";
import { rest, SHORT, tablesOf } from "./tables.ts";

const TOLD: Readonly<
  Record<Change, { readonly title: string; readonly tone: string; readonly remark: string }>
> = {
  new: { title: "new", tone: "broken", remark: "fail now and were well then" },
  firstSeen: { title: "first seen", tone: "blocked", remark: "fail now and were not visited then" },
  fixed: { title: "fixed", tone: "ok", remark: "failed then, with what stands here, and are well now" },
  still: { title: "still there", tone: "blocked", remark: "failed then and fail now" },
};

/** What became of the site since the job before; null where there is none. */
export function changes(report: Report): Markup | null {
  const { compared } = report;
  if (compared === null) return null;
  const { counts, finishedAt } = compared;
  const groups = CHANGES.filter((change) => counts[change] > 0);
  return html`<section class="changes" aria-labelledby="changes">
<h2 id="changes">Since the job of ${day(finishedAt)}</h2>
${groups.length === 0 && counts.unchecked === 0 ? html`<p>Nothing changed: no page failed then, and none does now.</p>` : null}
${groups.map((change) => changeGroup(report, change))}
${counts.unchecked > 0 ? html`<p class="quiet">${count(counts.unchecked, "page that failed then was", "pages that failed then were")} not checked this time.</p>` : null}
</section>`;
}

function changeGroup(report: Report, change: Change): Markup {
  const { title, tone, remark } = TOLD[change];
  const list = report.compared![change];
  const pages = report.compared!.counts[change];
  // What is new is why somebody looks.
  return html`<details class="group"${change === "new" && pages <= SHORT ? html` open` : null}>
<summary><span class="swatch ${tone}"></span><b>${thousands(pages)}</b> ${title} <span class="quiet">${remark}</span></summary>
${tablesOf(report).failed(title, list)}${rest(pages - list.length)}
</details>`;
}
