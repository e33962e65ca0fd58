import { useState } from "react";
import { LineChart } from "../charts/line-chart.tsx";
import { get } from "../data/api.ts";
import { useLive, useNow, useResource, useThrottled } from "../data/hooks.ts";
import { type Fleet, type Sample, TIERS } from "../data/wire.ts";
import { ago, bytes, count, milliseconds, moment, number, percent } from "../data/words.ts";
import { Badge, Card, TableBox, Tabs, Tile } from "../ui/parts.tsx";
import { Empty, Show } from "../ui/states.tsx";

const RANGES = ["hour", "day", "week"] as const;
type Range = (typeof RANGES)[number];

/** As often as a new sample is to be expected. */
const AGAIN_MS = 15_000;

export function FleetPage() {
  const [range, setRange] = useState<Range>("hour");
  const fleet = useResource("/v1/fleet", (path, signal) => get<Fleet>(path, signal));
  const history = useResource(`/v1/fleet/history?range=${range}`, (path, signal) =>
    get<History>(path, signal),
  );
  const again = useThrottled(history.reload, AGAIN_MS);
  useLive("fleet", (told) => {
    fleet.set(() => told);
    again();
  });
  return (
    <div className="stack">
      <div className="page-head" style={{ marginBottom: 0 }}>
        <div>
          <h1 tabIndex={-1}>Fleet</h1>
          <p className="quiet">Workers, what they have to do, and why there are so many.</p>
        </div>
        <Tabs label="Time shown" of={RANGES} value={range} onChange={setRange} />
      </div>
      <Show of={fleet} what="the fleet">
        {(data) => (
          <>
            <Now fleet={data} />
            <Show of={history} what="the history">
              {(read) => <Charts samples={read.points} range={range} />}
            </Show>
            <div className="columns">
              <Tiers fleet={data} />
              <Decisions fleet={data} />
            </div>
            <Workers fleet={data} />
          </>
        )}
      </Show>
    </div>
  );
}

type History = { readonly points: readonly Sample[] };

function Now({ fleet }: { readonly fleet: Fleet }) {
  const { workers, connections, queues } = fleet;
  const sum = (of: (worker: Fleet["workers"][number]) => number) =>
    workers.reduce((total, worker) => total + of(worker), 0);
  const usable = sum((worker) => worker.usable);
  const waiting = TIERS.reduce((total, tier) => total + queues[tier].waiting, 0);
  const p95s = workers.flatMap(({ p95Ms }) => (p95Ms == null ? [] : [p95Ms]));
  return (
    <dl className="tiles">
      <Tile name="Workers">
        {number(fleet.current)} <small>of {number(fleet.desired)} wished</small>
      </Tile>
      <Tile name="Slots in use">
        {number(sum((worker) => worker.busy))} <small>of {number(usable)}</small>
      </Tile>
      <Tile name="Waiting for a slot">{number(waiting)}</Tile>
      <Tile name="p95 answer">{p95s.length > 0 ? milliseconds(Math.max(...p95s)) : "–"}</Tile>
      <Tile name="Memory">
        {workers.some(({ memory }) => memory != null) ? bytes(sum((worker) => worker.memory ?? 0)) : "–"}
      </Tile>
      <Tile name="Connections">
        {number(connections.open)} <small>of {number(connections.limit)}</small>
      </Tile>
    </dl>
  );
}

function Charts({ samples, range }: { readonly samples: readonly Sample[]; readonly range: Range }) {
  if (samples.length < 2)
    return (
      <div className="card">
        <Empty title={`Not enough samples of this ${range} yet`}>
          <p className="quiet">The leader takes one every 30 seconds.</p>
        </Empty>
      </div>
    );
  const times = samples.map(({ at }) => Date.parse(at));
  const values = (of: (sample: Sample) => number | null) => samples.map(of);
  return (
    <div className="columns">
      <Card title="Workers">
        <div className="body">
          <LineChart
            times={times}
            least={4}
            format={(value) => number(Math.round(value))}
            series={[
              { name: "live", tone: "normal", values: values(({ workers }) => workers) },
              { name: "wished", tone: "amber", values: values(({ desired }) => desired) },
            ]}
          />
        </div>
      </Card>
      <Card title="Queue depth by tier">
        <div className="body">
          <LineChart
            times={times}
            least={10}
            format={(value) => number(Math.round(value))}
            series={TIERS.map((tier) => ({
              name: tier,
              tone: tier,
              values: values(({ queued }) => queued[tier]),
            }))}
          />
        </div>
      </Card>
      <Card title="Pages a second">
        <div className="body">
          <LineChart
            times={times}
            format={(value) => number(Number(value.toPrecision(3)))}
            series={[
              { name: "visits", tone: "ok", values: values(({ visitsPerSecond }) => visitsPerSecond) },
            ]}
          />
        </div>
      </Card>
      <Card title="Error rate">
        <div className="body">
          <LineChart
            times={times}
            least={0.1}
            format={percent}
            series={[
              {
                name: "of visits",
                tone: "broken",
                values: values(({ errorRate }) => errorRate),
              },
            ]}
          />
        </div>
      </Card>
      <Card title="Answers">
        <div className="body">
          <LineChart
            times={times}
            least={200}
            format={milliseconds}
            series={[{ name: "p95", tone: "unreachable", values: values(({ p95Ms }) => p95Ms) }]}
          />
        </div>
      </Card>
      <Card title="Slots">
        <div className="body">
          <LineChart
            times={times}
            least={10}
            format={(value) => number(Math.round(value))}
            series={[
              { name: "in use", tone: "normal", values: values(({ busy }) => busy) },
              { name: "usable", tone: "quiet", values: values(({ usable }) => usable) },
            ]}
          />
        </div>
      </Card>
      <Card title="CPU">
        <div className="body">
          <LineChart
            times={times}
            least={100}
            format={(value) => `${Math.round(value)} %`}
            series={[{ name: "of what workers may use", tone: "high", values: values(({ cpu }) => cpu) }]}
          />
        </div>
      </Card>
      <Card title="Memory">
        <div className="body">
          <LineChart
            times={times}
            least={100e6}
            format={bytes}
            series={[{ name: "all workers", tone: "low", values: values(({ memory }) => memory) }]}
          />
        </div>
      </Card>
      <Card title="Connections to Postgres">
        <div className="body">
          <LineChart
            times={times}
            least={50}
            format={(value) => number(Math.round(value))}
            series={[{ name: "open", tone: "normal", values: values(({ connections }) => connections) }]}
          />
        </div>
      </Card>
    </div>
  );
}

