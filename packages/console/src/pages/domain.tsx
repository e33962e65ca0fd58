import { type FormEvent, useState } from "react";
import { type ApiError, get, post, put, remove, withQuery } from "../data/api.ts";
import { useLive, useNow, useResource, useThrottled } from "../data/hooks.ts";
import { useSession } from "../data/session.ts";
import type { Domain, Job, Rule } from "../data/wire.ts";
import {
  ago,
  count,
  milliseconds,
  moment,
  number,
  PACE_REASONS,
  percent,
  rate,
  SOURCES,
  shortUrl,
  span,
} from "../data/words.ts";
import { Link } from "../router.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Badge, Card, doneOf, Progress, StatusBadge, TableBox } from "../ui/parts.tsx";
import { Empty, Show } from "../ui/states.tsx";
import { attempt, say } from "../ui/toasts.tsx";
import { DomainState } from "./domains.tsx";

const AGAIN_MS = 2_000;

export function DomainPage({ name }: { readonly name: string }) {
  const at = `/v1/domains/${encodeURIComponent(name)}`;
  const domain = useResource(at, (path, signal) => get<Domain>(path, signal));
  const jobs = useResource(withQuery("/v1/jobs", { domain: name, limit: "20" }), (path, signal) =>
    get<{ jobs: Job[] }>(path, signal),
  );
  const again = useThrottled(domain.reload, AGAIN_MS);
  useLive("domain", ({ domain: told }) => (told === name || told === null) && again());
  useLive("job", (job) => {
    if (job.domain !== name) return;
    again();
    jobs.set((known) => {
      const index = known.jobs.findIndex(({ id }) => id === job.id);
      if (index >= 0) return { jobs: known.jobs.with(index, { ...known.jobs[index]!, ...job }) };
      return { jobs: [job as Job, ...known.jobs] };
    });
  });
  return (
    <Show of={domain} what="the domain">
      {(data) => (
        <div className="stack">
          <Head domain={data} at={at} onChange={(changed) => domain.set(() => changed)} />
          <div className="columns">
            <PaceCard domain={data} at={at} onChange={(changed) => domain.set(() => changed)} />
            <HealthCard domain={data} />
            <RobotsCard domain={data} />
          </div>
          <Card title="Jobs">
            <Show of={jobs} what="its jobs">
              {({ jobs: all }) =>
                all.length === 0 ? <Empty title="No job of this domain" /> : <JobRows jobs={all} />
              }
            </Show>
          </Card>
        </div>
      )}
    </Show>
  );
}

interface Part {
  readonly domain: Domain;
  readonly at: string;
  readonly onChange: (domain: Domain) => void;
}

function Head({ domain, at, onChange }: Part) {
  const { isOperator, mayChange } = useSession();
  const isPaused = domain.pausedAt !== null;
  const order = () =>
    attempt(
      async () => onChange(await post<Domain>(`${at}/${isPaused ? "resume" : "pause"}`)),
      isPaused ? "The domain goes on." : "The domain is paused: no request to it begins.",
    );
  return (
    <div className="page-head" style={{ marginBottom: 0 }}>
      <div>
        <p className="small">
          <Link href="/domains">Domains</Link>
        </p>
        <h1 tabIndex={-1}>{domain.domain}</h1>
        <div className="row" style={{ columnGap: "1rem" }}>
          <DomainState domain={domain} />
          <span className="quiet">
            {count(domain.activeJobs, "active job")},{" "}
            {count(domain.pages.pending + domain.pages.released, "page")} to go
          </span>
          {domain.platform && <span className="quiet">on {domain.platform}</span>}
        </div>
      </div>
      {isOperator && mayChange && (
        <button type="button" className="button" onClick={order}>
          {isPaused ? "Resume" : "Pause"}
        </button>
      )}
    </div>
  );
}

