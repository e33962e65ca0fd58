/**
 * `npm run bench -- <measure> …`: measures what is promised in numbers, prints each figure with its limit, and ends
 * with exit code 1 when one is missed.
 */
import { type Figure, figureText, holds, type Measure } from "./harness/figure.ts";

/** Every measure, loaded only when it is to run. */
const MEASURES: Readonly<Record<string, () => Promise<Measure>>> = {
  breakers: async () => (await import("./measures/breakers.ts")).measure,
  cost: async () => (await import("./measures/cost.ts")).measure,
  critical: async () => (await import("./measures/critical.ts")).measure,
  eta: async () => (await import("./measures/eta.ts")).measure,
  expansion: async () => (await import("./measures/expansion.ts")).measure,
  frontier: async () => (await import("./measures/frontier.ts")).measure,
  "head-of-line": async () => (await import("./measures/head-of-line.ts")).measure,
  lanes: async () => (await import("./measures/lanes.ts")).measure,
  outage: async () => (await import("./measures/outage.ts")).measure,
  pace: async () => (await import("./measures/pace.ts")).measure,
  streams: async () => (await import("./measures/streams.ts")).measure,
};

const say = (line: string) => process.stdout.write(`${line}\n`);
const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(MEASURES, name));

if (names.length === 0 || unknown.length > 0) {
  if (unknown.length > 0) say(`Expected measures of the list below, got ${unknown.join(", ")}.\n`);
  say("npm run bench -- <measure> …");
  for (const [name, load] of Object.entries(MEASURES)) say(`  ${name.padEnd(14)} ${(await load()).about}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const missed: Figure[] = [];
  for (const name of names) {
    say(`\n${name}`);
    const figures = await (await MEASURES[name]!()).run((line) => say(`  … ${line}`));
    for (const figure of figures) say(`  ${figureText(figure)}`);
    missed.push(...figures.filter((figure) => !holds(figure)));
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
}
