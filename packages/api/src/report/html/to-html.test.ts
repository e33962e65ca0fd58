import { createHash } from "node:crypto";
import type { Page } from "@bee/store";
import { expect, test } from "@jest/globals";
import { Parser } from "htmlparser2";
import { NO_FACTS, toJobView } from "../../jobs/job-view.ts";
import { job } from "../../testing/job.ts";
import { page } from "../../testing/page.ts";
import type { Earlier } from "../comparison.ts";
import { buildReport } from "../report.ts";
import { CONTENT_SECURITY_POLICY, toHtml } from "./to-html.ts";

interface Seen {
  readonly tags: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[];
  /** What a reader sees. */
  text: string;
  style: string;
}

/** What a parser of HTML makes of it. */
function parseHtml(markup: string): Seen {
  const seen: Seen = { tags: [], text: "", style: "" };
  let inStyle = false;
  const reader = new Parser({
    onopentag(name, attributes) {
      seen.tags.push({ name, attributes });
      inStyle = name === "style";
      if (/^(h\d|p|li|summary|td|th|tr|dt|dd)$/.test(name)) seen.text += "\n";
    },
    onclosetag() {
      inStyle = false;
    },
    ontext(text) {
      if (inStyle) seen.style += text;
      else seen.text += text;
    },
  });
  reader.end(markup);
  return { ...seen, text: seen.text.replaceAll(/[ \t]*\n\s*/g, "\n") };
}

async function htmlOf(
  pages: Iterable<Page>,
  change: Parameters<typeof job>[0] = {},
  earlier: Earlier | null = null,
) {
  async function* each() {
    yield* pages;
  }
  const view = toJobView(
    job({ status: "completed", finishedAt: new Date("2026-01-01T00:01:00Z"), ...change }),
    NO_FACTS,
  );
  return toHtml(await buildReport(view, each(), earlier));
}

const broken = (url: string, change: Partial<Page> = {}) =>
  page({ url, outcome: "broken", cache: "none", status: 404, reason: "answered 404", ...change });

test("the first screen says how the site is, in one line", async () => {
  const { text } = parseHtml(
    await htmlOf([page(), broken("https://a.test/x"), page({ outcome: "blocked" })]),
  );
  expect(text).toContain(
    [
      "checked 2 of 3; 1 blocked; 0 not reachable",
      "1 page is broken and 1 is blocked.",
      "a.test · completed on 1 Jan 2026, 00:01 UTC, in 50.0 s",
    ].join("\n"),
  );
});

test.each([
  ["all is well", [page(), page()], "All 2 pages that were checked are well."],
  ["nothing answered", [page({ outcome: "unreachable" })], "1 page is not reachable."],
  ["all pages are off limits", [page({ outcome: "disallowed" })], "No page was checked."],
])("%s: the verdict says so", async (_what, pages, verdict) => {
  expect(parseHtml(await htmlOf(pages)).text).toContain(`\n${verdict}\n`);
});

test("a job that failed says why, and shows no charts of nothing", async () => {
  const { text, tags } = parseHtml(
    await htmlOf([], { status: "failed", failure: "robots.txt cannot be read" }),
  );
  expect(text).toContain("\nThe site could not be checked.\n");
  expect(text).toContain("\nrobots.txt cannot be read\n");
  expect(text).not.toContain("warning");
  expect(tags.filter(({ name }) => name === "svg")).toEqual([]);
});

test("a site that has moved away is not told as well", async () => {
  const away = page({ status: 301, cache: "none", redirects: ["https://newbrand.test/"] });
  const { text, tags } = parseHtml(await htmlOf([away]));
  expect(text).toContain("\nThe home page leads to another domain.\n");
  expect(text).toContain("\nthe home page leads to another domain (https://newbrand.test/): submit that\n");
  expect(text).toContain("another domain: https://newbrand.test/");
  expect(text).not.toContain("No cache");
  expect(tags.find(({ name }) => name === "h1")!.attributes).toEqual({ class: "blocked" });
});

test("a job that checked nothing does not look well", async () => {
  const { text, tags } = parseHtml(await htmlOf([page({ outcome: "disallowed", cache: null })]));
  expect(text).toContain("no page could be checked");
  expect(text).not.toContain("no page failed");
  expect(tags.find(({ name }) => name === "h1")!.attributes).toEqual({ class: "blocked" });
});

test("of a cause with many pages the first ten are seen at once", async () => {
  const { tags } = parseHtml(
    await htmlOf(Array.from({ length: 30 }, (_, i) => broken(`https://a.test/${i}`))),
  );
  const folded = tags.findIndex(
    ({ name, attributes }) => name === "details" && attributes["open"] === undefined,
  );
  const rows = (list: typeof tags) => list.filter(({ attributes }) => attributes["scope"] === "row").length;
  expect([rows(tags.slice(0, folded)), rows(tags)]).toEqual([11, 31]); // and one of the chart
});

test("findings stand under their causes, with where they were found", async () => {
  const { text } = parseHtml(
    await htmlOf([
      broken("https://a.test/x", { foundOn: "https://a.test/from" }),
      broken("https://a.test/y"),
      broken("https://a.test/z", { status: 500, reason: "answered 500 at attempt 3" }),
      page({ cache: "uncacheable", reason: "Set-Cookie makes it personal", url: "https://a.test/me" }),
      page({ outcome: "disallowed", reason: "robots.txt line 3: Disallow: /no", url: "https://a.test/no" }),
      page({ url: "https://a.test/old", redirects: ["https://a.test/young"] }),
      page({ url: "https://a.test/late", ttfbMs: 2_500 }),
    ]),
  );
  expect(text).toMatch(/2 answered 404\n.*\/x\n404\n\/from\n/s);
  expect(text).toMatch(/1 answered 500 at attempt 3\n.*\/z\n500\n/s);
  expect(text).toMatch(/1 Set-Cookie makes it personal\n\/me\n/);
  expect(text).toMatch(/1 robots\.txt line 3: Disallow: \/no\n.*\/no\n/s);
  expect(text).toMatch(/\n\/old\n\/young\n/);
  expect(text).toMatch(/\n\/late\n2\.5 s\n/);
});

