import { RecordingLog } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { disallowed, done, finishJob, seen } from "../testing/seed.ts";

const log = new RecordingLog();
let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({}, log);
});
afterAll(() => api.stop());

async function submit(domain: string) {
  return (await api.ask("/v1/jobs", { json: { domain, maxPages: 5_000 } })).json as {
    id: string;
    domain: string;
  };
}

test("a finished job has a report, as JSON unless told otherwise", async () => {
  const job = await submit("report.example");
  await finishJob(api.db, job, {
    "https://report.example/": done({ cache: "warmed" }),
    "https://report.example/gone": done({ outcome: "broken", cache: "none", seen: seen({ status: 404 }) }),
    "https://report.example/wall": done({ outcome: "blocked", cache: "none", seen: seen({ status: 403 }) }),
    "https://report.example/dead": done({ outcome: "unreachable", cache: "none" }),
    "https://report.example/no": disallowed("Disallow: /no"),
  });
  const { status, json } = await api.ask(`/v1/jobs/${job.id}/report`);
  expect(status).toBe(200);
  expect(json).toMatchObject({
    job: { id: job.id, status: "completed", counts: { total: 5 } },
    headline: "checked 2 of 5; 1 blocked; 1 not reachable",
    broken: [{ url: "https://report.example/gone", status: 404 }],
    blocked: [{ url: "https://report.example/wall" }],
    unreachable: [{ url: "https://report.example/dead" }],
    disallowed: [{ url: "https://report.example/no", reason: "Disallow: /no" }],
    warmed: { pages: 1 },
    warnings: ["one sitemap was cut short"],
  });
  expect((await api.ask(`/v1/jobs/${job.id}/report?format=json`)).json).toEqual(json);
});

test("a job that has not begun has an empty report", async () => {
  const job = await submit("empty.example");
  const { json } = await api.ask(`/v1/jobs/${job.id}/report`);
  expect(json).toMatchObject({ headline: "checked 0 of 0; 0 blocked; 0 not reachable", broken: [] });
});

test("the CSV holds every page, over several reads, and is offered as a file", async () => {
  const job = await submit("csv.example");
  const urls = Array.from({ length: 2_500 }, (_, i) => `https://csv.example/${i}`);
  await finishJob(api.db, job, Object.fromEntries(urls.map((url) => [url, disallowed("=Disallow: /")])));
  const { status, headers, text } = await api.ask(`/v1/jobs/${job.id}/report?format=csv`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
  expect(headers.get("content-disposition")).toBe(`attachment; filename=bee-${job.id}.csv`);
  const rows = text.split("\r\n");
  expect(rows).toHaveLength(1 + 2_500 + 1);
  expect(rows.slice(1, -1).map((row) => row.split(",")[0])).toEqual(urls);
  expect(rows[1]).toContain(",disallowed,,,0,'=Disallow: /,");
});

test.each(["xml", "", "CSV", "table"])(
  "the format %j is refused, with those that are served",
  async (format) => {
    const job = await submit("format.example");
    const problem = problemIn(await api.ask(`/v1/jobs/${job.id}/report?format=${format}`));
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: "/format" }] });
    expect(problem.detail).toContain("expected one of json, csv, junit or html, got");
  },
);

