import { useEffect, useRef, useState } from "react";
import { get, withQuery } from "../data/api.ts";
import { useLive, useNow, useResource, useSettled } from "../data/hooks.ts";
import { useSession } from "../data/session.ts";
import { type Domain, type Job, type JobSummary, STATUSES, TIERS } from "../data/wire.ts";
import { ago, moment, number, shortUrl, span } from "../data/words.ts";
import { Link, useParameter } from "../router.tsx";
import { doneOf, Progress, StatusBadge, TableBox, TierBadge } from "../ui/parts.tsx";
import { Empty, Show } from "../ui/states.tsx";
import { BulkOrder } from "./bulk-order.tsx";
import { NewJob } from "./new-job.tsx";

interface Jobs {
  readonly jobs: readonly Listed[];
  readonly nextCursor: string | null;
}

/** A job of the list; what events do not tell stays as it was read. */
type Listed = JobSummary & Partial<Pick<Job, "etaSeconds" | "waiting">> & { readonly readAt?: number };

const PAGE = "50";

async function readJobs(path: string, signal?: AbortSignal): Promise<Jobs> {
  const { jobs, nextCursor } = await get<{ jobs: Job[]; nextCursor: string | null }>(path, signal);
  return { jobs: jobs.map((job) => ({ ...job, readAt: Date.now() })), nextCursor };
}

export function JobsPage() {
  const { mayChange } = useSession();
  const [status, setStatus] = useParameter("status");
  const [tier, setTier] = useParameter("tier");
  const [domain, setDomain] = useParameter("domain");
  const [typed, setTyped] = useState(domain);
  const settled = useSettled(typed.trim());
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed goes into the address, not the other way round
  useEffect(() => setDomain(settled), [settled]);
  const path = withQuery("/v1/jobs", { status, tier, domain, limit: PAGE });
  const list = useResource(path, readJobs);
  const [isNew, setNew] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);

  useLive("reset", list.reload);
  useLive("job", (job) => list.set((known) => merge(known, job, { status, tier, domain })));
  useShortcuts({ "/": () => search.current?.focus(), n: () => mayChange && setNew(true) });

  const more = async () => {
    const cursor = list.data?.nextCursor;
    if (!cursor) return;
    const next = await readJobs(withQuery("/v1/jobs", { status, tier, domain, limit: PAGE, cursor }));
    list.set((known) => ({ jobs: [...known.jobs, ...next.jobs], nextCursor: next.nextCursor }));
  };
  const isFiltered = status !== "" || tier !== "" || domain !== "";
  const picked = list.data?.jobs.filter(({ id }) => chosen.has(id)) ?? [];
  return (
    <>
      <div className="page-head">
        <div>
          <h1 tabIndex={-1}>Jobs</h1>
          <p className="quiet">Each warms and checks one site.</p>
        </div>
        <button
          type="button"
          className="button primary"
          disabled={!mayChange}
          onClick={() => setNew(true)}
          title="Shortcut: n"
        >
          New job
        </button>
      </div>
      <div className="card">
        <div className="filters">
          <div className="grow">
            <DomainSearch ref={search} value={typed} onChange={setTyped} />
          </div>
          <Choice label="State" value={status} of={STATUSES} onChange={setStatus} />
          <Choice label="Tier" value={tier} of={TIERS} onChange={setTier} />
        </div>
        {picked.length > 0 && <BulkOrder jobs={picked} onDone={() => setChosen(new Set())} />}
        <Show of={list} what="the jobs">
          {({ jobs, nextCursor }) =>
            jobs.length === 0 ? (
              <NoJobs isFiltered={isFiltered} onNew={mayChange ? () => setNew(true) : undefined} />
            ) : (
              <>
                <JobTable jobs={jobs} chosen={chosen} onChoose={mayChange ? setChosen : null} />
                {nextCursor !== null && (
                  <div className="more">
                    <span className="quiet">The newest {number(jobs.length)}</span>
                    <button type="button" className="button" onClick={more}>
                      Show more
                    </button>
                  </div>
                )}
              </>
            )
          }
        </Show>
      </div>
      {isNew && <NewJob onClose={() => setNew(false)} />}
    </>
  );
}

function NoJobs({
  isFiltered,
  onNew,
}: {
  readonly isFiltered: boolean;
  readonly onNew: (() => void) | undefined;
}) {
  if (isFiltered)
    return (
      <Empty title="No job is like that">
        <p className="quiet">A domain is searched for by its whole name.</p>
      </Empty>
    );
  return (
    <Empty title="No job yet">
      <p className="quiet">Name a site; you see what will happen before anything begins.</p>
      {onNew && (
        <button type="button" className="button primary" onClick={onNew}>
          New job
        </button>
      )}
    </Empty>
  );
}