test("what has changed since the earlier job is told", async () => {
  const earlier: Earlier = {
    job: "01a20784-ed53-7797-b985-d13e61661cbd",
    finishedAt: new Date("2025-12-31T12:00:00Z"),
    failed: new Map(
      ["https://a.test/", "https://a.test/lost"].map((url) => [
        url,
        { url, outcome: "broken", status: 404, reason: "answered 404", foundOn: null },
      ]),
    ),
    wereWell: new Set(["https://a.test/x"]),
  };
  const { text } = parseHtml(await htmlOf([page(), broken("https://a.test/x")], {}, earlier));
  expect(text).toContain("\nSince the job of 31 Dec 2025, 12:00 UTC\n");
  expect(text).toMatch(/\n1 new fail now/);
  expect(text).toMatch(/\n1 fixed failed then/);
  expect(text).toContain("\n1 page that failed then was not checked this time.\n");
  expect(parseHtml(await htmlOf([page()])).text).not.toContain("Since the job");
});

test("lists end, and say how many pages there are besides", async () => {
  const pages = Array.from({ length: 1_700 }, (_, i) => broken(`https://a.test/${i}`));
  const markup = await htmlOf(pages);
  const { text, tags } = parseHtml(markup);
  expect(text).toContain("\nand 700 other pages; the CSV report lists all\n");
  expect(tags.filter(({ name, attributes }) => name === "th" && attributes["scope"] === "row")).toHaveLength(
    1_001,
  );
});

const HOSTILE = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "</style></title></textarea>--><svg onload=alert(1)>",
  "' onmouseover='alert(1)",
  "{{7*7}} &#60;script&#62;",
  "\u0000\u001b[2J\u202e\ud800",
];

test("nothing that a site says becomes markup, or leads anywhere but to the web", async () => {
  const calm = parseHtml(
    await htmlOf(everywhere(HOSTILE.map(() => "calm")), { warnings: HOSTILE.map(() => "calm") }),
  );
  const markup = await htmlOf(everywhere(HOSTILE), { warnings: HOSTILE });
  const { tags, text, style } = parseHtml(markup);
  // Tag for tag the same page as without them.
  expect(tags.map(({ name }) => name)).toEqual(calm.tags.map(({ name }) => name));
  expect(style).toBe(calm.style);
  for (const { name, attributes } of tags) {
    expect(Object.keys(attributes).filter((key) => /^on|^style$/i.test(key))).toEqual([]);
    if (name === "a") expect(attributes["href"]).toMatch(/^https?:\/\//);
  }
  expect(text).toContain("<script>alert(1)</script>");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  expect(markup).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  expect(markup.isWellFormed()).toBe(true);
});

/** Texts in all places that a site can write to. */
function* everywhere(texts: readonly string[]): Generator<Page> {
  for (const [i, text] of texts.entries()) {
    const url = `https://a.test/${i}/${text}`;
    const said = { url, reason: `${i} ${text}`, foundOn: `https://b.test/${text}`, redirects: [url] };
    for (const outcome of ["broken", "blocked", "unreachable", "disallowed"] as const) {
      yield page({ ...said, outcome, cache: "none" });
    }
    for (const cache of ["uncacheable", "unproven", "warmed"] as const)
      yield page({ ...said, cache, ttfbMs: 1_000 });
  }
}

test("a page named javascript: is no link", async () => {
  const evil = "javascript:alert(document.cookie)";
  const { tags, text } = parseHtml(
    await htmlOf([broken(evil, { foundOn: evil }), page({ url: evil, redirects: [evil], ttfbMs: 1_000 })]),
  );
  expect(text).toContain(evil);
  expect(tags.filter(({ attributes }) => /^javascript/.test(attributes["href"] ?? ""))).toEqual([]);
});

test("it needs nothing from elsewhere, and is allowed nothing", async () => {
  const { tags, style } = parseHtml(await htmlOf([page()]));
  const names = new Set(tags.map(({ name }) => name));
  for (const name of ["script", "img", "iframe", "object", "form", "base"]) expect(names).not.toContain(name);
  expect(tags.filter(({ name }) => name === "link").map(({ attributes }) => attributes["href"])).toEqual([
    "data:,",
  ]);
  expect(style).not.toMatch(/url\(|@import/);
  const hash = createHash("sha256").update(style).digest("base64");
  expect(CONTENT_SECURITY_POLICY).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(CONTENT_SECURITY_POLICY).not.toContain("unsafe");
});

test("what is drawn is also told, and every table has its heads", async () => {
  const { tags } = parseHtml(await htmlOf([page({ provedTtfbMs: 10 }), broken("https://a.test/x")]));
  const drawings = tags.filter(({ name }) => name === "svg").map(({ attributes }) => attributes);
  expect(drawings.length).toBeGreaterThan(3);
  for (const { role, "aria-label": label, "aria-hidden": hidden } of drawings) {
    expect(hidden === "true" || (role === "img" && label !== "")).toBe(true);
  }
  expect(drawings.map((drawing) => drawing["aria-label"])).toContain("How the pages ended: well 1, broken 1");
  expect(tags.filter(({ name }) => name === "th").every(({ attributes }) => attributes["scope"])).toBe(true);
  const count = (tag: string) => tags.filter(({ name }) => name === tag).length;
  expect(count("caption")).toBe(count("table"));
  expect(count("h1")).toBe(1);
});