function Tiers({ fleet }: { readonly fleet: Fleet }) {
  return (
    <Card title="By tier">
      <TableBox label="Queues by tier">
        <table>
          <thead>
            <tr>
              <th scope="col">Tier</th>
              <th scope="col" className="number">
                In slots
              </th>
              <th scope="col" className="number">
                Waiting
              </th>
              <th scope="col" className="number">
                Planned
              </th>
            </tr>
          </thead>
          <tbody>
            {TIERS.map((tier) => (
              <tr key={tier}>
                <td>
                  <Badge tone={tier}>{tier}</Badge>
                </td>
                <td className="number">{number(fleet.queues[tier].active)}</td>
                <td className="number">{number(fleet.queues[tier].waiting)}</td>
                <td className="number">{number(fleet.queues[tier].delayed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </Card>
  );
}

function Decisions({ fleet }: { readonly fleet: Fleet }) {
  const now = useNow(10_000);
  return (
    <Card title="Decisions">
      {fleet.decisions.length === 0 ? (
        <Empty title="None yet">
          <p className="quiet">The number of workers has not been changed.</p>
        </Empty>
      ) : (
        <ul className="body reasons" style={{ maxHeight: "19rem", overflow: "auto" }}>
          {fleet.decisions.map(({ at, from, to, reason }) => (
            <li key={at}>
              <span className="pages">
                {from} → {to}
              </span>
              <span>
                {reason}
                <span className="quiet" title={moment(at)}>
                  {" "}
                  · {ago(at, now)}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Workers({ fleet }: { readonly fleet: Fleet }) {
  const now = useNow(5_000);
  return (
    <Card
      title="Workers"
      id="workers-table"
      aside={<span className="quiet small">{count(fleet.current, "worker")}</span>}
    >
      {fleet.workers.length === 0 ? (
        <Empty title="No worker lives">
          <p className="quiet">
            Jobs are accepted and wait. Start one with “bee worker”, or look at the log of the scaler.
          </p>
        </Empty>
      ) : (
        <TableBox label="Workers">
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">State</th>
                <th scope="col">Fleet</th>
                <th scope="col" className="number">
                  Slots
                </th>
                <th scope="col" className="number">
                  CPU
                </th>
                <th scope="col" className="number">
                  Memory
                </th>
                <th scope="col" className="number">
                  p95
                </th>
                <th scope="col" className="number">
                  Loop late
                </th>
                <th scope="col">Started</th>
              </tr>
            </thead>
            <tbody>
              {fleet.workers.map((worker) => (
                <tr key={worker.id}>
                  <td className="head">
                    <span className="mono">
                      {worker.host}:{worker.pid}
                    </span>
                  </td>
                  <td data-label="State">
                    <Badge tone={worker.state === "working" ? "ok" : "amber"}>{worker.state}</Badge>
                  </td>
                  <td className="nowrap quiet" data-label="Fleet">
                    {worker.region}, {worker.class}
                  </td>
                  <td className="number" data-label="Slots">
                    {worker.busy} <span className="quiet">/ {worker.usable}</span>
                  </td>
                  <td className="number" data-label="CPU">
                    {worker.cpu == null ? "–" : `${Math.round(worker.cpu)} %`}
                  </td>
                  <td className="number" data-label="Memory">
                    {bytes(worker.memory)}
                  </td>
                  <td className="number" data-label="p95">
                    {milliseconds(worker.p95Ms)}
                  </td>
                  <td className="number" data-label="Loop late">
                    {milliseconds(worker.lagMs)}
                  </td>
                  <td className="nowrap quiet" data-label="Started">
                    {ago(worker.startedAt, now)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
      )}
    </Card>
  );
}
