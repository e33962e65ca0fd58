import { useEffect, useState } from "react";
import { get, withQuery } from "../data/api.ts";
import { useResource, useSettled, useThrottled } from "../data/hooks.ts";
import { CACHES, type Job, OUTCOMES, type Page } from "../data/wire.ts";
import { bytes, count, milliseconds, number } from "../data/words.ts";
import { useParameter } from "../router.tsx";
import { Card, doneOf, OutcomeBadge, TableBox } from "../ui/parts.tsx";
import { Empty, Show } from "../ui/states.tsx";
import { Choice } from "./jobs.tsx";

interface Pages {
  readonly pages: readonly Page[];
  readonly nextCursor: string | null;
}

const COLUMNS = [
  { by: "url", name: "Page", numeric: false },
  { by: "outcome", name: "Outcome", numeric: false },
  { by: "status", name: "Status", numeric: true },
  { by: null, name: "Cache", numeric: false },
  { by: "ttfb", name: "First byte", numeric: true },
  { by: "bytes", name: "Size", numeric: true },
] as const;

const LIMIT = "50";
const AGAIN_MS = 3_000;

/** The pages of a job, fifty at a time; the API finds the next fifty without looking at those before. */
export function JobPages({ job }: { readonly job: Job }) {
  const [outcome, setOutcome] = useParameter("outcome");
  const [cache, setCache] = useParameter("cache");
  const [status, setStatus] = useParameter("code");
  const [sort, setSort] = useParameter("sort");
  const [typed, setTyped] = useState("");
  const q = useSettled(typed.trim());
  const settledStatus = useSettled(status);
  const code = /^[1-5]\d\d$/.test(settledStatus) ? settledStatus : "";
  const at = `/v1/jobs/${job.id}/pages`;
  const query = { outcome, cache, status: code, q, sort, limit: LIMIT };
  const [turn, setTurn] = useState<readonly string[]>([]);
  const path = withQuery(at, { ...query, cursor: turn.at(-1) });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its beginning
  useEffect(() => setTurn([]), [outcome, cache, code, q, sort]);
  const list = useResource(path, (from, signal) => get<Pages>(from, signal));
  const again = useThrottled(list.reload, AGAIN_MS);
  const done = doneOf(job);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever a page has ended
  useEffect(again, [done, job.counts.total]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the last of them are not waited for
  useEffect(list.reload, [job.status]);
  const isFiltered = [outcome, cache, code, q].some((filter) => filter !== "");
  const first = turn.length * Number(LIMIT);
  return (
    <Card title="Pages" aside={<span className="quiet small">{count(job.counts.total, "page")}</span>}>
      <div className="filters" style={{ paddingTop: "0.75rem" }}>
        <div className="grow">
          <input
            className="input"
            type="search"
            aria-label="Search in URLs"
            placeholder="Search in URLs"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        </div>
        <Choice label="Outcome" value={outcome} of={OUTCOMES} onChange={setOutcome} />
        <Choice label="Cache" value={cache} of={CACHES} onChange={setCache} />
        <input
          className="input"
          style={{ width: "6.5rem" }}
          inputMode="numeric"
          maxLength={3}
          aria-label="Status code"
          placeholder="Status"
          value={status}
          onChange={({ target }) => setStatus(target.value)}
        />
      </div>
      <Show of={list} what="the pages">
        {({ pages, nextCursor }) =>
          pages.length === 0 ? (
            <Empty
              title={
                isFiltered
                  ? "No page is like that"
                  : job.finishedAt === null
                    ? "No page yet"
                    : "No page was found"
              }
            >
              {!isFiltered && job.finishedAt === null && (
                <p className="quiet">Its robots.txt and sitemaps are still to be read.</p>
              )}
            </Empty>
          ) : (
            <>
              <TableBox label="Pages of the job">
                <table className="cards">
                  <thead>
                    <tr>
                      {COLUMNS.map(({ by, name, numeric }) => (
                        <th
                          key={name}
                          scope="col"
                          className={numeric ? "number" : undefined}
                          aria-sort={sortOf(sort, by)}
                        >
                          {by === null ? (
                            name
                          ) : (
                            <button type="button" onClick={() => setSort(nextSort(sort, by, numeric))}>
                              {name}
                            </button>
                          )}
                        </th>
                      ))}
                    </tr>
                  </thead>
                  <tbody>
                    {pages.map((page) => (
                      <PageRow key={page.url} page={page} origin={new URL(job.url).origin} />
                    ))}
                  </tbody>
                </table>
              </TableBox>
              <div className="more">
                <span className="quiet">
                  {number(first + 1)} to {number(first + pages.length)}
                </span>
                <span className="row">
                  <button
                    type="button"
                    className="button tiny"
                    disabled={turn.length === 0}
                    onClick={() => setTurn(turn.slice(0, -1))}
                  >
                    Previous
                  </button>
                  <button
                    type="button"
                    className="button tiny"
                    disabled={nextCursor === null}
                    onClick={() => nextCursor && setTurn([...turn, nextCursor])}
                  >
                    Next
                  </button>
                </span>
              </div>
            </>
          )
        }
      </Show>
    </Card>
  );
}

function PageRow({ page, origin }: { readonly page: Page; readonly origin: string }) {
  const { url, outcome, status, cache, ttfbMs, provedTtfbMs, reason, redirects } = page;
  const shown = url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
  return (
    <tr>
      <td className="url head">
        <a href={url} target="_blank" rel="noreferrer">
          {shown}
        </a>
        {redirects.length > 0 && <span className="quiet small"> → {redirects.at(-1)}</span>}
        {reason !== null && <p className="quiet small">{reason}</p>}
      </td>
      <td data-label="Outcome">
        <OutcomeBadge outcome={outcome} />
      </td>
      <td className="number" data-label="Status">
        {status ?? "–"}
      </td>
      <td className="nowrap" data-label="Cache">
        {cache ?? "–"}
      </td>
      <td className="number" data-label="First byte">
        {milliseconds(ttfbMs)}
        {provedTtfbMs !== null && <span className="quiet"> → {milliseconds(provedTtfbMs)}</span>}
      </td>
      <td className="number" data-label="Size">
        {bytes(page.bytes)}
      </td>
    </tr>
  );
}

function sortOf(sort: string, by: string | null): "ascending" | "descending" | undefined {
  if (by === null || sort.replace("-", "") !== by) return undefined;
  return sort.startsWith("-") ? "descending" : "ascending";
}

/** Numbers begin with the largest, words with A; a third click is the order in which the pages were found. */
function nextSort(sort: string, by: string, numeric: boolean): string {
  const [first, second] = numeric ? [`-${by}`, by] : [by, `-${by}`];
  if (sort === first) return second;
  return sort === second ? "" : first;
}
