import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import type { Cell } from "../table.ts";
import { pathIn, thousands } from "../text.ts";
import { listLines, originOf, type Section } from "./section.ts";

type Compared = NonNullable<WireReport["compared"]>;
type Failed = Compared["new"][number];

/** `since the job of 2026-01-31 10:00 UTC: 1 new, 2 fixed, 4 still there`; null without such a job. */
export function comparisonLine({ compared }: WireReport): string | null {
  if (compared === null) return null;
  const { counts, finishedAt } = compared;
  const parts = [
    `${thousands(counts.new)} new`,
    ...(counts.firstSeen > 0 ? [`${thousands(counts.firstSeen)} first seen`] : []),
    `${thousands(counts.fixed)} fixed`,
    `${thousands(counts.still)} still there`,
    ...(counts.unchecked > 0 ? [`${thousands(counts.unchecked)} not checked again`] : []),
  ];
  return `since the job of ${finishedAt.slice(0, 16).replace("T", " ")} UTC: ${parts.join(", ")}`;
}

/** What has changed; what has not stands with the other findings. */
export function changes(report: WireReport, screen: Screen): Section[] {
  const { compared } = report;
  if (compared === null) return [];
  const origin = originOf(report);
  const toRow = ({ url, reason, outcome }: Failed): Cell[] => [
    pathIn(origin, url),
    { text: reason ?? outcome, style: "dim" },
  ];
  const lines = (change: "new" | "firstSeen" | "fixed") =>
    listLines(compared[change], compared.counts[change], toRow, { ...screen, flexible: [0, 1] });
  return [
    {
      ...{ title: "New", style: "red", pages: compared.counts.new, lines: lines("new") },
      remark: "were well in the job before",
    },
    {
      ...{ title: "First seen", style: "red", pages: compared.counts.firstSeen, lines: lines("firstSeen") },
      remark: "fail now, and the job before did not visit them",
    },
    {
      ...{ title: "Fixed", style: "green", pages: compared.counts.fixed, lines: lines("fixed") },
      remark: "well now; the job before told of them as below",
    },
  ];
}
