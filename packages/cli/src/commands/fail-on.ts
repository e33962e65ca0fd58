import { CACHE_RESULTS, OUTCOMES } from "@bee/core";
import type { WireReport } from "../client/wire.ts";

const GOOD = ["ok", "warmed", "already-warm", "none"];

/** What `--fail-on` understands: every way in which a page can end that is not the best one, and one that is late. */
export const FAIL_ON = [...[...OUTCOMES, ...CACHE_RESULTS].filter((name) => !GOOD.includes(name)), "slow"];
export type FailOn = (typeof FAIL_ON)[number];

/** Without `--fail-on`: pages that a visitor would not get, or of which we cannot tell. */
export const DEFAULT_FAIL_ON: readonly FailOn[] = ["broken", "blocked", "unreachable"];

/** @throws Error that names what was not understood. `nothing` means that no finding fails the command. */
export function parseFailOn(text: string): FailOn[] {
  if (text === "nothing") return [];
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !FAIL_ON.some((known) => known === name));
  if (unknown === undefined) return names as FailOn[];
  throw new Error(`expected some of ${FAIL_ON.join(", ")}, or nothing, got ${JSON.stringify(unknown)}`);
}

/** The findings of a report that a caller wants to fail on: `4 broken`. */
export function findingsOf({ summary }: WireReport, failOn: readonly FailOn[]): string[] {
  const pages: Readonly<Record<string, number>> = {
    ...summary.outcomes,
    ...summary.cache,
    slow: summary.slow,
  };
  return failOn.filter((name) => (pages[name] ?? 0) > 0).map((name) => `${pages[name]} ${name}`);
}

/**
 * Why a command fails, for people. A job that was cancelled or failed, or that checked no page, is a finding whatever was
 * asked for: of its site nothing is known.
 */
export function problemsOf(report: WireReport, failOn: readonly FailOn[]): string[] {
  const { job, summary } = report;
  const findings = findingsOf(report, failOn);
  const asked = failOn === DEFAULT_FAIL_ON ? "" : " (--fail-on)";
  return [
    ...(job.status === "completed" ? [] : [`The job was not completed: ${job.status}`]),
    ...(job.status === "completed" && summary.checked === 0 ? ["No page could be checked"] : []),
    ...(findings.length === 0 ? [] : [`Failed on ${findings.join(", ")}${asked}`]),
  ];
}
