import { type PointerEvent, useState } from "react";
import { clock, moment } from "../data/words.ts";
import { Badge } from "../ui/parts.tsx";

export interface Series {
  readonly name: string;
  readonly tone: string;
  readonly values: readonly (number | null)[];
}

const WIDTH = 420;
const HEIGHT = 150;
const LEFT = 54;
const FOOT = 20;
const TOP = 8;

/** A line breaks where samples are missing: nobody was there to take them. */
const GAP_STEPS = 3.5;

/** Lines over time. What is under the pointer is told in the legend, else the newest. */
export function LineChart({
  times,
  series,
  format,
  least = 1,
}: {
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** The scale reaches at least so far. */
  readonly least?: number;
}) {
  const [at, setAt] = useState<number | null>(null);
  const from = times[0]!;
  const to = times.at(-1)!;
  const top = niceAbove(
    Math.max(least, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))),
  );
  const x = (time: number) => LEFT + ((WIDTH - LEFT - 4) * (time - from)) / Math.max(1, to - from);
  const y = (value: number) => TOP + (HEIGHT - FOOT - TOP) * (1 - value / top);
  const isLong = to - from > 86_400_000;
  const point = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const time =
      from + (((event.clientX - box.left) / box.width) * WIDTH - LEFT) * ((to - from) / (WIDTH - LEFT - 4));
    setAt(nearest(times, time));
  };
  const shown = at ?? times.length - 1;
  return (
    <figure>
      <svg
        className="chart"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={toWords(series, format)}
        onPointerMove={point}
        onPointerLeave={() => setAt(null)}
      >
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <path className="grid" d={`M${LEFT} ${y(part * top)}H${WIDTH - 4}`} />
            <text x={LEFT - 6} y={y(part * top) + 4} textAnchor="end">
              {format(part * top)}
            </text>
          </g>
        ))}
        {series.map(({ name, tone, values }) => (
          <path key={name} className={`line tone-${tone}`} d={pathOf(times, values, x, y)} />
        ))}
        {at !== null && <path className="cursor" d={`M${x(times[at]!)} ${TOP}V${HEIGHT - FOOT}`} />}
        <text x={LEFT} y={HEIGHT - 4}>
          {label(from, isLong)}
        </text>
        <text x={WIDTH - 4} y={HEIGHT - 4} textAnchor="end">
          {label(to, isLong)}
        </text>
      </svg>
      <figcaption className="legend small">
        {series.map(({ name, tone, values }) => (
          <Badge key={name} tone={tone}>
            {name} <strong>{values[shown] == null ? "–" : format(values[shown])}</strong>
          </Badge>
        ))}
        {at !== null && <span className="quiet">{label(times[at]!, isLong)}</span>}
      </figcaption>
    </figure>
  );
}

function label(time: number, isLong: boolean): string {
  const iso = new Date(time).toISOString();
  return isLong ? moment(iso) : clock(iso).slice(0, 5);
}

function pathOf(
  times: readonly number[],
  values: readonly (number | null)[],
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  const step = (times.at(-1)! - times[0]!) / Math.max(1, times.length - 1);
  let path = "";
  let last: number | null = null;
  for (const [i, time] of times.entries()) {
    const value = values[i];
    if (value === null || value === undefined) {
      last = null;
      continue;
    }
    const begins = last === null || time - last > GAP_STEPS * step;
    path += `${begins ? "M" : "L"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`;
    last = time;
  }
  return path;
}

function nearest(times: readonly number[], time: number): number {
  let best = 0;
  for (const [i, at] of times.entries()) if (Math.abs(at - time) < Math.abs(times[best]! - time)) best = i;
  return best;
}

/** 1, 2 or 5 and zeros. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((digit) => digit * power).find((nice) => nice >= value - 1e-9)!;
}

function toWords(series: readonly Series[], format: (value: number) => string): string {
  const told = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return `${name}: unknown`;
    return `${name}: now ${format(known.at(-1)!)}, between ${format(Math.min(...known))} and ${format(Math.max(...known))}`;
  });
  return told.join("; ");
}