function PaceCard({ domain, at, onChange }: Part) {
  const { isOperator, mayChange } = useSession();
  const [isEdited, setEdited] = useState(false);
  const { rule, pace, crawlDelay } = domain;
  const drop = () =>
    attempt(async () => onChange(await remove<Domain>(`${at}/rule`)), "The operator's rule is taken back.");
  return (
    <Card
      title="Pace"
      aside={
        isOperator && mayChange ? (
          <button type="button" className="button tiny" onClick={() => setEdited(true)}>
            Edit the rule
          </button>
        ) : null
      }
    >
      <div className="body stack">
        <dl className="facts">
          <dt>Now</dt>
          <dd>
            <strong>{rate(pace.requestsPerSecond)}</strong>, {count(pace.burst, "request")} at once after a
            pause, {pace.concurrency} in flight
          </dd>
          <dt>Rule</dt>
          <dd>
            {rate(rule.requestsPerSecond)}, {rule.burst} at once, {rule.concurrency} in flight{" "}
            <span className="quiet">— {SOURCES[rule.source]}</span>
          </dd>
          {pace.reasons.length > 0 && (
            <>
              <dt>Why not the rule</dt>
              <dd>{pace.reasons.map((reason) => PACE_REASONS[reason] ?? reason).join("; ")}</dd>
            </>
          )}
          {crawlDelay !== null && (
            <>
              <dt>Crawl-delay</dt>
              <dd>{span(crawlDelay)}</dd>
            </>
          )}
        </dl>
        {rule.source === "operator" && isOperator && mayChange && (
          <div>
            <button type="button" className="button tiny" onClick={drop}>
              Take the rule back
            </button>
          </div>
        )}
      </div>
      {isEdited && <RuleForm domain={domain} at={at} onChange={onChange} onClose={() => setEdited(false)} />}
    </Card>
  );
}

const FIELDS = [
  {
    of: "requestsPerSecond",
    name: "Requests a second",
    hint: "0.00001 to 10,000",
    step: "any",
    min: "0.00001",
  },
  { of: "burst", name: "At once after a pause", hint: "1 to 10,000", step: "1", min: "1" },
  { of: "concurrency", name: "In flight at a time", hint: "1 to 1,000", step: "1", min: "1" },
] as const;

