import { readFileSync } from "node:fs";
import { ALERT_NAMES, type AlertName, DEFAULT_ALERT_RULES, parseDuration } from "@bee/core";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { selectorsIn } from "./promql.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: { readonly severity: string };
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const docs = read("docs/metrics.md");
const dashboard = JSON.parse(read("docker/grafana/dashboards/blue-banded-bee.json"));
const [built, outside] = parse(read("docker/prometheus/alerts.yml")).groups.map(
  ({ rules }: { rules: readonly Rule[] }) => rules,
) as [Rule[], Rule[]];

/** What /metrics tells: a test of the API holds the table to it. */
const METRICS = new Map(
  docs
    .split("\n")
    .filter((line) => line.startsWith("| `bee_"))
    .map((line) => {
      const [, name = "", type, labels = ""] = line.split("|").map((cell) => cell.trim());
      return [name.slice(1, -1), { type, labels: [...labels.matchAll(/`(\w+)`/g)].map((found) => found[1]) }];
    }),
);
/** What Prometheus tells of itself. */
const OF_PROMETHEUS = new Set(["up", "ALERTS"]);

function unknownIn(expression: string): string[] {
  return selectorsIn(expression).flatMap(({ metric, labels }) => {
    if (OF_PROMETHEUS.has(metric)) return [];
    const known = METRICS.get(metric) ?? METRICS.get(metric.replace(/_(bucket|sum|count)$/, ""));
    if (known === undefined) return [metric];
    if ((known.type === "histogram") !== /_(bucket|sum|count)$/.test(metric)) return [metric];
    return labels.filter((label) => !known.labels.includes(label)).map((label) => `${metric}{${label}}`);
  });
}

const expressions: string[] = [
  ...[...built, ...outside].map(({ expr }) => expr),
  ...dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
    targets.map(({ expr }) => expr),
  ),
  ...dashboard.annotations.list.map(({ expr }: { expr: string }) => expr),
];

test("the dashboard and the alerts name only metrics and labels that there are", () => {
  expect(METRICS.size).toBeGreaterThan(30);
  expect(expressions.length).toBeGreaterThan(50);
  expect(expressions.flatMap(unknownIn)).toEqual([]);
});

test("a metric, a label, a part of a histogram that there is not is found, and so is what is no PromQL", () => {
  expect(unknownIn("sum(bee_wokers) > 1")).toEqual(["bee_wokers"]);
  expect(unknownIn('sum by (le) (rate(bee_visits_total{resutl="ok"}[5m]))')).toEqual([
    "bee_visits_total{resutl}",
  ]);
  expect(unknownIn("rate(bee_task_seconds[5m]) + bee_workers_count")).toEqual([
    "bee_task_seconds",
    "bee_workers_count",
  ]);
  expect(() => unknownIn("sum(bee_workers")).toThrow("expected PromQL");
});

test("every key figure of docs/metrics.md has its place on the dashboard", () => {
  const [, figures = ""] = docs.split("## The key figures");
  const named = new Set(figures.match(/bee_\w+/g));
  expect(named.size).toBeGreaterThan(7);
  const shown = JSON.stringify(dashboard.panels);
  expect([...named].filter((metric) => !shown.includes(metric))).toEqual([]);
});

test("every panel has a place of its own, and shows something", () => {
  const { panels } = dashboard;
  const places = panels.flatMap(({ gridPos: { x, y, w } }: { gridPos: Record<"x" | "y" | "w", number> }) =>
    Array.from({ length: w }, (_, i) => `${x + i}/${y}`),
  );
  expect(new Set(places).size).toBe(places.length);
  for (const panel of panels) expect(panel.targets.length).toBeGreaterThan(0);
});

describe("the alerts of Prometheus are the fleet's own:", () => {
  test("all of them, and no other but those that only an outsider can see", () => {
    expect(built.map(({ alert }) => alert)).toEqual([...ALERT_NAMES]);
    expect(outside.filter(({ alert }) => ALERT_NAMES.includes(alert as AlertName))).toEqual([]);
  });

  test.each(built)("$alert has the same severity, thresholds and times", (rule) => {
    const { severity, above, backTo, forMs } = DEFAULT_ALERT_RULES[rule.alert as AlertName];
    const inSeconds = rule.alert === "response_time_high" ? 1_000 : 1;
    const [fires, staysUnless = fires] = rule.expr
      .split(/^or /m)
      .map((part) => / > ([\d.]+)/.exec(part)?.[1]);
    expect({
      severity: rule.labels.severity,
      above: Number(fires),
      forMs: parseDuration(rule.for ?? "0s"),
      overMs: parseDuration(rule.keep_firing_for ?? "0s"),
    }).toEqual({ severity, above: above / inSeconds, forMs, overMs: forMs });
    // Who is done by anything being done has no second threshold.
    if (rule.alert !== "no_progress") expect(Number(staysUnless)).toBe(backTo / inSeconds);
  });
});
