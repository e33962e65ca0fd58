import { StepChart } from "../charts/step-chart.tsx";
import type { Figures, Job } from "../data/wire.ts";
import { CACHES, OUTCOMES } from "../data/wire.ts";
import { Bars, Card } from "../ui/parts.tsx";

const CACHE_TONES = {
  warmed: "ok",
  "already-warm": "running",
  uncacheable: "amber",
  unproven: "blocked",
  none: "skipped",
};

/** How the pages of a job divide: by outcome and status, by what caches did, and by time. */
export function Distributions({ job, figures }: { readonly job: Job; readonly figures: Figures }) {
  const outcomes = OUTCOMES.filter((outcome) => job.outcomes[outcome] > 0).map((outcome) => ({
    name: outcome,
    value: job.outcomes[outcome],
    tone: outcome,
  }));
  const caches = CACHES.filter((cache) => job.cache[cache] > 0).map((cache) => ({
    name: cache === "none" ? "no cache seen" : cache,
    value: job.cache[cache],
    tone: CACHE_TONES[cache],
  }));
  const statuses = figures.statuses.map(({ status, pages }) => ({
    name: String(status),
    value: pages,
    tone: status < 300 ? "ok" : status < 400 ? "normal" : status < 500 ? "blocked" : "broken",
  }));
  if (outcomes.length === 0) return null;
  return (
    <div className="columns narrow">
      <Card title="Outcome">
        <div className="body">
          <Bars bars={outcomes} />
        </div>
      </Card>
      <Card title="Status">
        <div className="body">
          {statuses.length > 0 ? (
            <Bars bars={statuses} />
          ) : (
            <p className="quiet">No page has answered yet.</p>
          )}
        </div>
      </Card>
      <Card title="Cache">
        <div className="body">
          {caches.length > 0 ? <Bars bars={caches} /> : <p className="quiet">No page is ok yet.</p>}
        </div>
      </Card>
      <Card title="Time to the first byte">
        <div className="body">
          {statuses.length > 0 ? (
            <StepChart steps={figures.firstBytes} />
          ) : (
            <p className="quiet">No page has answered yet.</p>
          )}
        </div>
      </Card>
    </div>
  );
}
