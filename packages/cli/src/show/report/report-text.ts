import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import { clean, cut, measured, wrap } from "../text.ts";
import { caches, uncacheable } from "./cache-sections.ts";
import { disallowed, failures, leftOut, redirects, slow, warnings } from "./page-sections.ts";
import { sectionText } from "./section.ts";

/** A report for people: what it does not know first, then what needs a look, what is well last. Sections without pages are left out. */
export function reportText(report: WireReport, screen: Screen): string {
  const sections = [
    warnings(report, screen),
    ...failures(report, screen),
    redirects(report, screen),
    slow(report, screen),
    uncacheable(report, screen),
    ...caches(report, screen),
    disallowed(report, screen),
    ...leftOut(report),
  ];
  const texts = sections.filter(({ pages }) => pages > 0).map((section) => sectionText(section, screen));
  return `${[headText(report, screen), ...texts].join("\n\n")}\n`;
}

/** Which site, how it ended, why it failed, and the headline that also says what could not be checked. */
function headText({ job, headline, summary }: WireReport, { paint, width }: Screen): string {
  const state = `${job.status}${took(job)}`;
  const url = cut(clean(job.url), width - state.length - 2);
  const title = `${paint("bold", url)}  ${paint("dim", state)}`;
  const failure =
    job.failure === null ? [] : wrap(clean(job.failure), width).map((line) => paint("red", line));
  const checked = summary.pages === 0 ? [] : [cut(clean(headline), width)];
  return [title, ...failure, ...checked].join("\n");
}

function took({ startedAt, finishedAt }: WireReport["job"]): string {
  if (startedAt === null || finishedAt === null) return "";
  return ` in ${measured(Date.parse(finishedAt) - Date.parse(startedAt))}`;
}
