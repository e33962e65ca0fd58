import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import { clean, cut, measured, shorten, wrap } from "../text.ts";
import { caches, uncacheable, unproven } from "./cache-sections.ts";
import { changes, comparisonLine } from "./comparison.ts";
import { disallowed, failures, leftOut, redirects, slow, warnings } from "./page-sections.ts";
import { sectionText } from "./section.ts";

/** A report for people: what it does not know first, then what needs a look, what is well last. Sections without pages are left out. */
export function reportText(report: WireReport, screen: Screen): string {
  const sections = [
    warnings(report, screen),
    ...changes(report, screen),
    ...failures(report, screen),
    redirects(report, screen),
    slow(report, screen),
    uncacheable(report, screen),
    ...caches(report),
    disallowed(report, screen),
    unproven(report, screen),
    ...leftOut(report),
  ];
  const texts = sections.filter(({ pages }) => pages > 0).map((section) => sectionText(section, screen));
  return `${[headText(report, screen), ...texts].join("\n\n")}\n`;
}

/** What was checked and what could not be, of which site, how it ended or why it failed, and what has changed. */
function headText(report: WireReport, { paint, width }: Screen): string {
  const { job, headline, summary } = report;
  const state = `${job.status}${took(job)}`;
  const url = shorten(clean(job.url), width - state.length - 2);
  const checked = summary.pages === 0 ? [] : [paint("bold", cut(clean(headline), width))];
  const failure =
    job.failure === null ? [] : wrap(clean(job.failure), width).map((line) => paint("red", line));
  const compared = comparisonLine(report);
  const since = compared === null ? [] : wrap(compared, width).map((line) => paint("dim", line));
  return [...checked, `${url}  ${paint("dim", state)}`, ...failure, ...since].join("\n");
}

function took({ startedAt, finishedAt }: WireReport["job"]): string {
  if (startedAt === null || finishedAt === null) return "";
  return ` in ${measured(Date.parse(finishedAt) - Date.parse(startedAt))}`;
}
