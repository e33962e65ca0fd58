import { useEffect, useState } from "react";
import { get } from "../data/api.ts";
import { useLive, useNow, useResource, useThrottled } from "../data/hooks.ts";
import { live } from "../data/live.ts";
import { allows, give, ORDER_WORDS, ORDERS, type Order } from "../data/orders.ts";
import { useSession } from "../data/session.ts";
import type { Figures, Job } from "../data/wire.ts";
import { count, moment, number, REASONS, rate, shortUrl, span, WHOLE_REASONS } from "../data/words.ts";
import { Link } from "../router.tsx";
import { Badge, Card, doneOf, Progress, StatusBadge, TierBadge, Tile } from "../ui/parts.tsx";
import { Show } from "../ui/states.tsx";
import { attempt } from "../ui/toasts.tsx";
import { Distributions } from "./job-figures.tsx";
import { Comparison, JobRuns } from "./job-history.tsx";
import { JobPages } from "./job-pages.tsx";

const FIGURES_EVERY_MS = 4_000;

export function JobPage({ id }: { readonly id: string }) {
  const job = useResource(`/v1/jobs/${id}`, (path, signal) => get<Job>(path, signal));
  const figures = useResource(`/v1/jobs/${id}/figures`, (path, signal) => get<Figures>(path, signal));
  // Told of by every event, read anew at most every few seconds.
  const again = useThrottled(figures.reload, FIGURES_EVERY_MS);
  useEffect(() => live.follow(id), [id]);
  useLive("job-view", (view) => {
    if (view.id !== id) return;
    if (view.finishedAt !== null && job.data?.finishedAt === null) figures.reload();
    else if (view.counts.total !== job.data?.counts.total || doneOf(view) !== doneOf(job.data)) again();
    job.set(() => view);
  });
  useLive("reset", job.reload);
  return (
    <Show of={job} what="the job">
      {(data) => (
        <div className="stack">
          <Head job={data} onChange={(changed) => job.set(() => changed)} />
          <Summary job={data} at={job.at} />
          {data.failure !== null && (
            <p className="notice tone-broken">
              <span>
                <strong>It failed:</strong> {data.failure}
              </span>
            </p>
          )}
          <Waiting job={data} />
          {data.warnings.length > 0 && <Warnings of={data.warnings} />}
          <Show of={figures} what="the figures">
            {(read) => <Distributions job={data} figures={read} />}
          </Show>
          {data.status === "completed" && <Comparison job={data} />}
          <JobPages job={data} />
          <JobRuns job={data} />
        </div>
      )}
    </Show>
  );
}

function Head({ job, onChange }: { readonly job: Job; readonly onChange: (job: Job) => void }) {
  const { mayChange } = useSession();
  const [busy, setBusy] = useState(false);
  const order = async (name: Order) => {
    setBusy(true);
    await attempt(async () => onChange(await give(name, job.id)), `The job is ${ORDER_WORDS[name].done}.`);
    setBusy(false);
  };
  return (
    <div className="page-head" style={{ marginBottom: 0 }}>
      <div>
        <p className="small">
          <Link href="/jobs">Jobs</Link>
        </p>
        <h1 tabIndex={-1}>{shortUrl(job.url)}</h1>
        <div className="row" style={{ columnGap: "1rem" }}>
          <StatusBadge status={job.status} />
          <TierBadge tier={job.tier} />
          <span>
            <Link href={`/domains/${encodeURIComponent(job.domain)}`}>{job.domain}</Link>
          </span>
          <span className="quiet" title={job.id}>
            submitted {moment(job.createdAt)}
          </span>
        </div>
      </div>
      <div className="row">
        {mayChange &&
          ORDERS.filter((name) => allows(job, name)).map((name) => (
            <button
              key={name}
              type="button"
              className={`button ${name === "cancel" ? "danger" : ""}`}
              disabled={busy}
              onClick={() => order(name)}
            >
              {ORDER_WORDS[name].name}
            </button>
          ))}
        <a className="button" href={`/v1/jobs/${job.id}/report?format=html`} target="_blank" rel="noreferrer">
          Report
        </a>
        <a className="button" href={`/v1/jobs/${job.id}/report?format=csv`} download>
          CSV
        </a>
      </div>
    </div>
  );
}

