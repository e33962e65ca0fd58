import { get, withQuery } from "../data/api.ts";
import { useResource } from "../data/hooks.ts";
import type { Finding, Job, Report } from "../data/wire.ts";
import { count, moment, number, span } from "../data/words.ts";
import { Link } from "../router.tsx";
import { Badge, Card, StatusBadge, TableBox } from "../ui/parts.tsx";
import { Show } from "../ui/states.tsx";

/** This run among those of the same host. */
export function JobRuns({ job }: { readonly job: Job }) {
  const runs = useResource(withQuery("/v1/jobs", { domain: job.domain, limit: "10" }), (path, signal) =>
    get<{ jobs: Job[] }>(path, signal),
  );
  const host = new URL(job.url).host;
  return (
    <Card title={`Runs of ${host}`}>
      <Show of={runs} what="earlier runs">
        {({ jobs }) => {
          const same = jobs.filter(({ url }) => new URL(url).host === host);
          return (
            <TableBox label={`Runs of ${host}`}>
              <table className="cards">
                <thead>
                  <tr>
                    <th scope="col">Submitted</th>
                    <th scope="col">State</th>
                    <th scope="col" className="number">
                      Pages
                    </th>
                    <th scope="col" className="number">
                      Ok
                    </th>
                    <th scope="col" className="number">
                      Failed
                    </th>
                    <th scope="col" className="number">
                      Warmed
                    </th>
                    <th scope="col" className="number">
                      Already warm
                    </th>
                    <th scope="col">Took</th>
                  </tr>
                </thead>
                <tbody>
                  {same.map((run) => (
                    <tr key={run.id}>
                      <td className="head">
                        {run.id === job.id ? (
                          <strong>{moment(run.createdAt)} (this one)</strong>
                        ) : (
                          <Link href={`/jobs/${run.id}`}>{moment(run.createdAt)}</Link>
                        )}
                      </td>
                      <td data-label="State">
                        <StatusBadge status={run.id === job.id ? job.status : run.status} />
                      </td>
                      <Cells run={run.id === job.id ? job : run} />
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableBox>
          );
        }}
      </Show>
    </Card>
  );
}

function Cells({ run }: { readonly run: Job }) {
  const { counts, cache, startedAt, finishedAt } = run;
  return (
    <>
      <td className="number" data-label="Pages">
        {number(counts.total)}
      </td>
      <td className="number" data-label="Ok">
        {number(counts.succeeded)}
      </td>
      <td className="number" data-label="Failed">
        {number(counts.failed)}
      </td>
      <td className="number" data-label="Warmed">
        {number(cache.warmed)}
      </td>
      <td className="number" data-label="Already warm">
        {number(cache["already-warm"])}
      </td>
      <td className="nowrap" data-label="Took">
        {startedAt && finishedAt ? span((Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000) : "–"}
      </td>
    </>
  );
}

const CHANGES = [
  { of: "new", name: "newly failing", tone: "broken" },
  { of: "firstSeen", name: "failing, first seen", tone: "blocked" },
  { of: "still", name: "still failing", tone: "amber" },
  { of: "fixed", name: "fixed", tone: "ok" },
] as const;

/** What has changed since the run before. */
export function Comparison({ job }: { readonly job: Job }) {
  // The report of a job that has ended does not change, so it is read once.
  const report = useResource(`/v1/jobs/${job.id}/report`, (path, signal) => get<Report>(path, signal));
  return (
    <Card title="Compared with the run before">
      <Show of={report} what="the comparison">
        {({ compared }) => (
          <div className="body stack">
            {compared === null ? (
              <p className="quiet">There is no completed run before this one.</p>
            ) : (
              <>
                <p className="legend">
                  {CHANGES.map(({ of, name, tone }) => (
                    <Badge key={of} tone={tone}>
                      {number(compared.counts[of])} {name}
                    </Badge>
                  ))}
                  <span className="quiet">
                    since <Link href={`/jobs/${compared.job}`}>{moment(compared.finishedAt)}</Link>
                  </span>
                </p>
                {CHANGES.map(({ of, name }) => (
                  <Findings key={of} name={name} of={compared[of]} all={compared.counts[of]} />
                ))}
              </>
            )}
          </div>
        )}
      </Show>
    </Card>
  );
}

function Findings({
  name,
  of,
  all,
}: {
  readonly name: string;
  readonly of: readonly Finding[];
  readonly all: number;
}) {
  if (of.length === 0) return null;
  return (
    <details open={of.length <= 5}>
      <summary>
        {number(all)} {name}
      </summary>
      <ul className="small" style={{ paddingTop: "0.3rem" }}>
        {of.slice(0, 20).map(({ url, reason, status }) => (
          <li key={url} style={{ overflowWrap: "anywhere" }}>
            <a href={url} target="_blank" rel="noreferrer">
              {url}
            </a>{" "}
            <span className="quiet">{reason ?? status}</span>
          </li>
        ))}
        {all > 20 && <li className="quiet">and {count(all - 20, "more")}, in the report</li>}
      </ul>
    </details>
  );
}
