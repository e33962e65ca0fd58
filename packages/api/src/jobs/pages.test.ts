import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { disallowed, done, finishJob, seen } from "../testing/seed.ts";

let api: ApiUnderTest;
let pagesOf: (query: string) => Promise<string[]>;
let path: string;

beforeAll(async () => {
  api = await startApiUnderTest();
  const { json: job } = await api.ask("/v1/jobs", { json: { domain: "site.example" } });
  await finishJob(api.db, job, {
    "https://site.example/": done(),
    "https://site.example/gone": done({
      outcome: "broken",
      cache: "none",
      reason: "answered 404",
      seen: seen({ status: 404 }),
    }),
    "https://site.example/shop?a=100%25_off": done({ cache: "uncacheable", reason: "Set-Cookie" }),
    "https://site.example/moved": done({ seen: seen({ redirects: ["https://site.example/new"] }) }),
    "https://site.example/private": disallowed("Disallow: /private"),
  });
  path = `/v1/jobs/${job.id}/pages`;
  pagesOf = async (query) =>
    (await api.ask(`${path}?${query}`)).json.pages.map((page: { url: string }) =>
      page.url.replace("https://site.example", ""),
    );
});
afterAll(() => api.stop());

test("a page has the fields of the contract", async () => {
  const { json } = await api.ask(`${path}?q=/moved`);
  expect(json).toEqual({
    pages: [
      {
        url: "https://site.example/moved",
        outcome: "ok",
        cache: "already-warm",
        status: 200,
        attempts: 1,
        reason: null,
        edge: "syd",
        ttfbMs: 120,
        provedTtfbMs: null,
        bytes: 1_000,
        redirects: ["https://site.example/new"],
        foundOn: "https://site.example/sitemap.xml",
        finishedAt: expect.stringMatching(/Z$/),
      },
    ],
    nextCursor: null,
  });
});

describe("a filter", () => {
  test.each([
    ["", ["/", "/gone", "/shop?a=100%25_off", "/moved", "/private"]],
    ["outcome=broken", ["/gone"]],
    ["outcome=disallowed", ["/private"]],
    ["outcome=cancelled", []],
    ["cache=uncacheable", ["/shop?a=100%25_off"]],
    ["status=404", ["/gone"]],
    ["status=200&cache=already-warm", ["/", "/moved"]],
    ["q=/mo", ["/moved"]],
    ["q=MOVED", []],
    // Text is text: no wildcards.
    ["q=%25_off", []],
    ["q=%2525_off", ["/shop?a=100%25_off"]],
    ["q=%27%20or%20true--", []],
  ])("?%s finds its pages", async (query, urls) => {
    expect(await pagesOf(query)).toEqual(urls);
  });

  test("goes on over pages of the list", async () => {
    const first = (await api.ask(`${path}?outcome=ok&limit=2`)).json;
    expect(first.pages).toHaveLength(2);
    expect(await pagesOf(`outcome=ok&limit=2&cursor=${first.nextCursor}`)).toEqual(["/moved"]);
  });
});

test.each([
  "outcome=fine",
  "outcome=",
  "cache=hot",
  "status=99",
  "status=600",
  "status=70000",
  "status=ok",
  "q=",
  "q=a%00b",
  `q=${"x".repeat(501)}`,
  "limit=0",
  "limit=201",
  "cursor=x",
  "cursor=LTE",
  "sort=colour",
])("?%s is refused", async (query) => {
  expect(problemIn(await api.ask(`${path}?${query}`))).toMatchObject({
    status: 422,
    code: "invalid-request",
  });
});
