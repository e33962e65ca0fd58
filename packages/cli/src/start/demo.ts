import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CacheResult, Environment, Outcome, RateRule } from "@bee/core";
import type { WireReport } from "../client/wire.ts";
import { newDemoHost } from "./demo-jobs.ts";
import { ProgramProcess } from "./program-process.ts";
import type { Session } from "./session.ts";

/** The line that the demo site prints when it listens. */
interface Announcement {
  readonly url: string;
  readonly controlUrl: string;
}

/** What a right report of the demo says. */
export interface DemoExpectation {
  readonly pages: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly firstRun: Readonly<Record<CacheResult, number>>;
}

/** The demo's owner asks for no more patience than a demo needs: some ninety pages, two visits each, in ten seconds. */
const DEMO_RULE: RateRule = { requestsPerSecond: 20, burst: 20, concurrency: 10 };

/** Starts the demo site beside us. Its cache is empty, so every start has something to warm. */
export async function startDemo({
  demoSite,
  started,
}: Pick<Session, "demoSite" | "started">): Promise<{ url: string; expected: DemoExpectation }> {
  const program = new ProgramProcess(demoSite, ["--with-parent", "--host", newDemoHost()]);
  started.add("demo site", program, () => program.stop());
  const { url, controlUrl } = await program.announcement<Announcement>();
  const answer = await fetch(`${controlUrl}expected`);
  return { url, expected: (await answer.json()) as DemoExpectation };
}

/** What lets a fleet warm a site on this machine that answers to a name under `.test`. */
export function demoEnvironment(
  { config, dataDir, started }: Pick<Session, "config" | "dataDir" | "started">,
  siteUrl: string,
): Environment {
  const rulesFile = started.add("demo rules", join(dataDir, "demo-rules.json"), (file) =>
    rmSync(file, { force: true }),
  );
  const rules = { ...config.rules, [new URL(siteUrl).hostname]: DEMO_RULE };
  writeFileSync(rulesFile, `${JSON.stringify(rules, null, 2)}\n`);
  return {
    BEE_ALLOW_PRIVATE: [...config.allowPrivate, "127.0.0.0/8"].join(","),
    BEE_RESOLVE: [...config.resolve.map((pair) => pair.join("=")), "*.test=127.0.0.1"].join(","),
    BEE_RULES: rulesFile,
  };
}

/** In what a report of the demo differs from what it must say: its four missing pages are there on purpose. */
export function demoDifferences(report: WireReport, expected: DemoExpectation): string[] {
  const { pages, outcomes, cache } = report.summary;
  const { none: _alsoOfPagesThatAreNotOk, ...firstRun } = expected.firstRun;
  return [
    ...differences({ pages: expected.pages }, { pages }),
    ...differences(expected.outcomes, outcomes),
    ...differences(firstRun, cache),
  ];
}

function differences(
  expected: Readonly<Record<string, number>>,
  got: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(expected)
    .filter(([name, number]) => got[name] !== number)
    .map(([name, number]) => `expected ${number} ${name}, got ${got[name]}`);
}
