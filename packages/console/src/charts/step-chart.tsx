import type { Figures } from "../data/wire.ts";
import { count, milliseconds } from "../data/words.ts";
import { Badge } from "../ui/parts.tsx";

const WIDTH = 320;
const HEIGHT = 120;
const FOOT = 18;

/** Pages by their time to the first byte: of the first visit, and of the one that proved them warm beside it. */
export function StepChart({ steps }: { readonly steps: Figures["firstBytes"] }) {
  const most = Math.max(1, ...steps.flatMap(({ visited, proved }) => [visited, proved]));
  const hasProved = steps.some(({ proved }) => proved > 0);
  const wide = WIDTH / steps.length;
  const high = (pages: number) => (pages === 0 ? 0 : Math.max(1.5, (pages / most) * (HEIGHT - FOOT - 4)));
  return (
    <figure>
      <svg className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={toWords(steps)}>
        {steps.map(({ upToMs, visited, proved }, i) => (
          <g key={upToMs ?? "more"}>
            <title>{`${nameOf(steps, i)}: ${count(visited, "first visit")}${hasProved ? `, ${count(proved, "proof")}` : ""}`}</title>
            <rect x={i * wide} y={0} width={wide} height={HEIGHT} fill="transparent" />
            <rect
              className="area tone-normal"
              x={i * wide + 2}
              y={HEIGHT - FOOT - high(visited)}
              width={hasProved ? wide / 2 - 2 : wide - 4}
              height={high(visited)}
              rx="2"
            />
            {hasProved && (
              <rect
                className="area tone-ok"
                x={i * wide + wide / 2 + 0.5}
                y={HEIGHT - FOOT - high(proved)}
                width={wide / 2 - 2.5}
                height={high(proved)}
                rx="2"
              />
            )}
            <text x={(i + 0.5) * wide} y={HEIGHT - 4} textAnchor="middle" style={{ fontSize: "9px" }}>
              {upToMs === null ? "more" : upToMs < 1_000 ? upToMs : `${upToMs / 1_000}s`}
            </text>
          </g>
        ))}
        <path className="grid" d={`M0 ${HEIGHT - FOOT + 0.5}H${WIDTH}`} />
      </svg>
      <figcaption className="legend small quiet">
        <Badge tone="normal">first visit</Badge>
        {hasProved && <Badge tone="ok">once warm</Badge>}
        <span>milliseconds, up to</span>
      </figcaption>
    </figure>
  );
}

function nameOf(steps: Figures["firstBytes"], i: number): string {
  const { upToMs } = steps[i]!;
  return upToMs === null
    ? `more than ${milliseconds(steps[i - 1]?.upToMs)}`
    : `up to ${milliseconds(upToMs)}`;
}

function toWords(steps: Figures["firstBytes"]): string {
  const told = steps
    .map((step, i) => ({ ...step, name: nameOf(steps, i) }))
    .filter(({ visited }) => visited > 0);
  return `Time to the first byte: ${told.map(({ name, visited }) => `${name} ${count(visited, "page")}`).join("; ") || "no page yet"}`;
}
