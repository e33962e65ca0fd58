import { useState } from "react";
import { get, withQuery } from "../data/api.ts";
import { useLive, useResource, useSettled, useThrottled } from "../data/hooks.ts";
import type { Domain } from "../data/wire.ts";
import { number, PACE_REASONS, rate, SOURCES } from "../data/words.ts";
import { Link } from "../router.tsx";
import { Badge, TableBox } from "../ui/parts.tsx";
import { Empty, Show } from "../ui/states.tsx";

interface Domains {
  readonly domains: readonly Domain[];
  readonly nextCursor: string | null;
}

const AGAIN_MS = 2_000;

export function DomainsPage() {
  const [typed, setTyped] = useState("");
  const q = useSettled(typed.trim());
  const path = withQuery("/v1/domains", { q, limit: "100" });
  const list = useResource(path, (at, signal) => get<Domains>(at, signal));
  const again = useThrottled(list.reload, AGAIN_MS);
  useLive("domain", again);
  useLive("reset", again);
  const more = async () => {
    const cursor = list.data?.nextCursor;
    if (!cursor) return;
    const next = await get<Domains>(withQuery("/v1/domains", { q, limit: "100", cursor }));
    list.set((known) => ({ domains: [...known.domains, ...next.domains], nextCursor: next.nextCursor }));
  };
  return (
    <>
      <div className="page-head">
        <div>
          <h1 tabIndex={-1}>Domains</h1>
          <p className="quiet">What shares one limit, and how it is kept.</p>
        </div>
      </div>
      <div className="card">
        <div className="filters">
          <div className="grow">
            <input
              className="input"
              type="search"
              aria-label="Search domains"
              placeholder="Search domains"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
            />
          </div>
        </div>
        <Show of={list} what="the domains">
          {({ domains, nextCursor }) =>
            domains.length === 0 ? (
              <Empty title={q === "" ? "No domain yet" : "No domain has that in its name"}>
                {q === "" && <p className="quiet">A domain is here from its first job on.</p>}
              </Empty>
            ) : (
              <>
                <TableBox label="Domains">
                  <table className="cards">
                    <thead>
                      <tr>
                        <th scope="col">Domain</th>
                        <th scope="col">State</th>
                        <th scope="col">Pace now</th>
                        <th scope="col">Rule</th>
                        <th scope="col" className="number">
                          Jobs
                        </th>
                        <th scope="col" className="number">
                          Waiting
                        </th>
                      </tr>
                    </thead>
                    <tbody>
                      {domains.map((domain) => (
                        <tr key={domain.domain}>
                          <td className="wide head">
                            <Link href={`/domains/${encodeURIComponent(domain.domain)}`}>
                              {domain.domain}
                            </Link>
                          </td>
                          <td data-label="State">
                            <DomainState domain={domain} />
                          </td>
                          <td
                            className="nowrap"
                            data-label="Pace now"
                            title={domain.pace.reasons
                              .map((reason) => PACE_REASONS[reason] ?? reason)
                              .join("; ")}
                          >
                            {rate(domain.pace.requestsPerSecond)}, {domain.pace.concurrency} at a time
                          </td>
                          <td className="nowrap" data-label="Rule">
                            {rate(domain.rule.requestsPerSecond)}{" "}
                            <span className="quiet">{SOURCES[domain.rule.source]}</span>
                          </td>
                          <td className="number" data-label="Jobs">
                            {number(domain.activeJobs)}
                          </td>
                          <td className="number" data-label="Waiting">
                            {number(domain.pages.pending + domain.pages.released)}
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </TableBox>
                {nextCursor !== null && (
                  <div className="more">
                    <span className="quiet">{number(domains.length)} by name</span>
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
    </>
  );
}

export function DomainState({ domain }: { readonly domain: Domain }) {
  const { pausedAt, closed, backoff } = domain;
  if (pausedAt !== null) return <Badge tone="amber">paused</Badge>;
  if (closed !== null)
    return <Badge tone="broken">{closed.reason === "circuit-open" ? "circuit open" : "left alone"}</Badge>;
  if (backoff.share < 1) return <Badge tone="blocked">slowed down</Badge>;
  return <Badge tone="ok">open</Badge>;
}
