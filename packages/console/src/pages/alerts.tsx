import { ApiError, get, withQuery } from "../data/api.ts";
import { useLive, useNow, useResource, useThrottled } from "../data/hooks.ts";
import { useSession } from "../data/session.ts";
import type { Alert } from "../data/wire.ts";
import { ago, moment, span } from "../data/words.ts";
import { useParameter } from "../router.tsx";
import { Badge, Card, TableBox, Tabs } from "../ui/parts.tsx";
import { Empty, Failure, Show } from "../ui/states.tsx";

interface Alerts {
  readonly alerts: readonly Alert[];
  readonly nextCursor: string | null;
}

const TITLES: Readonly<Record<string, string>> = {
  queue_depth_high: "The queues are deep",
  response_time_high: "Sites answer slowly",
  error_rate_high: "Many visits fail",
  worker_crash_loop: "Workers end before they work",
  worker_stuck: "Workers had to be replaced",
  no_progress: "Nothing gets done",
  redis_memory_high: "Redis is nearly full",
  region_down: "A region has no worker",
  webhook_failing: "A channel does not take messages",
};

const STATES = ["", "firing", "resolved"] as const;
const WORDS = { "": "all", firing: "firing", resolved: "over" };

const AGAIN_MS = 5_000;

export function AlertsPage() {
  const [state, setState] = useParameter("state");
  const { isOperator } = useSession();
  const path = isOperator ? withQuery("/v1/alerts", { state, limit: "100" }) : null;
  const list = useResource(path, (at, signal) => get<Alerts>(at, signal));
  const again = useThrottled(list.reload, AGAIN_MS);
  useLive("fleet", again);
  const now = useNow();
  if (!isOperator)
    return (
      <Failure
        error={new ApiError(403, "Alerts are the operators'", "They are told of what ails the fleet.")}
      />
    );
  return (
    <div className="stack">
      <div className="page-head" style={{ marginBottom: 0 }}>
        <div>
          <h1 tabIndex={-1}>Alerts</h1>
          <p className="quiet">What operators were told.</p>
        </div>
        <Tabs
          label="Which alerts"
          of={STATES}
          value={state}
          onChange={setState}
          words={(name) => WORDS[name]}
        />
      </div>
      <Card title={state === "firing" ? "Firing" : state === "resolved" ? "Over" : "Firing and over"}>
        <Show of={list} what="the alerts">
          {({ alerts }) =>
            alerts.length === 0 ? (
              <Empty title={state === "firing" ? "Nothing fires" : "No alert"}>
                <p className="quiet">
                  Whoever is to be told of one by mail or webhook is named in the file of BEE_ALERTS.
                </p>
              </Empty>
            ) : (
              <TableBox label="Alerts">
                <table className="cards">
                  <thead>
                    <tr>
                      <th scope="col">Alert</th>
                      <th scope="col">State</th>
                      <th scope="col">Severity</th>
                      <th scope="col">What was seen</th>
                      <th scope="col">Since</th>
                      <th scope="col">Lasted</th>
                    </tr>
                  </thead>
                  <tbody>
                    {alerts.map((alert) => (
                      <tr key={alert.id}>
                        <td className="head">
                          {TITLES[alert.name] ?? alert.name}
                          <span className="quiet small mono" style={{ display: "block" }}>
                            {alert.name}
                            {alert.subject && ` · ${alert.subject}`}
                          </span>
                        </td>
                        <td data-label="State">
                          {alert.resolvedAt === null ? (
                            <Badge tone="broken">firing</Badge>
                          ) : (
                            <Badge tone="ok">over</Badge>
                          )}
                        </td>
                        <td data-label="Severity">{alert.severity}</td>
                        <td className="wide">{alert.detail}</td>
                        <td className="nowrap" data-label="Since" title={moment(alert.firedAt)}>
                          {ago(alert.firedAt, now)}
                        </td>
                        <td className="nowrap" data-label="Lasted">
                          {span(
                            ((alert.resolvedAt === null ? now : Date.parse(alert.resolvedAt)) -
                              Date.parse(alert.firedAt)) /
                              1_000,
                          )}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </TableBox>
            )
          }
        </Show>
      </Card>
    </div>
  );
}
