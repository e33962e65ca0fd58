import { BEE } from "../command-name.ts";
import { type Paint, paintFor } from "../show/paint.ts";
import type { Fleet } from "./supervisor.ts";

/** What a person who started a fleet wants to know next. */
export function describeFleet(fleet: Fleet, startMs: number): string {
  const paint = paintFor(process.stdout);
  const headline = `${paint("bold", "Blue Banded Bee is up")}: ${fleet.workers} workers, ready after ${(startMs / 1_000).toFixed(1)} s`;
  return `\n${headline}\n\n${addressesText(fleet, paint)}\n`;
}

/** Where things are, and what to type. */
export function addressesText(
  { url, keyFile }: Pick<Fleet, "url" | "keyFile">,
  paint: Paint = paintFor(process.stdout),
): string {
  const rows = [
    ["Console", `${url}/`, "sign in with the key"],
    ["API", url, ""],
    ["Bull Board", `${url}/queues`, "any user, password: the key"],
    ["Key", keyFile ?? "as set in BEE_ADMIN_KEY", ""],
    ["Warm a site", `${BEE} warm https://example.com`, ""],
    ["Stop", "Ctrl-C", ""],
  ] as const;
  return rows
    .map(([name, value, remark]) =>
      `  ${paint("dim", name.padEnd(12))} ${value}  ${paint("dim", remark)}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}
