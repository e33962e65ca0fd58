type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** A metric of an exposition. */
export interface Exposed {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly Sample[];
}

export type Exposition = ReadonlyMap<string, Exposed>;

/**
 * Reads the text format of Prometheus, version 0.0.4.
 * @throws Error where it is not in the format, or not as `promtool check metrics` wants it.
 */
export function readExposition(text: string): Exposition {
  if (!text.endsWith("\n")) throw new Error("expected a line feed at the end");
  const families = text
    .split(/^(?=# HELP )/m)
    .filter((part) => part !== "")
    .map(readFamily);
  const exposition = new Map(families.map((family) => [family.name, family]));
  if (exposition.size < families.length) throw new Error("expected each metric once");
  for (const family of families) lint(family);
  return exposition;
}

export function sampleOf(exposition: Exposition, name: string, labels: Labels = {}): number | undefined {
  for (const { samples } of exposition.values()) {
    const found = samples.find((sample) => seriesOf(sample) === seriesOf({ name, labels }));
    if (found !== undefined) return found.value;
  }
  return undefined;
}

function readFamily(text: string): Exposed {
  const [first, second, ...rest] = text.split("\n").filter((line) => line !== "");
  const [, name = "", help = ""] = /^# HELP (\S+) (.*)$/.exec(first!) ?? [];
  const [, type = ""] = new RegExp(`^# TYPE ${name} (\\S+)$`).exec(second ?? "") ?? [];
  return { name, help, type, samples: rest.map(readSample) };
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.+)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,(?!$)|$)/;

function readSample(line: string): Sample {
  const [, name, text = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`expected a sample, got ${line}`);
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ""; ) {
    const [whole, label, of] = LABEL.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`expected labels, got ${rest} in ${line}`);
    labels[label!] = of!;
    rest = rest.slice(whole.length);
  }
  return { name, labels, value: Number(value) };
}

const TYPES = ["gauge", "counter", "histogram"];
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ["_bucket", "_sum", "_count"] };

function lint({ name, help, type, samples }: Exposed): void {
  const require = (isSo: boolean, what: string) => {
    if (!isSo) throw new Error(`${name}: expected ${what}`);
  };
  require(/^bee(?:_[a-z]+)+$/.test(name), "a name in snake case that begins with bee_");
  require(help.length > 0, "a help text");
  require(TYPES.includes(type), `a type of ${TYPES.join(", ")}, got ${type}`);
  require(name.endsWith("_total") ===
    (type === "counter"), "_total at the end of counters, and of nothing else");
  require(!/_(?:ms|milliseconds|percent|kilobytes|megabytes)(?:_|$)/.test(name), "a base unit");
  require(new Set(samples.map(seriesOf)).size === samples.length, "each series once");
  const names = (SUFFIXES[type] ?? [""]).map((suffix) => name + suffix);
  for (const { name: of, labels, value } of samples) {
    require(names.includes(of), `samples named ${names.join(", ")}, got ${of}`);
    require(Number.isFinite(value) && value >= 0, `numbers that are not negative, got ${value}`);
    for (const label of Object.values(labels)) require(label.length <= 60, `short labels, got ${label}`);
  }
  if (type === "histogram") lintHistogram({ name, samples }, require);
}

function lintHistogram(
  { name, samples }: Pick<Exposed, "name" | "samples">,
  require: (isSo: boolean, what: string) => void,
): void {
  const groups = Map.groupBy(samples, ({ labels: { le: _, ...rest } }) => seriesOf({ name, labels: rest }));
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => labels["le"]!.replace("+Inf", "Infinity")).map(Number);
    const isRising = (values: readonly number[]) =>
      values.every((value, i) => i === 0 || value >= values[i - 1]!);
    require(isRising(bounds), "buckets in the order of their bounds");
    require(isRising(buckets.map(({ value }) => value)), "buckets that hold those below");
    require(bounds.at(-1) === Number.POSITIVE_INFINITY, "a last bucket for the rest");
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    require(count === buckets.at(-1)!.value, "as many in the last bucket as were counted");
    require(group.some((sample) => sample.name === `${name}_sum`), "a sum");
  }
}

function seriesOf({ name, labels }: Pick<Sample, "name" | "labels">): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
