import { type FormEvent, useState } from "react";
import { ApiError, post } from "../data/api.ts";
import { useSession } from "../data/session.ts";
import { type Job, type Preview, TIERS } from "../data/wire.ts";
import { count, number, PACE_REASONS, rate, SOURCES, shortUrl, span } from "../data/words.ts";
import { navigate } from "../router.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { TierBadge } from "../ui/parts.tsx";
import { say } from "../ui/toasts.tsx";

interface Form {
  readonly url: string;
  readonly maxPages: string;
  readonly include: string;
  readonly exclude: string;
  readonly useSitemap: boolean;
  readonly followLinks: boolean;
  readonly verify: boolean;
  readonly priority: string;
}

const EMPTY: Form = {
  url: "",
  maxPages: "500",
  include: "",
  exclude: "",
  useSitemap: true,
  followLinks: false,
  verify: true,
  priority: "",
};

/** A job is described, looked at and only then begun: between the two lies a dry run. */
export function NewJob({ onClose, url = "" }: { readonly onClose: () => void; readonly url?: string }) {
  const { isOperator, quota } = useSession();
  const [form, setForm] = useState<Form>({ ...EMPTY, url });
  const [preview, setPreview] = useState<Preview>();
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState<"looking" | "starting">();
  const change = (part: Partial<Form>) => {
    setForm({ ...form, ...part });
    setPreview(undefined);
    setError(undefined);
  };
  const run = async (what: "looking" | "starting") => {
    setBusy(what);
    setError(undefined);
    try {
      if (what === "looking") setPreview(await post<Preview>("/v1/jobs?dryRun=true", bodyOf(form)));
      else {
        const job = await post<Job>("/v1/jobs", bodyOf(form));
        say(`The job for ${shortUrl(job.url)} has begun.`);
        navigate(`/jobs/${job.id}`);
        onClose();
      }
    } catch (failure) {
      setError(
        failure instanceof ApiError ? failure : new ApiError(0, "Something went wrong", String(failure)),
      );
    } finally {
      setBusy(undefined);
    }
  };
  const look = (event: FormEvent) => {
    event.preventDefault();
    void run("looking");
  };
  const fault = (name: string) => error?.faults[`/${name}`];
  return (
    <Dialog title="New job" onClose={onClose}>
      <form className="stack" onSubmit={look}>
        <div className="field">
          <label htmlFor="new-url">Site</label>
          <input
            id="new-url"
            autoFocus
            required
            placeholder="https://www.example.com/"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            value={form.url}
            onChange={({ target }) => change({ url: target.value })}
            aria-invalid={error !== undefined}
            aria-describedby="new-url-hint"
          />
          <span
            id="new-url-hint"
            className={error === undefined ? "hint" : "fault"}
            role={error === undefined ? undefined : "alert"}
          >
            {error === undefined
              ? "Where the site begins: its home page, or a host name."
              : (fault("url") ?? fault("domain") ?? error.message)}
          </span>
        </div>
        <div className="columns">
          <div className="field">
            <label htmlFor="new-pages">At most so many pages</label>
            <input
              id="new-pages"
              type="number"
              min="1"
              max="1000000"
              required
              value={form.maxPages}
              onChange={({ target }) => change({ maxPages: target.value })}
            />
            {quota && (
              <span className="hint">
                {number(quota.left)} of {number(quota.pagesPerDay)} left today
              </span>
            )}
          </div>
          {isOperator && (
            <div className="field">
              <label htmlFor="new-tier">Tier</label>
              <select
                id="new-tier"
                value={form.priority}
                onChange={({ target }) => change({ priority: target.value })}
              >
                <option value="">as the plan says</option>
                {TIERS.map((tier) => (
                  <option key={tier}>{tier}</option>
                ))}
              </select>
            </div>
          )}
        </div>
        <div className="row" style={{ columnGap: "1.25rem" }}>
          <Check
            name="Read the sitemaps"
            value={form.useSitemap}
            onChange={(useSitemap) => change({ useSitemap })}
          />
          <Check
            name="Follow links"
            value={form.followLinks}
            onChange={(followLinks) => change({ followLinks })}
          />
          <Check
            name="Prove each page cached"
            value={form.verify}
            onChange={(verify) => change({ verify })}
          />
        </div>
        <details>
          <summary>Only some of its paths</summary>
          <div className="columns" style={{ marginTop: "0.5rem" }}>
            <Patterns
              id="new-include"
              name="Include"
              fault={fault("include/0")}
              value={form.include}
              onChange={(include) => change({ include })}
            />
            <Patterns
              id="new-exclude"
              name="Exclude"
              fault={fault("exclude/0")}
              value={form.exclude}
              onChange={(exclude) => change({ exclude })}
            />
          </div>
        </details>
        {preview && <PreviewCard preview={preview} />}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
          <button
            type="submit"
            className={`button ${preview ? "" : "primary"}`}
            disabled={busy !== undefined}
          >
            {busy === "looking" ? "Reading robots.txt and sitemaps …" : preview ? "Look again" : "Look first"}
          </button>
          <button
            type="button"
            className={`button ${preview ? "primary" : ""}`}
            disabled={busy !== undefined || form.url.trim() === ""}
            onClick={() => run("starting")}
          >
            {busy === "starting" ? "Starting …" : "Start"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function bodyOf(form: Form) {
  const site = form.url.trim();
  const lines = (text: string) =>
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  return {
    ...(/^https?:/i.test(site) ? { url: site } : { domain: site }),
    maxPages: Number(form.maxPages),
    useSitemap: form.useSitemap,
    followLinks: form.followLinks,
    include: lines(form.include),
    exclude: lines(form.exclude),
    verify: form.verify ? "all" : "none",
    ...(form.priority === "" ? {} : { priority: form.priority }),
  };
}

function Check({
  name,
  value,
  onChange,
}: {
  readonly name: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}) {
  return (
    <label className="check">
      <input type="checkbox" checked={value} onChange={({ target }) => onChange(target.checked)} />
      {name}
    </label>
  );
}

function Patterns({
  id,
  name,
  value,
  fault,
  onChange,
}: {
  readonly id: string;
  readonly name: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  return (
    <div className="field">
      <label htmlFor={id}>{name}</label>
      <textarea
        id={id}
        rows={3}
        placeholder={"/blog/\n*.pdf"}
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
      <span className={fault ? "fault" : "hint"}>
        {fault ?? "One pattern a line; * stands for any text."}
      </span>
    </div>
  );
}

const ROBOTS = {
  found: "found",
  absent: "none; all is allowed",
  unreachable: "cannot be read; nothing may be fetched",
};

function PreviewCard({ preview }: { readonly preview: Preview }) {
  const { robots, pages, pace, ahead, complete, problem } = preview;
  const atLeast = complete ? "" : "at least ";
  return (
    <section className="card" aria-label="What will happen" aria-live="polite">
      <header>
        <h3>What will happen at {preview.domain}</h3>
        <TierBadge tier={preview.tier} />
      </header>
      <div className="body stack">
        {problem !== null && <p className="notice">{problem}</p>}
        <dl className="facts">
          <dt>robots.txt</dt>
          <dd>
            {robots === null ? "not read" : ROBOTS[robots.status]}
            {robots?.crawlDelay != null && `; asks for ${robots.crawlDelay} s between requests`}
          </dd>
          <dt>Sitemaps</dt>
          <dd>
            {atLeast}
            {count(pages.listed, "entry", "entries")}
            {robots !== null && robots.sitemaps.length > 0 && (
              <span className="quiet"> in {robots.sitemaps.map(shortUrl).join(", ")}</span>
            )}
          </dd>
          <dt>Pages</dt>
          <dd>
            <strong>
              {atLeast}
              {number(pages.toVisit)}
            </strong>{" "}
            to visit
            <span className="quiet">{leftOut(preview)}</span>
          </dd>
          <dt>Pace</dt>
          <dd>
            {rate(pace.requestsPerSecond)}, {pace.concurrency} at a time
            <span className="quiet">
              {" "}
              —{" "}
              {pace.reasons.length > 0
                ? pace.reasons.map((reason) => PACE_REASONS[reason] ?? reason).join(", ")
                : SOURCES[pace.source]}
            </span>
          </dd>
          {ahead.jobs > 0 && (
            <>
              <dt>Beside it</dt>
              <dd>
                {count(ahead.jobs, "other job")} of this domain with {count(ahead.pages, "page")} to go
              </dd>
            </>
          )}
          <dt>Time</dt>
          <dd>
            {preview.estimatedSeconds === null ? (
              "not known"
            ) : (
              <strong>
                {complete ? "about" : "at least"} {span(preview.estimatedSeconds)}
              </strong>
            )}
            <span className="quiet">
              {" "}
              for {atLeast}
              {count(preview.requests, "request")}
            </span>
          </dd>
        </dl>
        {preview.warnings.map((warning) => (
          <p key={warning} className="notice small">
            {warning}
          </p>
        ))}
      </div>
    </section>
  );
}

function leftOut({ pages }: Preview): string {
  const parts = [
    [pages.disallowed, "forbidden by robots.txt"],
    [pages.filtered, "left out by the patterns"],
    [pages.foreign, "of other domains"],
    [pages.overCap, "beyond the limit"],
  ] as const;
  const told = parts.filter(([many]) => many > 0).map(([many, why]) => `${number(many)} ${why}`);
  return told.length === 0 ? "" : `; ${told.join(", ")}`;
}
