import { useState } from "react";
import { ApiError } from "../data/api.ts";
import { allows, give, ORDER_WORDS, type Order } from "../data/orders.ts";
import type { JobSummary } from "../data/wire.ts";
import { count, shortUrl } from "../data/words.ts";
import { Dialog } from "../ui/dialog.tsx";
import { StatusBadge } from "../ui/parts.tsx";
import { say } from "../ui/toasts.tsx";

/** Orders for several jobs at once; what each of them would do is shown before. */
export function BulkOrder({
  jobs,
  onDone,
}: {
  readonly jobs: readonly JobSummary[];
  readonly onDone: () => void;
}) {
  const [order, setOrder] = useState<Order>();
  return (
    <div className="filters" role="toolbar" aria-label="Orders to the chosen jobs">
      <span className="row">
        <strong>{count(jobs.length, "job")} chosen</strong>
      </span>
      {(["cancel", "retry"] as const).map((name) => (
        <button
          key={name}
          type="button"
          className={`button tiny ${name === "cancel" ? "danger" : ""}`}
          disabled={!jobs.some((job) => allows(job, name))}
          onClick={() => setOrder(name)}
        >
          {ORDER_WORDS[name].name} …
        </button>
      ))}
      <button type="button" className="button plain tiny" onClick={onDone}>
        Choose none
      </button>
      {order && <Preview order={order} jobs={jobs} onClose={() => setOrder(undefined)} onDone={onDone} />}
    </div>
  );
}

function Preview({
  order,
  jobs,
  onClose,
  onDone,
}: {
  readonly order: Order;
  readonly jobs: readonly JobSummary[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [left, setLeft] = useState<number>();
  // As they were when they were asked for: what is carried out is what was shown.
  const [{ meant, others }] = useState(() => ({
    meant: jobs.filter((job) => allows(job, order)),
    others: jobs.filter((job) => !allows(job, order)),
  }));
  const { name, done } = ORDER_WORDS[order];
  const carryOut = async () => {
    const failures: string[] = [];
    for (const [i, job] of meant.entries()) {
      setLeft(meant.length - i);
      await give(order, job.id).catch((error) => {
        failures.push(`${shortUrl(job.url)}: ${error instanceof ApiError ? error.message : error}`);
      });
    }
    const well = meant.length - failures.length;
    if (well > 0) say(`${count(well, "job")} ${done}.`);
    for (const failure of failures.slice(0, 3)) say(failure, "broken");
    onDone();
    onClose();
  };
  return (
    <Dialog title={`${name} ${count(meant.length, "job")}?`} onClose={onClose}>
      <p>
        {order === "cancel"
          ? `${count(
              sum(meant, ({ pending, released }) => pending + released),
              "page",
            )} without an outcome will be cancelled. A cancelled job cannot be run again.`
          : `${count(
              sum(meant, ({ failed }) => failed),
              "failed page",
            )} will be visited again.`}
      </p>
      <ul className="scroll">
        {meant.map((job) => (
          <li key={job.id} className="row" style={{ padding: "0.35rem 0.75rem" }}>
            <span style={{ flex: 1, overflowWrap: "anywhere" }}>{shortUrl(job.url)}</span>
            <StatusBadge status={job.status} />
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="quiet">
          {count(others.length, "other")} of the chosen {others.length === 1 ? "stays" : "stay"} as{" "}
          {others.length === 1 ? "it is" : "they are"}:{" "}
          {order === "cancel" ? "already ended." : "not ended, cancelled, or without a failed page."}
        </p>
      )}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Leave them
        </button>
        <button
          type="button"
          className="button primary"
          disabled={left !== undefined || meant.length === 0}
          onClick={carryOut}
        >
          {left === undefined ? `${name} ${count(meant.length, "job")}` : `${left} to go …`}
        </button>
      </div>
    </Dialog>
  );
}

function sum(jobs: readonly JobSummary[], of: (counts: JobSummary["counts"]) => number): number {
  return jobs.reduce((total, { counts }) => total + of(counts), 0);
}
