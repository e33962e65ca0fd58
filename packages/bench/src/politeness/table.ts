import type { Figure } from "../harness/figure.ts";
import type { Verdict } from "./verdict.ts";

const NAME_WIDTH = 28;
const WIDTH = 13;
/** With fewer there was nothing to judge. */
const LEAST_REQUESTS = 100;

/** One line for each domain and rule. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const heads = ["rule", "requests", "excess", "allowed for", "in flight", "rate used"];
  const rows = verdicts.map(({ reign, requests, excess, excessAllowed, inFlight, used }) => {
    const { requestsPerSecond, burst, concurrency } = reign.rule;
    return row(reign.what, [
      `${Number(requestsPerSecond.toFixed(2))}/${burst}/${concurrency}`,
      String(requests),
      excess.toFixed(2),
      excessAllowed.toFixed(2),
      `${inFlight} of ${concurrency}`,
      `${(100 * used).toFixed(0)} %`,
    ]);
  });
  return [row("", heads), ...rows].join("\n");
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(WIDTH)).join("");
}

export function figuresOf(scenario: string, verdicts: readonly Verdict[]): Figure[] {
  const worst = (of: (verdict: Verdict) => number) => Math.max(...verdicts.map(of));
  return [
    {
      what: `${scenario}: worst excess over r·T + b, lateness allowed for`,
      got: worst(({ excessAllowed }) => excessAllowed),
      unit: "requests",
      must: { atMost: 0 },
    },
    {
      what: `${scenario}: most in flight over c`,
      got: worst(({ inFlight, reign }) => inFlight - reign.rule.concurrency),
      unit: "",
      must: { atMost: 0 },
    },
    {
      what: `${scenario}: requests that were judged`,
      got: verdicts.reduce((sum, { requests }) => sum + requests, 0),
      unit: "",
      must: { atLeast: LEAST_REQUESTS },
    },
  ];
}
