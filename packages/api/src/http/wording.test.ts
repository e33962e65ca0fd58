import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { type AskOptions, problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
let jobPath: string;

beforeAll(async () => {
  api = await startApiUnderTest();
  const { json } = await api.ask("/v1/jobs", { json: { domain: "wording.example" } });
  jobPath = `/v1/jobs/${json.id}`;
});
afterAll(() => api.stop());

const TYPE = { "content-type": "application/json" };
const PAGES = "expected a whole number from 1 to 1000000";
const NAMES =
  "expected one of url, domain, maxPages, useSitemap, followLinks, include, exclude, verify, region, priority or webhookUrl";
const LIMIT = "expected a whole number from 1 to 200";
const OUTCOMES = "expected one of ok, broken, blocked, unreachable, disallowed, skipped or cancelled";

/** The body of a new job, and what the answer says of it. */
const BODIES: readonly (readonly [field: string, given: unknown, detail: string, pointer?: string])[] = [
  ["maxPages", 0, `${PAGES}, got 0`],
  ["maxPages", -1, `${PAGES}, got -1`],
  ["maxPages", 1e9, `${PAGES}, got 1000000000`],
  ["maxPages", 1e300, `${PAGES}, got 1e+300`],
  ["maxPages", 1.5, `${PAGES}, got 1.5`],
  ["maxPages", "ten", `${PAGES}, got "ten"`],
  ["maxPages", null, `${PAGES}, got null`],
  ["maxPages", [5], `${PAGES}, got an array of 1`],
  ["maxpages", 5, `${NAMES}, got maxpages`],
  ["useSitemap", "yes", 'expected true or false, got "yes"'],
  ["verify", "some", 'expected one of all or none, got "some"'],
  ["include", "/shop", 'expected an array, got "/shop"'],
  ["include", { 0: "/shop" }, "expected an array, got an object"],
  ["include", [7], "expected a string, got 7", "/include/0"],
  ["exclude", ["/a", ""], "expected at least 1 character, got 0", "/exclude/1"],
  ["exclude", [`/${"x".repeat(500)}`], "expected at most 500 characters, got 501", "/exclude/0"],
  [
    "exclude",
    ["*.pdf", "?preview="],
    'expected a pattern that begins with / or *, as paths do, got "?preview=", which no URL matches',
    "/exclude/1",
  ],
  ["include", Array(101).fill("/a"), "expected at most 100 entries, got 101"],
  ["url", 5, "expected a string, got 5"],
  ["domain", "a.example", "expected either url or domain, got both", "/url"],
  ["region", "", "expected at least 1 character, got 0"],
  [
    "region",
    "mars",
    'expected a region with workers (default), got "mars"; without one the nearest is taken',
  ],
  ["priority", "urgent", 'expected one of critical, high, normal or low, got "urgent"'],
  ["webhookUrl", "x".repeat(2_049), "expected at most 2048 characters, got 2049"],
];

const bodies = BODIES.map(([field, given, detail, pointer = `/${field}`]) => ({
  field,
  given,
  detail,
  pointer,
}));

test.each(bodies)("a new job's $pointer: $detail", async ({ field, given, detail, pointer }) => {
  const answer = await api.ask("/v1/jobs", { json: { url: "https://a.example/", [field]: given } });
  expect(problemIn(answer)).toMatchObject({
    status: 422,
    detail: `the body: ${pointer}: ${detail}`,
    errors: [{ pointer, detail }],
  });
});

/** What follows the path of the lists, and what the answer says of it. */
const QUERIES: readonly (readonly [of: string, query: string, detail: string])[] = [
  ["/v1/jobs", "limit=0", `/limit: ${LIMIT}, got "0"`],
  ["/v1/jobs", "limit=ten", `/limit: ${LIMIT}, got "ten"`],
  ["/v1/jobs", "limit=1&limit=2", `/limit: ${LIMIT}, got an array of 2`],
  ["/v1/jobs", "cursor=x", '/cursor: expected a nextCursor of this list, got "x"'],
  ["/v1/jobs", "domain=a%20b", '/domain: expected a host name, got "a b"'],
  ["/v1/jobs", "tier=top", '/tier: expected one of critical, high, normal or low, got "top"'],
  ["/v1/jobs", "page=2", "/page: expected one of status, tier, domain, limit or cursor, got page"],
  ["/v1/fleet", "all=1", "/all: expected nothing, got all"],
  ["pages", "outcome=good", `/outcome: ${OUTCOMES}, got "good"`],
  ["pages", "status=999", '/status: expected an HTTP status from 100 to 599, got "999"'],
  ["pages", "q=", '/q: expected 1 to 500 characters of a URL, got ""'],
  ["report", "format=pdf", '/format: expected one of json, csv, junit or html, got "pdf"'],
];

test.each(QUERIES)("%s?%s %s", async (of, query, detail) => {
  const path = of.startsWith("/") ? of : `${jobPath}/${of}`;
  const problem = problemIn(await api.ask(`${path}?${query}`));
  expect([problem.status, problem.detail]).toEqual([422, `the query string: ${detail}`]);
});

/** Bodies that never become an object with fields. */
const OTHERS: readonly (readonly [name: string, request: AskOptions, status: number, detail: string])[] = [
  [
    "an empty domain",
    { json: { domain: "" } },
    422,
    "expected a host name such as example.com, got an empty text",
  ],
  [
    "a domain with a port",
    { json: { domain: "x.de:80" } },
    422,
    'expected a host name such as example.com, without a port, got "x.de:80"; a site at a port is named by its url',
  ],
  ["a string", { json: "x" }, 422, 'the body: as a whole: expected an object, got "x"'],
  ["a number", { json: 7 }, 422, "the body: as a whole: expected an object, got 7"],
  ["null", { json: null }, 422, "the body: as a whole: expected an object, got null"],
  ["an array", { json: [1] }, 422, "the body: as a whole: expected an object, got an array of 1"],
  ["neither url nor domain", { json: {} }, 422, "the body: /url: expected either url or domain, got neither"],
  [
    "a long text",
    { json: "x".repeat(99) },
    422,
    `the body: as a whole: expected an object, got "${"x".repeat(80)}…"`,
  ],
  ["nothing", { body: "", headers: TYPE }, 400, "expected a JSON object, got an empty body"],
  ["too much", { json: "x".repeat(300_000) }, 413, "expected at most 262144 bytes, got 300002"],
  [
    "a form",
    { body: "url=x", headers: { "content-type": "text/plain" } },
    415,
    "expected Content-Type: application/json, got text/plain",
  ],
  [
    "another charset",
    { body: "{}", headers: { "content-type": "application/json; charset=x" } },
    415,
    "expected a body in UTF-8, got charset x",
  ],
  [
    "a coding",
    { body: "x", headers: { ...TYPE, "content-encoding": "gzip" } },
    415,
    "expected a body without Content-Encoding, got gzip",
  ],
  [
    "half of an object",
    { body: '{"url": ', headers: TYPE },
    400,
    "expected valid JSON, got text that does not parse: Unexpected end of JSON input",
  ],
];

test.each(OTHERS)(
  "a body that is %s is told what was expected and what was got",
  async (_name, request, status, detail) => {
    const problem = problemIn(await api.ask("/v1/jobs", request));
    expect([problem.status, problem.detail]).toEqual([status, detail]);
  },
);

test("a field whose name is long is not repeated at length", async () => {
  const { detail } = problemIn(
    await api.ask("/v1/jobs", { json: { domain: "a.example", ["x".repeat(9_000)]: 1 } }),
  );
  expect(detail.length).toBeLessThan(600);
});

test("a path or an id that is none is told what there is, by whose key it was asked", async () => {
  const { secret } = await api.newKey("standard");
  const detailOf = async (path: string, key?: string) =>
    problemIn(await api.ask(path, key === undefined ? {} : { key })).detail;
  const id = jobPath.split("/").at(-1);
  const stranger = id!.replace(/^./, "f");
  expect(await detailOf(`${jobPath}/nix`)).toBe(
    `expected a path of this API, such as /v1/jobs/<id>/pages, got ${jobPath}/nix; docs/http.md lists them`,
  );
  expect(await detailOf("/v1/jobs/nix")).toBe(
    `expected the id of a job, such as 01a207a2-36d3-76e7-a6e9-21644bcea641, got "nix"; GET /v1/jobs lists them`,
  );
  expect(await detailOf(`/v1/jobs/${stranger}`)).toBe(
    "expected the id of a job, got one that no job has; GET /v1/jobs lists them",
  );
  expect(await detailOf(jobPath, secret)).toBe(
    "expected the id of a job that this key submitted, got another; GET /v1/jobs lists them",
  );
});
