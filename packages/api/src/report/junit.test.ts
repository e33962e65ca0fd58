import { Readable } from "node:stream";
import type { Outcome } from "@bee/core";
import type { Page } from "@bee/store";
import { expect, test } from "@jest/globals";
import { parser } from "sax";
import { type JobFacts, NO_FACTS, toJobView } from "../jobs/job-view.ts";
import { job } from "../testing/job.ts";
import { page } from "../testing/page.ts";
import type { Earlier } from "./comparison.ts";
import { toJUnit } from "./junit.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** What an XML parser that forgives nothing makes of it. */
function parseXml(xml: string): Element {
  const document: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [document];
  const reader = parser(true);
  reader.onopentag = ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [], text: "" };
    open.at(-1)!.children.push(element);
    open.push(element);
  };
  reader.ontext = (text) => {
    open.at(-1)!.text += text;
  };
  reader.onclosetag = () => open.pop();
  reader.onerror = (error) => {
    throw error;
  };
  reader.write(xml).close();
  return document.children[0]!;
}

interface Seed {
  readonly status?: "completed" | "cancelled" | "failed";
  readonly failure?: string;
  readonly earlier?: Earlier;
}

async function xmlOf(pages: readonly Page[], { status = "completed", failure, earlier }: Seed = {}) {
  const outcomes: JobFacts["tallies"]["outcomes"] = {};
  for (const { outcome } of pages) outcomes[outcome!] = (outcomes[outcome!] ?? 0) + 1;
  const view = toJobView(
    job({
      status,
      failure: failure ?? null,
      counts: { ...job().counts, total: pages.length },
    }),
    { ...NO_FACTS, tallies: { outcomes, cache: {} } },
  );
  async function* pagesOf(outcome: Outcome) {
    yield* pages.filter((one) => one.outcome === outcome);
  }
  return (await Readable.from(toJUnit({ job: view, earlier: earlier ?? null, pagesOf })).toArray()).join("");
}

const junitOf = async (...given: Parameters<typeof xmlOf>) => parseXml(await xmlOf(...given));

function suite(root: Element, name: string): Element | undefined {
  return root.children.find(({ attributes }) => attributes["name"] === `a.test: ${name}`);
}

test("each outcome is a suite, each page a case, and what failed says why", async () => {
  const root = await junitOf([
    page({ ttfbMs: 250 }),
    page({
      ...{ url: "https://a.test/gone", outcome: "broken", status: 404, reason: "answered 404" },
      foundOn: "https://a.test/",
    }),
    page({ url: "https://a.test/wall", outcome: "blocked", status: 403, reason: "turned away" }),
    page({ url: "https://a.test/dead", outcome: "unreachable", status: null, reason: "no answer" }),
    page({ url: "https://a.test/no", outcome: "disallowed", status: null, reason: "Disallow: /no" }),
  ]);
  expect(root.name).toBe("testsuites");
  expect(root.attributes["name"]).toBe("checked 2 of 5; 1 blocked; 1 not reachable");
  expect(root.children.map(({ attributes }) => attributes["name"])).toEqual(
    ["job", "broken", "blocked", "unreachable", "ok", "disallowed"].map((name) => `a.test: ${name}`),
  );
  expect(suite(root, "broken")).toMatchObject({
    attributes: { tests: "1", failures: "1", skipped: "0", timestamp: "2026-01-01T00:00:10" },
    children: [
      {
        name: "testcase",
        attributes: { name: "https://a.test/gone", classname: "a.test.pages" },
        children: [
          {
            name: "failure",
            attributes: { message: "answered 404", type: "broken" },
            text: "answered 404\nstatus: 404\nfound on: https://a.test/",
          },
        ],
      },
    ],
  });
  expect(suite(root, "blocked")!.children[0]!.children[0]!.attributes["type"]).toBe("blocked");
  expect(suite(root, "unreachable")!.children[0]!.children[0]!.attributes["type"]).toBe("unreachable");
  expect(suite(root, "ok")).toMatchObject({
    attributes: { tests: "1", failures: "0", skipped: "0" },
    children: [{ attributes: { time: "0.25" }, children: [] }],
  });
  expect(suite(root, "disallowed")).toMatchObject({
    attributes: { tests: "1", failures: "0", skipped: "1" },
    children: [{ children: [{ name: "skipped", attributes: { message: "Disallow: /no" } }] }],
  });
});

