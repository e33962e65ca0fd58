import { once } from "node:events";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { gzipFile, html, redirect, robotsTxt, sitemapIndexOf, sitemapOf, text } from "./answers.ts";
import { ask, type Reply } from "./ask.ts";
import type { Page } from "./site.ts";
import { startWeb, type Web } from "./web.ts";

const bees: Record<string, Page> = {
  "/": html("Bees", ["/hive", "/search?q=a&b"]),
  "/robots.txt": robotsTxt("User-agent: *", "Disallow: /private"),
  "/sitemap.xml": sitemapOf(["http://bees.test/?a=1&b=2"]),
  "/index.xml": sitemapIndexOf(["http://bees.test/sitemap.xml"]),
  "/sitemap.xml.gz": gzipFile(sitemapOf(["http://bees.test/"])),
  "/moved": redirect("/hive", 308),
  "/page": text("any"),
  "/page?n=1": text("one"),
  "/echo": (request) => ({ status: 201, headers: { "x-method": request.method ?? "" }, body: "made" }),
  "/later": async () => ({ body: "later", delayMs: 5 }),
  "/never": { body: "never", delayMs: 60_000 },
  "/faulty": () => {
    throw new Error("oops");
  },
  "/broken-off": (_request, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("only this", () => response.destroy());
    return undefined;
  },
};

let web: Web;
beforeEach(async () => {
  web = await startWeb({
    hosts: { "bees.test": { pages: bees }, "ants.test": { pages: {}, otherwise: text("ant") } },
  });
});
afterEach(() => web.stop());

function get(path: string, host = "bees.test"): Promise<Reply> {
  return ask(web.url(host, path));
}

async function said(path: string, host?: string): Promise<[number, string]> {
  const { status, body } = await get(path, host);
  return [status, body.toString()];
}

test("hosts on one port are told apart by name, in any case", async () => {
  expect(await said("/page")).toEqual([200, "any"]);
  const loud = await ask(web.url("bees.test"), { headers: { host: `ANTS.test:${web.port}` } });
  expect(loud.body.toString()).toBe("ant");
  expect(web.url("bees.test")).toBe(`http://bees.test:${web.port}/`);
});

test("an unknown host is told which there are", async () => {
  expect(await said("/", "wasps.test")).toEqual([
    421,
    'expected a host of bees.test, ants.test, got "wasps.test"\n',
  ]);
  expect(() => web.logOf("wasps.test")).toThrow(/expected a host of bees.test, ants.test/);
});

test("a path is found with its query, else without it, else not at all", async () => {
  expect(await said("/page?n=1")).toEqual([200, "one"]);
  expect(await said("/page?n=2")).toEqual([200, "any"]);
  expect(await said("/nowhere")).toEqual([404, "no such page\n"]);
});

test("a page may be code, may take its time, and may change while the web runs", async () => {
  const echo = await ask(web.url("bees.test", "/echo"), { method: "PUT" });
  expect([echo.status, echo.headers["x-method"], echo.body.toString()]).toEqual([201, "PUT", "made"]);
  expect(await said("/later")).toEqual([200, "later"]);
  bees["/changing"] = text("before");
  expect(await said("/changing")).toEqual([200, "before"]);
  bees["/changing"] = text("after");
  expect(await said("/changing")).toEqual([200, "after"]);
});

test("a page may take the response over", async () => {
  await expect(get("/broken-off")).rejects.toThrow("aborted");
});

test("a page whose code throws says so", async () => {
  expect(await said("/faulty")).toEqual([500, "the page's code threw: Error: oops\n"]);
});

test("the ready-made answers are what crawlers expect", async () => {
  expect((await get("/")).body.toString()).toContain('<a href="/search?q=a&amp;b">');
  expect(await said("/robots.txt")).toEqual([200, "User-agent: *\nDisallow: /private\n"]);
  expect((await get("/sitemap.xml")).body.toString()).toContain(
    "<url><loc>http://bees.test/?a=1&amp;b=2</loc></url>",
  );
  expect((await get("/index.xml")).body.toString()).toContain(
    "<sitemap><loc>http://bees.test/sitemap.xml</loc></sitemap>",
  );
  const zipped = await get("/sitemap.xml.gz");
  expect([zipped.headers["content-type"], zipped.headers["content-encoding"]]).toEqual([
    "application/gzip",
    undefined,
  ]);
  expect(gunzipSync(zipped.body).toString()).toContain("<loc>http://bees.test/</loc>");
  const moved = await get("/moved");
  expect([moved.status, moved.headers.location]).toEqual([308, "/hive"]);
});

test("answers have a length, and none a body for HEAD", async () => {
  const head = await ask(web.url("bees.test", "/page"), { method: "HEAD" });
  expect([head.status, head.body.length]).toEqual([200, 0]);
  expect((await get("/page")).headers["content-length"]).toBe("3");
});

test("requests are logged by host and together", async () => {
  await get("/page");
  await get("/x", "ants.test");
  await get("/y", "wasps.test");
  await web.log.idle();
  expect(web.log.entries.map(({ host, path, status }) => `${host}${path} ${status}`)).toEqual([
    "bees.test/page 200",
    "ants.test/x 200",
    "wasps.test/y 421",
  ]);
  expect(web.logOf("ants.test").entries.map((entry) => entry.path)).toEqual(["/x"]);
});

test("stopping waits neither for slow answers nor for idle connections", async () => {
  const idle = connect(web.port, "127.0.0.1");
  await once(idle, "connect");
  const idleClosed = once(idle, "close");
  const slow = get("/never").catch((error: NodeJS.ErrnoException) => error.code);
  while (web.log.entries.length === 0) await new Promise(setImmediate);
  await web.stop();
  expect(web.log.entries[0]).toMatchObject({ path: "/never", status: null, endedAt: expect.any(Number) });
  expect(await slow).toBe("ECONNRESET");
  await idleClosed;
});