test("JUnit is XML, offered as a file, with every page over several reads", async () => {
  const job = await submit("junit.example");
  const urls = Array.from({ length: 2_500 }, (_, i) => `https://junit.example/${i}`);
  await finishJob(api.db, job, {
    "https://junit.example/gone": done({
      ...{ outcome: "broken", cache: "none", reason: "answered 404", seen: seen({ status: 404 }) },
    }),
    ...Object.fromEntries(urls.map((url) => [url, disallowed("Disallow: /")])),
  });
  const { status, headers, text } = await api.ask(`/v1/jobs/${job.id}/report?format=junit`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("application/xml; charset=utf-8");
  expect(headers.get("content-disposition")).toBe(`attachment; filename=bee-${job.id}.xml`);
  expect(text).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="checked 1 of 2501; /);
  expect(text).toContain('<testsuite name="junit.example: disallowed" tests="2500"');
  expect(text.match(/<skipped message="Disallow: \/"\/>/g)).toHaveLength(2_500);
  expect(text.match(/<failure message="answered 404"/g)).toHaveLength(1);
});

test("HTML is a page that may load and run nothing", async () => {
  const job = await submit("html.example");
  await finishJob(api.db, job, {
    "https://html.example/<script>": done({ outcome: "broken", cache: "none", reason: "<script>alert(1)" }),
  });
  const { status, headers, text } = await api.ask(`/v1/jobs/${job.id}/report?format=html`);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]+='; .*; frame-ancestors 'none'$/,
  );
  expect(headers.get("cache-control")).toBe("no-store");
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).toContain('<h1 class="broken">1 page is broken.</h1>');
  expect(text).toContain("&lt;script&gt;alert(1)");
  expect(text).not.toContain("<script");
});

test("all formats tell what has changed since the job before of the same key and site", async () => {
  const url = (path: string) => `https://again.example/${path}`;
  const broken = done({
    ...{ outcome: "broken", cache: "none", reason: "answered 404", seen: seen({ status: 404 }) },
  });
  const first = await submit("again.example");
  expect((await api.ask(`/v1/jobs/${first.id}/report`)).json.compared).toBeNull();
  await finishJob(api.db, first, {
    [url("still")]: broken,
    [url("fixed")]: broken,
    [url("lost")]: broken,
    [url("new")]: done(),
  });
  const job = await submit("again.example");
  await finishJob(api.db, job, {
    [url("still")]: broken,
    [url("fixed")]: done(),
    [url("new")]: broken,
    [url("unknown")]: broken,
  });
  const { json } = await api.ask(`/v1/jobs/${job.id}/report`);
  expect(json.compared).toMatchObject({
    job: first.id,
    finishedAt: expect.stringMatching(/^20.*Z$/),
    counts: { new: 1, firstSeen: 1, fixed: 1, still: 1, unchecked: 1 },
    new: [{ url: url("new"), outcome: "broken", status: 404, reason: "answered 404" }],
    firstSeen: [{ url: url("unknown") }],
    fixed: [{ url: url("fixed") }],
    still: [{ url: url("still") }],
  });
  const junit = (await api.ask(`/v1/jobs/${job.id}/report?format=junit`)).text;
  expect(junit).toContain('message="answered 404 (new)"');
  expect(junit).toContain(`<property name="comparedWith" value="${first.id}"/>`);
  expect((await api.ask(`/v1/jobs/${job.id}/report?format=html`)).text).toContain("Since the job of <time");
});

test("a report tells how often the site asked for quiet", async () => {
  const job = await submit("quiet.example");
  const url = "https://quiet.example/a";
  await finishJob(api.db, job, { [url]: done() });
  await api.db.updateTable("pages").set({ hand_backs: 4 }).where("url", "=", url).execute();
  const { json } = await api.ask(`/v1/jobs/${job.id}/report`);
  expect(json.warnings).toContain("the site asked for quiet in answer to 4 visits");
});

test("a reader who leaves in the middle of a CSV is no failure", async () => {
  const job = await submit("leaver.example");
  const urls = Array.from({ length: 2_500 }, (_, i) => `https://leaver.example/${i}`);
  await finishJob(api.db, job, Object.fromEntries(urls.map((url) => [url, disallowed("x".repeat(4_000))])));
  const logged = log.next("request");
  const leaving = new AbortController();
  const response = await fetch(`${api.url}/v1/jobs/${job.id}/report?format=csv`, {
    headers: { authorization: `Bearer ${api.adminKey}` },
    signal: leaving.signal,
  });
  leaving.abort();
  await expect(response.text()).rejects.toThrow(/abort/);
  expect((await logged).fields).toMatchObject({ status: 200, complete: false });
  expect((await api.ask("/readyz")).status).toBe(200);
  expect(log.lines.filter((line) => line.level === "error")).toEqual([]);
});
