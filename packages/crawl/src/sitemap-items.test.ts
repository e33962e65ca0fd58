import { gzipSync } from "node:zlib";
import { HeldMemory } from "@bee/testkit";
import { expect, test } from "@jest/globals";
import { type ItemOptions, sitemapItems } from "./sitemap-items.ts";

const MIB = 1024 * 1024;

async function* pieces(body: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

/** All items of a file, cut into pieces of `size` bytes, and what was wrong with it. */
async function read(
  file: string | Buffer,
  { size = 65_536, ...limits }: Partial<ItemOptions> & { size?: number } = {},
) {
  const warnings: string[] = [];
  const items = [];
  const options = {
    maxEntries: 50_000,
    maxBytes: 50 * MIB,
    warn: (message: string) => warnings.push(message),
    ...limits,
  };
  for await (const portion of sitemapItems(pieces(Buffer.from(file), size), options)) items.push(...portion);
  return { items, locs: items.map(({ loc }) => loc), warnings };
}

function urlset(...entries: string[]): string {
  return `<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries.join("\n")}</urlset>`;
}

test("reads pages and their dates", async () => {
  const { items, warnings } = await read(
    urlset(
      "<url><loc> https://a.example/1 </loc><lastmod>2026-01-02T03:04:05+01:00</lastmod><priority>0.5</priority></url>",
      "<url><lastmod>yesterday</lastmod><loc>https://a.example/2?a=1&amp;b=2</loc></url>",
    ),
  );
  expect(items).toEqual([
    { kind: "page", loc: "https://a.example/1", lastmod: "2026-01-02T03:04:05+01:00" },
    { kind: "page", loc: "https://a.example/2?a=1&b=2", lastmod: null },
  ]);
  expect(warnings).toEqual([]);
});

test("reads the sitemaps of an index", async () => {
  const file =
    "<sitemapindex><sitemap><loc>/a.xml</loc><lastmod>2026-01-02</lastmod></sitemap></sitemapindex>";
  expect((await read(file)).items).toEqual([{ kind: "sitemap", loc: "/a.xml", lastmod: "2026-01-02" }]);
});

test.each([
  ["prefixed names", '<s:urlset xmlns:s="x"><s:url><s:loc>/a</s:loc></s:url></s:urlset>'],
  ["upper-case names", "<URLSET><URL><LOC>/a</LOC></URL></URLSET>"],
  ["CDATA", urlset("<url><loc><![CDATA[/a]]></loc></url>")],
  ["a comment before the root", `<!-- made by hand -->${urlset("<url><loc>/a</loc></url>")}`],
  ["space before the root", `\n\n  ${urlset("<url><loc>/a</loc></url>")}`],
  ["a byte order mark", `\uFEFF${urlset("<url><loc>/a</loc></url>")}`],
  ["UTF-16", Buffer.from(`\uFEFF${urlset("<url><loc>/a</loc></url>")}`, "utf16le")],
  ["what follows the root", `${urlset("<url><loc>/a</loc></url>")}<p>debug output < more</q>`],
  [
    "images, videos and alternates",
    urlset(
      '<url><loc>/a</loc><image:image><image:loc>/i.png</image:loc></image:image><xhtml:link rel="alternate" href="/de"/></url>',
    ),
  ],
  [
    "RSS",
    "<rss><channel><link>/home</link><item><link>/a</link><pubDate>Mon, 05 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>",
  ],
  [
    "Atom",
    '<feed xmlns="x"><link href="/home"/><entry><link href="/a"/><link rel="edit" href="/b"/></entry></feed>',
  ],
  [
    "Atom with more than one link",
    '<feed><entry><link rel="self" href="/b"/><link rel="alternate" href="/a"/></entry></feed>',
  ],
  ["UTF-16 without a mark", Buffer.from(urlset("<url><loc>/a</loc></url>"), "utf16le")],
  ["UTF-16, big end first", Buffer.from(urlset("<url><loc>/a</loc></url>"), "utf16le").swap16()],
  ["a comment in an address", urlset("<url><loc>/<!-- x -->a</loc></url>")],
  ["lines around an address", urlset("<url><loc>\n\t/a\r\n</loc></url>")],
  ["gzip", gzipSync(urlset("<url><loc>/a</loc></url>"))],
  ["gzip in gzip", gzipSync(gzipSync(urlset("<url><loc>/a</loc></url>")))],
  [
    "gzip in members",
    Buffer.concat(["<urlset>", "<url><loc>/a</loc></url></urlset>"].map((it) => gzipSync(it))),
  ],
])("takes %s in its stride", async (_, file) => {
  const { locs, warnings } = await read(file);
  expect([locs, warnings]).toEqual([["/a"], []]);
});

test("it does not matter how a file is cut into pieces", async () => {
  const file = urlset(
    "<url><loc>https://ä.example/ツ?a&b</loc></url>",
    "<url><loc><![CDATA[/x&y]]></loc></url>",
  );
  for (const size of [1, 2, 3, 7, 64]) {
    expect((await read(file, { size })).locs).toEqual(["https://ä.example/ツ?a&b", "/x&y"]);
    expect((await read(gzipSync(file), { size })).locs).toHaveLength(2);
  }
});

test.each([
  ["ISO-8859-1", Buffer.from("/\xe9", "latin1"), "/é"],
  ["windows-1251", Buffer.from([0x2f, 0xcf]), "/П"],
  ["utf-16", Buffer.from("/é"), "/é"],
  ["x-made-up", Buffer.from("/é"), "/é"],
])("reads the encoding that it names, %s, where that can be", async (encoding, path, loc) => {
  const [head, tail] = [
    `<?xml version="1.0" encoding="${encoding}"?><urlset><url><loc>`,
    "</loc></url></urlset>",
  ];
  expect((await read(Buffer.concat([Buffer.from(head), path, Buffer.from(tail)]))).locs).toEqual([loc]);
});

test("passes over raw ampersands and says how many there were", async () => {
  const { locs, warnings } = await read(
    urlset("<url><loc>/?a=1&b=2</loc></url>", "<url><loc>/?q=R&D</loc></url>"),
  );
  expect(locs).toEqual(["/?a=1&b=2", "/?q=R&D"]);
  expect(warnings).toEqual(['expected "&amp;", got a raw "&" in 2 places']);
});

test.each([
  ["an external one", '<!ENTITY ent SYSTEM "file:///etc/passwd">'],
  ["one of its own", '<!ENTITY ent "https://a.example">'],
  ["one that nobody declared", "<!ELEMENT ent ANY>"],
])("expands no entity, %s, and leaves out what is named by one", async (_, declaration) => {
  const file = `<!DOCTYPE urlset [${declaration}]><urlset><url><loc>/&ent;</loc></url><url><loc>/b</loc></url></urlset>`;
  expect(await read(file)).toMatchObject({
    locs: ["/b"],
    warnings: ["expected plain addresses, got 1 with entities: they are not expanded, and left out"],
  });
});

test("of two addresses in an entry the first one counts", async () => {
  expect((await read(urlset("<url><loc>/a</loc><loc>/b</loc></url>"))).locs).toEqual(["/a"]);
});

test("passes over mistakes in the XML", async () => {
  const { locs, warnings } = await read(
    urlset("<url><loc>/a</loc><x></y></url>", "<url><loc>/b</loc></url>"),
  );
  expect(locs).toContain("/a");
  expect(warnings[0]).toMatch(/^expected well-formed XML, got \d+ mistakes$/);
});

test("counts entries without an address and leaves them out", async () => {
  const { locs, warnings } = await read(
    urlset(
      "<url/>",
      "<url><loc/></url>",
      `<url><loc>/${"x".repeat(5_000)}</loc></url>`,
      "<url><loc>/a</loc></url>",
    ),
  );
  expect(locs).toEqual(["/a"]);
  expect(warnings).toEqual(["expected an address in each entry, got 3 without"]);
});

test("a file that is cut off keeps what came before", async () => {
  const whole = urlset(...Array.from({ length: 2_000 }, (_, i) => `<url><loc>/${i}</loc></url>`));
  for (const file of [whole.slice(0, whole.length / 2), gzipSync(whole).subarray(0, -500)]) {
    const { locs, warnings } = await read(file);
    expect(locs.slice(0, 2)).toEqual(["/0", "/1"]);
    expect(warnings).toEqual(["expected a closed root element, got the end of the file: it may be cut off"]);
  }
});

test("text with one URL a line", async () => {
  const { locs, warnings } = await read(
    "https://a.example/1\r\n\r\n http://a.example/2 \nnot a url\nhttps://a.example/3",
  );
  expect(locs).toEqual(["https://a.example/1", "http://a.example/2", "https://a.example/3"]);
  expect(warnings).toEqual(["expected one URL a line, got 1 other lines"]);
});

test.each([
  ["nothing", "", "expected a sitemap, got an empty file"],
  ["no entries", urlset(), "expected entries, got none"],
  ["blank space", " \n\n ", "expected a sitemap, got an empty file"],
  ["a page", "<!doctype html><html><body>404", "expected <urlset> or <sitemapindex>, got <html>"],
  ["binary", Buffer.alloc(200_000, "\x00\n"), "expected XML or one URL a line, got"],
  ["gzip in gzip in gzip", gzipSync(gzipSync(gzipSync("x"))), /./],
  ["broken gzip", Buffer.concat([gzipSync("x").subarray(0, 12), Buffer.alloc(50, "y")]), /./],
  ["no tag ends", `<urlset${" a".repeat(10)}`, "expected a closed root element"],
])("%s lists nothing and says why", async (_, file, warning) => {
  const { items, warnings } = await read(file);
  expect(items).toEqual([]);
  expect(warnings.join("\n")).toMatch(warning);
});

test("takes 50,000 entries and says that there are more", async () => {
  const file = urlset(
    ..."x"
      .repeat(60_000)
      .split("")
      .map((_, i) => `<url><loc>/${i}</loc></url>`),
  );
  const { locs, warnings } = await read(file);
  expect([locs.length, locs.at(-1)]).toEqual([50_000, "/49999"]);
  expect(warnings).toEqual(["expected at most 50000 entries, got more: the rest is left out"]);
  expect((await read(urlset("<url><loc>/a</loc></url>"), { maxEntries: 1 })).warnings).toEqual([]);
});

/** Files that try to cost more than they are; each must end soon, in little memory, with a warning. */
test.each([
  ["a bomb of 1 GiB", gzipSync(Buffer.alloc(MIB, " ")), 1_000, /at most \d+ bytes/],
  [
    "a bomb of entries",
    gzipSync(urlset("<url><loc>/a</loc></url>".repeat(500_000))),
    1,
    /at most 50000 entries/,
  ],
  [
    "a text node of 40 MB",
    gzipSync(urlset(`<url><loc>${"x".repeat(40 * MIB)}</loc></url>`)),
    1,
    /got 1 without/,
  ],
  [
    "an attribute of 40 MB",
    gzipSync(`<urlset a="${"x".repeat(40 * MIB)}`),
    1,
    /Max buffer length exceeded: attribValue/,
  ],
  [
    "a doctype of 40 MB",
    gzipSync(`<!DOCTYPE x [${"<!ENTITY a 'b'>".repeat(2.7 * MIB)}`),
    1,
    /Max buffer length|mistakes/,
  ],
  ["a name of 40 MB", gzipSync(`<${"x".repeat(40 * MIB)}`), 1, /Max buffer length exceeded: tagName/],
  [
    "a million attributes",
    gzipSync(`<urlset ${Array.from({ length: MIB }, (_, i) => `a${i}=""`).join(" ")}`),
    1,
    /at most 100 attributes/,
  ],
  ["a depth of 100,000", `<urlset>${"<x>".repeat(100_000)}`, 1, /at most 32 nested elements/],
  ["nothing but <", `<urlset>${"<".repeat(MIB)}`, 1, /more than 100 mistakes/],
  ["nothing but &", `<urlset>${"&".repeat(MIB)}`, 1, /raw "&" in 1048576 places/],
  ["a line of 40 MB", gzipSync("x".repeat(40 * MIB)), 1, /got 1 other lines/],
  ["many nonsense lines", "x\n".repeat(MIB), 1, /expected XML or one URL a line, got "x"/],
  [
    "a billion laughs",
    `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]><urlset><url><loc>/&lol2;</loc></url></urlset>`,
    1,
    /got 1 with entities/,
  ],
])("%s ends soon with a warning", async (_, file, times, warning) => {
  const warnings: string[] = [];
  async function* body() {
    for (let i = 0; i < times; i++) yield* pieces(Buffer.from(file), 65_536);
  }
  const held = new HeldMemory(100);
  let count = 0;
  const options = {
    maxEntries: 50_000,
    maxBytes: 50 * MIB,
    warn: (message: string) => warnings.push(message),
  };
  for await (const portion of sitemapItems(body(), options)) {
    count += portion.length;
    held.look();
  }
  expect(warnings.join("\n")).toMatch(warning);
  expect(count).toBeLessThanOrEqual(50_000);
  expect(held.peak).toBeLessThan(10);
});
