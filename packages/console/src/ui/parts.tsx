import type { ReactNode } from "react";
import type { Counts, JobSummary, Outcome, Status, Tier } from "../data/wire.ts";
import { count, number, percent } from "../data/words.ts";

const STATUS_TONES: Readonly<Record<Status, string>> = {
  pending: "quiet",
  expanding: "running",
  running: "running",
  paused: "amber",
  completed: "ok",
  failed: "broken",
  cancelled: "cancelled",
};

export function Badge({
  tone,
  ring = false,
  children,
}: {
  readonly tone: string;
  readonly ring?: boolean;
  readonly children: ReactNode;
}) {
  return <span className={`badge tone-${tone} ${ring ? "ring" : ""}`}>{children}</span>;
}

export function StatusBadge({ status }: { readonly status: Status }) {
  return (
    <Badge tone={STATUS_TONES[status]} ring={status === "pending" || status === "expanding"}>
      {status === "expanding" ? "reading sitemaps" : status}
    </Badge>
  );
}

export const TierBadge = ({ tier }: { readonly tier: Tier }) => <Badge tone={tier}>{tier}</Badge>;

export function OutcomeBadge({ outcome }: { readonly outcome: Outcome | null }) {
  return outcome === null ? (
    <Badge tone="quiet" ring>
      waiting
    </Badge>
  ) : (
    <Badge tone={outcome}>{outcome}</Badge>
  );
}

const PARTS: readonly (readonly [keyof Counts, string])[] = [
  ["succeeded", "ok"],
  ["failed", "broken"],
  ["skipped", "skipped"],
  ["cancelled", "cancelled"],
  ["released", "released"],
];

export const doneOf = ({ counts }: Pick<JobSummary, "counts">) =>
  counts.total - counts.pending - counts.released;

export function Progress({
  job,
  thick = false,
}: {
  readonly job: Pick<JobSummary, "counts" | "status">;
  readonly thick?: boolean;
}) {
  const { counts } = job;
  const done = doneOf(job);
  return (
    <div
      className={`progress ${thick ? "thick" : ""}`}
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={Math.max(1, counts.total)}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${count(counts.total, "page")}${counts.failed > 0 ? `, ${counts.failed} failed` : ""}`}
      aria-label="Progress"
    >
      {counts.total > 0 &&
        PARTS.map(([part, tone]) =>
          counts[part] === 0 ? null : (
            <span
              key={part}
              className={`tone-${tone}`}
              style={{ width: `${(100 * counts[part]) / counts.total}%` }}
            />
          ),
        )}
    </div>
  );
}

export function Tile({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="tile">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Card({
  title,
  aside,
  children,
  id,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly id?: string;
}) {
  const name = id ?? title.toLowerCase().replace(/\W+/g, "-");
  return (
    <section className="card" aria-labelledby={`card-${name}`}>
      <header>
        <h2 id={`card-${name}`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly tone?: string;
}

/** A distribution: a bar for each, the longest as wide as there is room. */
export function Bars({ bars, unit = "page" }: { readonly bars: readonly Bar[]; readonly unit?: string }) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const all = bars.reduce((sum, { value }) => sum + value, 0);
  return (
    <ul className="bars">
      {bars.map(({ name, value, tone = "normal" }) => (
        <li key={name} title={`${count(value, unit)}, ${percent(value / Math.max(1, all))}`}>
          <span>{name}</span>
          <span>
            {value > 0 && (
              <span
                className={`bar tone-${tone}`}
                style={{ display: "block", width: `${(100 * value) / most}%` }}
              />
            )}
          </span>
          <span className="number">{number(value)}</span>
        </li>
      ))}
    </ul>
  );
}

/** A table that scrolls by itself where it is too wide, by keyboard, too. */
export function TableBox({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable without a mouse
    // biome-ignore lint/a11y/useSemanticElements: it is a part of a section that has its own heading
    <div className="table-wrap" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** One of a few views; the names of the values are the words, unless there are others. */
export function Tabs<T extends string>({
  label,
  of,
  value,
  onChange,
  words = (name) => name,
}: {
  readonly label: string;
  readonly of: readonly T[];
  readonly value: string;
  readonly onChange: (value: T) => void;
  readonly words?: (name: T) => string;
}) {
  return (
    <fieldset className="tabs" aria-label={label}>
      {of.map((name) => (
        <button key={name} type="button" aria-pressed={value === name} onClick={() => onChange(name)}>
          {words(name)}
        </button>
      ))}
    </fieldset>
  );
}
