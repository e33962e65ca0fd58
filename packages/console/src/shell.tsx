import { type ReactNode, useEffect, useRef } from "react";
import bee from "./assets/bee.svg";
import { get } from "./data/api.ts";
import { useLive, useLiveState, useResource, useThrottled } from "./data/hooks.ts";
import { useSession } from "./data/session.ts";
import type { Alert } from "./data/wire.ts";
import { AlertsPage } from "./pages/alerts.tsx";
import { DomainPage } from "./pages/domain.tsx";
import { DomainsPage } from "./pages/domains.tsx";
import { FleetPage } from "./pages/fleet.tsx";
import { JobPage } from "./pages/job.tsx";
import { JobsPage } from "./pages/jobs.tsx";
import { KeysPage } from "./pages/keys.tsx";
import { Link, navigate, useLocation } from "./router.tsx";
import { Icon } from "./ui/icons.tsx";
import { Empty } from "./ui/states.tsx";
import { ThemePicker } from "./ui/theme.tsx";

/** Alerts have no event of their own; they come of what the fleet does, which has. */
const FIRING_EVERY_MS = 15_000;

const LIVE_WORDS = { open: "Live", connecting: "Connecting …", lost: "Reconnecting …" };

export function Shell({ onSignOut }: { readonly onSignOut: () => void }) {
  const path = useLocation().split("?")[0]!;
  const { name, isOperator, readOnly, plan } = useSession();
  const state = useLiveState();
  const firing = useFiring(isOperator);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (path === "/") navigate("/jobs", "replace");
    // Who hears the page rather than sees it learns that there is another one.
    main.current?.querySelector("h1")?.focus({ preventScroll: true });
  }, [path]);
  const here = (prefix: string) =>
    path === prefix || path.startsWith(`${prefix}/`) ? { "aria-current": "page" as const } : {};
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className="side">
        <div className="side-in">
          <Link className="brand" href="/jobs">
            <img src={bee} alt="" />
            Blue Banded Bee
          </Link>
          <nav className="nav" aria-label="Pages">
            <Link href="/jobs" {...here("/jobs")}>
              <Icon name="jobs" />
              Jobs
            </Link>
            <Link href="/fleet" {...here("/fleet")}>
              <Icon name="fleet" />
              Fleet
            </Link>
            <Link href="/domains" {...here("/domains")}>
              <Icon name="domains" />
              Domains
            </Link>
            {isOperator && (
              <Link href="/alerts" {...here("/alerts")}>
                <Icon name="alerts" />
                Alerts
                {firing > 0 && (
                  <span className="count" title={`${firing} firing`}>
                    {firing}
                  </span>
                )}
              </Link>
            )}
            {isOperator && (
              <Link href="/keys" {...here("/keys")}>
                <Icon name="keys" />
                Keys
              </Link>
            )}
            {isOperator && (
              <a href="/queues">
                <Icon name="queues" />
                Queues
              </a>
            )}
          </nav>
          <div className="side-foot">
            <p className="live-state" data-state={state} role="status" title={LIVE_WORDS[state]}>
              <span>{LIVE_WORDS[state]}</span>
            </p>
            <p className="who">
              {name} <span className="quiet">· {readOnly ? `${plan}, read-only` : plan}</span>
            </p>
            <div className="row">
              <ThemePicker />
              <button type="button" className="button tiny" onClick={onSignOut}>
                Sign out
              </button>
            </div>
          </div>
        </div>
      </div>
      <main className="main" id="main" ref={main}>
        {pageAt(path)}
      </main>
    </div>
  );
}

function pageAt(path: string): ReactNode {
  const [, section = "", name] = path.split("/").map(decodeURIComponent);
  if (section === "jobs" || section === "") return name ? <JobPage key={name} id={name} /> : <JobsPage />;
  if (section === "domains") return name ? <DomainPage key={name} name={name} /> : <DomainsPage />;
  if (section === "fleet") return <FleetPage />;
  if (section === "alerts") return <AlertsPage />;
  if (section === "keys") return <KeysPage />;
  return <Empty title="Nothing is here" />;
}

/** How many alerts fire; operators are told. */
function useFiring(isOperator: boolean): number {
  const alerts = useResource(isOperator ? "/v1/alerts?state=firing&limit=200" : null, (path, signal) =>
    get<{ alerts: Alert[] }>(path, signal),
  );
  const again = useThrottled(alerts.reload, FIRING_EVERY_MS);
  useLive("fleet", again);
  return alerts.data?.alerts.length ?? 0;
}