test("a case keeps its name whatever becomes of its page", async () => {
  const nameIn = (root: Element, outcome: Outcome) => {
    const { name, classname } = suite(root, outcome)!.children[0]!.attributes;
    return { name, classname };
  };
  const well = nameIn(await junitOf([page()]), "ok");
  expect(nameIn(await junitOf([page({ outcome: "broken" })]), "broken")).toEqual(well);
  expect(nameIn(await junitOf([page({ outcome: "skipped" })]), "skipped")).toEqual(well);
});

test("pages that are well say what keeps them out of caches", async () => {
  const root = await junitOf([page({ cache: "uncacheable", reason: "Set-Cookie makes it personal" })]);
  expect(suite(root, "ok")!.children[0]!.children).toMatchObject([
    { name: "system-out", text: "uncacheable: Set-Cookie makes it personal" },
  ]);
});

test.each([
  [
    "failed",
    "robots.txt cannot be read",
    "expected the job to be completed, got failed: robots.txt cannot be read",
  ],
  ["cancelled", undefined, "expected the job to be completed, got cancelled"],
] as const)("a job that is %s is a failure, without any page", async (status, failure, message) => {
  const root = await junitOf([], { status, ...(failure === undefined ? {} : { failure }) });
  expect(root.children).toHaveLength(1);
  expect(suite(root, "job")).toMatchObject({ attributes: { tests: "1", failures: "1" } });
  expect(suite(root, "job")!.children[1]).toMatchObject({
    attributes: { name: "https://a.test/" },
    children: [{ name: "failure", attributes: { message } }],
  });
});

test("a job that was completed and checked no page is a failure", async () => {
  const root = await junitOf([page({ outcome: "disallowed" })]);
  expect(suite(root, "job")).toMatchObject({ attributes: { failures: "1" } });
  expect(suite(root, "job")!.children[1]!.children).toMatchObject([
    { attributes: { message: "expected some page to be checked, got none" } },
  ]);
});

test("a job that was completed passes", async () => {
  const root = await junitOf([page()]);
  expect(suite(root, "job")).toMatchObject({ attributes: { tests: "1", failures: "0" } });
  expect(suite(root, "job")!.children[1]!.children).toEqual([]);
});

test("what failed says whether it is new, what is fixed what it was", async () => {
  const was = { outcome: "broken", status: 404, reason: "answered 404", foundOn: null } as const;
  const earlier: Earlier = {
    job: "the-one-before",
    finishedAt: new Date(0),
    failed: new Map(
      ["still", "fixed"].map((path) => [`https://a.test/${path}`, { url: `https://a.test/${path}`, ...was }]),
    ),
    wereWell: new Set(["https://a.test/new"]),
  };
  const broken = { outcome: "broken", reason: "answered 500 at attempt 3" } as const;
  const root = await junitOf(
    [
      page({ url: "https://a.test/new", ...broken }),
      page({ url: "https://a.test/unknown", ...broken }),
      page({ url: "https://a.test/still", ...broken }),
      page({ url: "https://a.test/fixed" }),
      page({ url: "https://a.test/well" }),
    ],
    { earlier },
  );
  expect(suite(root, "broken")!.children.map(({ children }) => children[0]!.attributes["message"])).toEqual([
    "answered 500 at attempt 3 (new)",
    "answered 500 at attempt 3 (first seen)",
    "answered 500 at attempt 3 (still)",
  ]);
  expect(suite(root, "ok")!.children.map(({ children }) => children[0]?.text)).toEqual([
    "fixed; broken in job the-one-before: answered 404",
    undefined,
  ]);
});

test.each([
  ["markup", `<failure>&amp;]]>"'`],
  ["control characters", "\u0000\u0008\u000b\u001b[2J\u007f\u0085"],
  ["line breaks", "one\r\ntwo\ttabbed"],
  ["half of a surrogate pair", "\ud800 and \udc00"],
  ["what is no character", "\ufffe\uffff"],
  ["other scripts", "Zürich 東京 🐝"],
])("%s from the site leave it well-formed", async (_what, text) => {
  const url = `https://a.test/${text}`;
  const pages = (["broken", "ok", "disallowed"] as const).map((outcome) =>
    page({ url, outcome, reason: text, foundOn: url }),
  );
  const xml = await xmlOf(pages, { status: "failed", failure: text });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has none of these
  expect(xml).not.toMatch(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/);
  expect(xml.isWellFormed()).toBe(true);
  const names = parseXml(xml)
    .children.slice(1)
    .map((one) => one.children[0]!.attributes["name"]);
  expect(new Set(names).size).toBe(1);
  if (/^[^\p{C}]*$/u.test(text)) expect(names[0]).toBe(url);
});
