import { Readable } from "node:stream";
import type { Page } from "@bee/store";
import { expect, test } from "@jest/globals";
import { parse } from "csv-parse/sync";
import { page } from "../testing/page.ts";
import { toCsv } from "./csv.ts";

async function csvOf(...pages: Page[]): Promise<string> {
  async function* each() {
    yield* pages;
  }
  return (await Readable.from(toCsv(each())).toArray()).join("");
}

const HEADER =
  "url,outcome,cache,status,attempts,reason,edge,ttfbMs,provedTtfbMs,bytes,redirects,foundOn,finishedAt";

test("a job without pages has a header row", async () => {
  expect(await csvOf()).toBe(`${HEADER}\r\n`);
});

test("a row holds what the page holds; what is not known is empty", async () => {
  const full = page({
    url: "https://a.test/x",
    redirects: ["https://a.test/y", "https://a.test/z"],
    edge: "syd",
    provedTtfbMs: 20,
    foundOn: "https://a.test/sitemap.xml",
  });
  const open = page({
    outcome: null,
    cache: null,
    status: null,
    ttfbMs: null,
    bytes: null,
    finishedAt: null,
  });
  expect((await csvOf(full, open)).split("\r\n")).toEqual([
    HEADER,
    "https://a.test/x,ok,warmed,200,1,,syd,300,20,1000,https://a.test/y https://a.test/z,https://a.test/sitemap.xml,2026-01-02T03:04:05.000Z",
    "https://a.test/,,,,1,,,,,,,,",
    "",
  ]);
});

test.each([
  ["a comma", "a,b", '"a,b"'],
  ["a quote", 'say "x"', '"say ""x"""'],
  ["a line break", "a\r\nb", '"a\r\nb"'],
  ["a formula", "=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["a formula with a comma", "+SUM(1,2)", `"'+SUM(1,2)"`],
  ["a minus", "-1+1", "'-1+1"],
  ["an at sign", "@cmd", "'@cmd"],
  ["a tab before a formula", "\t=1", "'\t=1"],
])("%s in a cell does no harm", async (_name, reason, cell) => {
  const row = (await csvOf(page({ reason }))).slice(HEADER.length + 2);
  expect(row).toContain(`,1,${cell},`);
});

test("a reader of CSV gets back what was written, whatever it is", async () => {
  const hostile = ['a "b", c', "line\r\nbreak", "tab\tin it", "Zürich — 東京", "'", '"', ","];
  const rows = parse(await csvOf(...hostile.map((reason) => page({ reason }))), { columns: true });
  expect((rows as { reason: string }[]).map(({ reason }) => reason)).toEqual(hostile);
});
