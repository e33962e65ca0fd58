import { expect, test } from "@jest/globals";
import { wireJob } from "../testing/wire-samples.ts";
import { jobsText, jobText } from "./job-text.ts";
import { plain } from "./paint.ts";

const screen = { width: 80, paint: plain };

test("a running job: how far it is and why it waits", () => {
  const waiting = [{ reason: "rate-limit" as const, pages: 40, until: null }];
  const lines = jobText(wireJob({ waiting, warnings: ["a sitemap was cut short"] }), screen).split("\n");
  expect(lines.slice(0, 8)).toEqual([
    "Job 01a207a2-36d3-76e7-a6e9-21644bcea641",
    "  status     running",
    "  site       https://garden.test/",
    "  tier       normal, region default",
    "  pages      57 of 97 done, 40 pending",
    "  outcomes   53 ok, 4 broken",
    "  cache      41 warmed, 9 already-warm, 3 uncacheable",
    "  pace       9.8 pages a second, about 12s left",
  ]);
  expect(lines[8]).toBe("  waiting    40 for rate-limit");
  expect(lines).toContain("  routing    default is the only region with workers");
  expect(lines).toContain("  warning    a sitemap was cut short");
});

test("a job that waits as a whole says for what", () => {
  const waiting = [{ reason: "tier-share" as const, pages: 0, until: null }];
  expect(jobText(wireJob({ status: "pending", waiting }), screen)).toMatch(/^ {2}waiting {4}tier-share$/m);
});

test("a job that has ended has neither time left nor reasons to wait", () => {
  const job = wireJob({ status: "completed", etaSeconds: null, finishedAt: "2026-01-01T10:00:12Z" });
  const text = jobText(job, screen);
  expect(text).toContain("  pace       9.8 pages a second\n");
  expect(text).toMatch(/^ {2}finished {3}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
  expect(text).not.toContain("waiting");
});

test("pages that were cancelled were not done", () => {
  const counts = { ...wireJob().counts, total: 30, pending: 0, succeeded: 14, failed: 0, cancelled: 16 };
  const job = wireJob({ status: "cancelled", counts });
  expect(jobText(job, screen)).toMatch(/^ {2}pages {6}14 of 30 done, 16 cancelled$/m);
  expect(jobsText([job], screen)).toContain("  14/30  ");
});

test("a warning is told in full", () => {
  const warning = `the sitemap ${"https://garden.test/sitemap.xml ".repeat(3)}was cut short`;
  expect(jobText(wireJob({ warnings: [warning] }), screen)).toMatch(/^ {13}cut short$/m);
});

test("a failed job: why, in full, before anything else; and no count of pages that are not there", () => {
  const none = { total: 0, pending: 0, released: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
  const failure = `robots.txt answered 503, and ${"again and ".repeat(8)}again`;
  const job = wireJob({
    status: "failed",
    failure,
    counts: none,
    outcomes: { ...wireJob().outcomes, ok: 0, broken: 0 },
    rate: 0,
    etaSeconds: null,
  });
  const [head, ...lines] = jobText(job, screen).split("\n");
  expect(head).toMatch(/^Job /);
  const status = lines.indexOf("  status     failed");
  expect(
    lines
      .slice(0, status)
      .map((line) => line.trim())
      .join(" "),
  ).toBe(failure);
  expect(lines.join("\n")).not.toMatch(/^ {2}(?:pages|pace)/m);
});

test("jobs, one a line", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const big = { ...wireJob().counts, total: 1_000_000 };
  expect(
    jobsText(
      [wireJob(), wireJob({ status: "completed", counts: big, url: "http://garden.test:8080/" })],
      { ...screen, width: 100 },
      now,
    ).split("\n"),
  ).toEqual([
    "id                                    status            pages  bad  age  site",
    "01a207a2-36d3-76e7-a6e9-21644bcea641  running           57/97    4   2h  garden.test",
    "01a207a2-36d3-76e7-a6e9-21644bcea641  completed  57/1,000,000    4   2h  garden.test:8080",
    "",
  ]);
});

test("jobs in 80 columns: the site is the last to be cut, the age goes first, then what is bad", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  const linesOf = (host: string) =>
    jobsText([wireJob({ url: `https://${host}/` })], screen, now)
      .split("\n")
      .slice(0, 2);
  const id = "01a207a2-36d3-76e7-a6e9-21644bcea641";
  expect(linesOf("shop.garden.test")).toEqual([
    `${"id".padEnd(38)}status   pages  bad  age  site`,
    `${id}  running  57/97    4   2h  shop.garden.test`,
  ]);
  expect(linesOf("wholesale.garden.test")).toEqual([
    `${"id".padEnd(38)}status   pages  bad  site`,
    `${id}  running  57/97    4  wholesale.garden.test`,
  ]);
  expect(linesOf("wholesale.shop.garden.test")).toEqual([
    `${"id".padEnd(38)}status   pages  site`,
    `${id}  running  57/97  wholesale.shop.garden.test`,
  ]);
  expect(linesOf(`${"long.".repeat(8)}test`)[1]).toBe(`${id}  running  57/97  long.long.long.long.long.…`);
});

test("a job whose domain is closed tells what closed it", () => {
  const until = "2026-01-01T10:20:30.000Z";
  const textOf = (pages: number, reason: "circuit-open" | "retry-after", because: string) =>
    jobText(wireJob({ waiting: [{ reason, pages, until, because }] }), { ...screen, width: 120 });
  expect(textOf(40, "circuit-open", "answered 500")).toMatch(
    /^ {2}waiting {4}40 pages, the site failed \(answered 500\), next try \d{4}-.*:\d\d$/m,
  );
  expect(textOf(0, "retry-after", "answered 429")).toMatch(
    /^ {2}waiting {4}the site asks for quiet until \d{4}-.*:\d\d \(answered 429\)$/m,
  );
});

test("no jobs: what to do", () => {
  expect(jobsText([], screen)).toBe("No jobs yet. Warm a site: bee warm https://example.com\n");
});