function JobTable({
  jobs,
  chosen,
  onChoose,
}: {
  readonly jobs: readonly Listed[];
  readonly chosen: ReadonlySet<string>;
  readonly onChoose: ((chosen: ReadonlySet<string>) => void) | null;
}) {
  const now = useNow();
  const all = jobs.every(({ id }) => chosen.has(id));
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose?.(next);
  };
  return (
    <TableBox label="Jobs">
      <table className="cards">
        <thead>
          <tr>
            {onChoose && (
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Choose all"
                  checked={all}
                  onChange={() => onChoose(all ? new Set() : new Set(jobs.map(({ id }) => id)))}
                />
              </th>
            )}
            <th scope="col">Site</th>
            <th scope="col">State</th>
            <th scope="col">Tier</th>
            <th scope="col">Progress</th>
            <th scope="col" className="number">
              Pages
            </th>
            <th scope="col">Time</th>
            <th scope="col">Submitted</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id}>
              {onChoose && (
                <td className="pick">
                  <input
                    type="checkbox"
                    aria-label={`Choose ${shortUrl(job.url)}`}
                    checked={chosen.has(job.id)}
                    onChange={() => toggle(job.id)}
                  />
                </td>
              )}
              <td className="wide head">
                <Link href={`/jobs/${job.id}`}>{shortUrl(job.url)}</Link>
              </td>
              <td data-label="State">
                <StatusBadge status={job.status} />
              </td>
              <td data-label="Tier">
                <TierBadge tier={job.tier} />
              </td>
              <td style={{ minWidth: "9rem" }}>
                <Progress job={job} />
              </td>
              <td className="number" data-label="Pages">
                {number(doneOf(job))} <span className="quiet">/ {number(job.counts.total)}</span>
              </td>
              <td className="nowrap" data-label="Time">
                {leftOf(job, now)}
              </td>
              <td className="nowrap quiet" data-label="Submitted" title={moment(job.createdAt)}>
                {ago(job.createdAt, now)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableBox>
  );
}

/** What is left of the time that was estimated when the job was read; for one that has ended, what it took. */
function leftOf(job: Listed, now: number): string {
  if (job.finishedAt !== null)
    return job.startedAt === null
      ? "–"
      : `took ${span((Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1_000)}`;
  if (job.status !== "running" || job.etaSeconds === null || job.etaSeconds === undefined) return "–";
  return `~ ${span(Math.max(1, job.etaSeconds - (now - job.readAt!) / 1_000))}`;
}

function merge(
  list: Jobs,
  job: JobSummary,
  filter: { readonly status: string; readonly tier: string; readonly domain: string },
): Jobs {
  const known = list.jobs.findIndex(({ id }) => id === job.id);
  if (known >= 0) return { ...list, jobs: list.jobs.with(known, { ...list.jobs[known]!, ...job }) };
  const fits =
    (filter.status === "" || filter.status === job.status) &&
    (filter.tier === "" || filter.tier === job.tier) &&
    (filter.domain === "" || filter.domain === job.domain);
  // Older ones are on a page that is not shown; ids sort by the time of submission.
  const oldest = list.jobs.at(-1)?.id ?? "";
  if (!fits || (list.nextCursor !== null && job.id < oldest)) return list;
  return { ...list, jobs: [...list.jobs, job].sort((a, b) => (a.id < b.id ? 1 : -1)) };
}

export function Choice<T extends string>({
  label,
  value,
  of,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly of: readonly T[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <select
      className="input"
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(target.value)}
    >
      <option value="">{label}: all</option>
      {of.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Suggests the domains that the fleet knows while one is typed. */
function DomainSearch({
  ref,
  value,
  onChange,
}: {
  readonly ref: React.Ref<HTMLInputElement>;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const settled = useSettled(value.trim());
  const path = settled === "" ? null : withQuery("/v1/domains", { q: settled, limit: "8" });
  const known = useResource(path, (at, signal) => get<{ domains: Domain[] }>(at, signal));
  return (
    <>
      <input
        ref={ref}
        className="input"
        type="search"
        placeholder="Search by domain"
        aria-label="Search by domain"
        title="Shortcut: /"
        list="known-domains"
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id="known-domains">
        {known.data?.domains.map(({ domain }) => (
          <option key={domain} value={domain} />
        ))}
      </datalist>
    </>
  );
}

function useShortcuts(keys: Readonly<Record<string, () => unknown>>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const isTyping = (event.target as HTMLElement).closest("input, select, textarea, dialog") !== null;
      const act = latest.current[event.key];
      if (isTyping || act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, []);
}
