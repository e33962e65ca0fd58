import { expect, test } from "@jest/globals";
import { LinkFinder, mayHaveLinks } from "./links.ts";

async function linksOf(
  html: string | Buffer,
  { type = "text/html", pieceOf = 1e9 } = {},
): Promise<readonly string[]> {
  const finder = new LinkFinder("https://a.example/dir/page");
  async function* body() {
    const bytes = Buffer.from(html);
    for (let at = 0; at < bytes.length; at += pieceOf) yield bytes.subarray(at, at + pieceOf);
  }
  await finder.reader({ "content-type": type })(body());
  return finder.links;
}

test("finds links, canonical and each once, in the order of the page", async () => {
  const html = `<a href="/b#top">b</a> <A HREF=' ../c?x=1&amp;y=2 '>c</A> <a href=d>d</a> <a href="/b">again</a>
    <a href="https://B.example:443/%7Ee">e</a> <a name=x>no</a> <link href="/style.css"> <!-- <a href="/hidden"> -->`;
  expect(await linksOf(html)).toEqual([
    "https://a.example/b",
    "https://a.example/c?x=1&y=2",
    "https://a.example/dir/d",
    "https://b.example/~e",
  ]);
});

test.each([
  "javascript:alert(1)",
  "mailto:a@b.c",
  "data:text/html,x",
  "ftp://a.example/",
  "http://user:pw@a.example/",
  "http://[",
  `/${"x".repeat(3_000)}`,
])("leaves %s alone", async (href) => {
  expect(await linksOf(`<a href="${href}">x</a>`)).toEqual([]);
});

test("a link may ask not to be followed", async () => {
  expect(
    await linksOf('<a rel="noopener NOFOLLOW" href="/a"></a><a rel="nofollowing" href="/b"></a>'),
  ).toEqual(["https://a.example/b"]);
});

test.each(["nofollow", "noindex, NOFOLLOW", "none"])(
  "a page may ask so for all of them: %s",
  async (content) => {
    expect(
      await linksOf(`<a href="/a">a</a><meta name="Robots" content="${content}"><a href="/b">b</a>`),
    ).toEqual([]);
  },
);

test("other wishes of a page are about indexing", async () => {
  expect(
    await linksOf(
      '<meta name="robots" content="noindex"><meta name="googlebot" content="nofollow"><a href="/a">',
    ),
  ).toHaveLength(1);
});

test("the first base counts, if it is a web address", async () => {
  expect(await linksOf('<base href="/x/"><base href="/y/"><a href="a">')).toEqual(["https://a.example/x/a"]);
  expect(await linksOf('<base target="_blank"><base href="/y/"><a href="a">')).toEqual([
    "https://a.example/y/a",
  ]);
  expect(await linksOf('<base href="javascript:x"><a href="a">')).toEqual(["https://a.example/dir/a"]);
});

test("scripts and styles hold no links", async () => {
  expect(
    await linksOf(
      `<script>document.write('<a href="/x">')</script><style><a href="/y"></style><textarea><a href="/z"></textarea>`,
    ),
  ).toEqual([]);
});

test("it does not matter how a page is cut into pieces, or how it is encoded", async () => {
  expect(await linksOf('<a href="/ツ?é">', { pieceOf: 1 })).toEqual(["https://a.example/%E3%83%84?%C3%A9"]);
  expect(
    await linksOf(Buffer.from('<a href="/é">', "latin1"), { type: 'text/html; charset="ISO-8859-1"' }),
  ).toEqual(["https://a.example/%C3%A9"]);
  expect(await linksOf('<a href="/é">', { type: "text/html; charset=x-made-up" })).toEqual([
    "https://a.example/%C3%A9",
  ]);
});

test.each([
  ["endless attribute", `<a href="${"x".repeat(8e6)}`],
  ["many links", Array.from({ length: 300_000 }, (_, i) => `<a href="/${i}">`).join("")],
  ["deep nesting", "<div>".repeat(1_000_000)],
  ["nothing but <", "<".repeat(8e6)],
  ["nothing but &", `<a href="${"&".repeat(8e6)}`],
])("a page of %s costs bounded time", async (_, html) => {
  const start = performance.now();
  expect((await linksOf(html, { pieceOf: 65_536 })).length).toBeLessThanOrEqual(5_000);
  expect(performance.now() - start).toBeLessThan(3_000);
});

test.each([
  ["text/html; charset=utf-8", undefined, true],
  ["application/xhtml+xml", "noindex", true],
  ["text/htmlx", undefined, false],
  ["image/png", undefined, false],
  ["text/html", "noindex, nofollow", false],
  ["text/html", "none", false],
  ["text/html", "otherbot: nofollow", true],
])("%s with X-Robots-Tag %s may have links: %p", (type, tag, expected) => {
  expect(mayHaveLinks({ "content-type": type, "x-robots-tag": tag })).toBe(expected);
});