function RuleForm({ domain, at, onChange, onClose }: Part & { readonly onClose: () => void }) {
  const [rule, setRule] = useState<Readonly<Record<keyof Rule, string>>>({
    requestsPerSecond: String(domain.rule.requestsPerSecond),
    burst: String(domain.rule.burst),
    concurrency: String(domain.rule.concurrency),
  });
  const [error, setError] = useState<ApiError>();
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const body = Object.fromEntries(Object.entries(rule).map(([name, text]) => [name, Number(text)]));
    try {
      onChange(await put<Domain>(`${at}/rule`, body));
      say("The rule is in force in all workers within two seconds.");
      onClose();
    } catch (failure) {
      setError(failure as ApiError);
    }
  };
  return (
    <Dialog title={`The rule of ${domain.domain}`} onClose={onClose}>
      <form className="stack" onSubmit={save}>
        <p className="quiet">
          It counts every request of the whole fleet and goes before every other rule. A Crawl-delay still
          slows it.
        </p>
        <div className="columns">
          {FIELDS.map(({ of, name, hint, step, min }) => (
            <div className="field" key={of}>
              <label htmlFor={`rule-${of}`}>{name}</label>
              <input
                id={`rule-${of}`}
                type="number"
                required
                step={step}
                min={min}
                value={rule[of]}
                onChange={({ target }) => setRule({ ...rule, [of]: target.value })}
                aria-invalid={error?.faults[`/${of}`] !== undefined}
              />
              <span className={error?.faults[`/${of}`] ? "fault" : "hint"}>
                {error?.faults[`/${of}`] ?? hint}
              </span>
            </div>
          ))}
        </div>
        {error && Object.keys(error.faults).length === 0 && (
          <p className="fault" role="alert">
            {error.message}
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary">
            Put it in force
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const BREAKER = {
  closed: ["ok", "closed: all is well"],
  open: ["broken", "open: no request is sent"],
  "half-open": ["amber", "half open: the next request is a try"],
} as const;

function HealthCard({ domain }: { readonly domain: Domain }) {
  const now = useNow();
  const { breaker, backoff, closed, pausedAt } = domain;
  const left = (until: string) =>
    Date.parse(until) > now ? `${span((Date.parse(until) - now) / 1_000)} more` : "any moment";
  return (
    <Card title="Breaker and backoff">
      <dl className="body facts">
        {pausedAt !== null && (
          <>
            <dt>Paused</dt>
            <dd>since {moment(pausedAt)}</dd>
          </>
        )}
        <dt>Breaker</dt>
        <dd>
          {breaker == null ? (
            <span className="quiet">not known: Redis is away</span>
          ) : (
            <Badge tone={BREAKER[breaker.state][0]}>{BREAKER[breaker.state][1]}</Badge>
          )}
          {breaker?.reason && (
            <p className="quiet">
              {breaker.reason}, {count(breaker.openings, "opening")} in a row
              {breaker.until && `; next try: ${left(breaker.until)}`}
            </p>
          )}
        </dd>
        {closed !== null && closed.reason === "retry-after" && (
          <>
            <dt>Quiet</dt>
            <dd>the site asked for it: {left(closed.until)}</dd>
          </>
        )}
        <dt>Backoff</dt>
        <dd>
          {backoff.share >= 1 ? "at ease" : `at ${percent(backoff.share)} of its rate`}
          {backoff.reason && (
            <span className="quiet"> — {PACE_REASONS[backoff.reason] ?? backoff.reason}</span>
          )}
        </dd>
        <dt>First byte</dt>
        <dd>
          {backoff.recentTtfbMs === null ? "–" : `${milliseconds(backoff.recentTtfbMs)} of late`}
          {backoff.baselineTtfbMs !== null && (
            <span className="quiet">, usually {milliseconds(backoff.baselineTtfbMs)}</span>
          )}
        </dd>
      </dl>
    </Card>
  );
}

const ROBOTS: Readonly<Record<string, string>> = {
  found: "found",
  absent: "none; all is allowed",
  unreachable: "cannot be read; nothing may be fetched",
};

function RobotsCard({ domain }: { readonly domain: Domain }) {
  const now = useNow(10_000);
  return (
    <Card title="robots.txt">
      <div className="body stack">
        {domain.robots.length === 0 && <p className="quiet">Not read yet.</p>}
        {domain.robots.map(({ origin, status, fetchedAt, crawlDelay }) => (
          <div key={origin}>
            <a href={`${origin}/robots.txt`} target="_blank" rel="noreferrer">
              {shortUrl(origin)}
            </a>
            <p className="quiet small">
              {ROBOTS[status] ?? status}, read {ago(fetchedAt, now)}
              {crawlDelay !== null && `; asks for ${span(crawlDelay)} between requests`}
            </p>
          </div>
        ))}
      </div>
    </Card>
  );
}

function JobRows({ jobs }: { readonly jobs: readonly Job[] }) {
  return (
    <TableBox label="Jobs of the domain">
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">Site</th>
            <th scope="col">State</th>
            <th scope="col">Progress</th>
            <th scope="col" className="number">
              Pages
            </th>
            <th scope="col">Submitted</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              <td className="wide head">
                <Link href={`/jobs/${job.id}`}>{shortUrl(job.url)}</Link>
              </td>
              <td data-label="State">
                <StatusBadge status={job.status} />
              </td>
              <td style={{ minWidth: "8rem" }}>
                <Progress job={job} />
              </td>
              <td className="number" data-label="Pages">
                {number(doneOf(job))} <span className="quiet">/ {number(job.counts.total)}</span>
              </td>
              <td className="nowrap quiet" data-label="Submitted">
                {moment(job.createdAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}
