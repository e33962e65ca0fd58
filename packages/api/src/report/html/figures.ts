import { count, measured, thousands, WORTH_TELLING_MS } from "@bee/core";
import type { Report } from "../report.ts";
import type { Saved } from "../savings.ts";
import { html, type Markup } from "./markup.ts";

/** What a reader wants to know at first sight, in four numbers. */
export function figures({ summary, warmed }: Report): Markup {
  const { outcomes, cache, pages, checked } = summary;
  const failed = outcomes.broken + outcomes.blocked + outcomes.unreachable;
  const none = checked === 0 ? "no page could be checked" : "no page failed";
  const remark = failed === 0 ? none : "broken, blocked or not reachable";
  return html`<dl class="figures">
${figure("Well", thousands(outcomes.ok), `of ${count(pages, "page")}`)}
${figure("Not well", thousands(failed), remark, failed > 0)}
${figure("In the cache", thousands(cache.warmed + cache["already-warm"]), byWhom(cache.warmed))}
${firstByte(warmed)}
</dl>`;
}

function byWhom(warmed: number): string {
  return warmed === 0
    ? "none of them warmed by this job"
    : `${thousands(warmed)} by this job, proved by a second visit`;
}

function firstByte({ coldTtfbMs, warmTtfbMs, savedMs }: Saved): Markup {
  if (coldTtfbMs === null || warmTtfbMs === null) {
    return figure("First byte", "—", "no page was timed before and after");
  }
  const saved = savedMs >= WORTH_TELLING_MS ? `; ${measured(savedMs)} saved in all` : "";
  return figure("First byte", measured(warmTtfbMs), `on average; ${measured(coldTtfbMs)} before${saved}`);
}

function figure(name: string, value: string, remark: string, isBad = false): Markup {
  return html`<div${isBad ? html` class="bad"` : null}><dt>${name}</dt><dd><b>${value}</b> <span>${remark}</span></dd></div>`;
}