function Summary({ job, at }: { readonly job: Job; readonly at: number }) {
  const now = useNow();
  const { counts, outcomes, cache } = job;
  const healthy = cache.warmed + cache["already-warm"];
  return (
    <>
      <div className="stack" style={{ gap: "0.4rem" }}>
        <Progress job={job} thick />
        <div className="legend small">
          <span>
            {number(doneOf(job))} of {count(counts.total, "page")}
          </span>
          {counts.succeeded > 0 && <Badge tone="ok">{number(counts.succeeded)} ok</Badge>}
          {counts.failed > 0 && <Badge tone="broken">{number(counts.failed)} failed</Badge>}
          {counts.skipped > 0 && <Badge tone="skipped">{number(counts.skipped)} skipped</Badge>}
          {counts.cancelled > 0 && <Badge tone="cancelled">{number(counts.cancelled)} cancelled</Badge>}
          {counts.released > 0 && <Badge tone="released">{number(counts.released)} under way</Badge>}
          {counts.pending > 0 && (
            <Badge tone="quiet" ring>
              {number(counts.pending)} waiting
            </Badge>
          )}
        </div>
      </div>
      <dl className="tiles">
        <Tile name={job.finishedAt === null ? "Time left" : "Took"}>{timeOf(job, at, now)}</Tile>
        <Tile name="Pace">{rate(job.rate)}</Tile>
        <Tile name="Ok">{number(outcomes.ok)}</Tile>
        <Tile name="Broken">{number(outcomes.broken)}</Tile>
        <Tile name="Blocked or unreachable">{number(outcomes.blocked + outcomes.unreachable)}</Tile>
        <Tile name="Warm now">
          {number(healthy)} <small>{number(cache.warmed)} by us</small>
        </Tile>
      </dl>
    </>
  );
}

function timeOf({ startedAt, finishedAt, etaSeconds, status }: Job, at: number, now: number) {
  if (finishedAt !== null)
    return startedAt === null ? "–" : span((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000);
  if (etaSeconds === null) return <small>{status === "paused" ? "paused" : "not known yet"}</small>;
  return `~ ${span(Math.max(1, etaSeconds - (now - at) / 1_000))}`;
}

/** Every page that is not running has a reason. */
function Waiting({ job }: { readonly job: Job }) {
  const now = useNow();
  if (job.waiting.length === 0) return null;
  return (
    <Card title="Why it waits">
      <ul className="body reasons">
        {job.waiting.map(({ reason, pages, until, because }) => (
          <li key={reason}>
            <span className="pages">{pages > 0 ? number(pages) : "All"}</span>
            <span>
              {pages > 0 ? `pages ${REASONS[reason] ?? reason}` : (WHOLE_REASONS[reason] ?? reason)}
              {because && <span> ({because})</span>}
              {until && (
                <span className="quiet">
                  {" "}
                  ·{" "}
                  {Date.parse(until) > now ? `${span((Date.parse(until) - now) / 1_000)} more` : "any moment"}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Warnings({ of }: { readonly of: readonly string[] }) {
  return (
    <Card title="Left out">
      <ul className="body stack small" style={{ gap: "0.3rem" }}>
        {of.slice(0, 8).map((warning) => (
          <li key={warning} style={{ overflowWrap: "anywhere" }}>
            {warning}
          </li>
        ))}
        {of.length > 8 && (
          <li className="quiet">and {count(of.length - 8, "more warning")}, in the report</li>
        )}
      </ul>
    </Card>
  );
}
