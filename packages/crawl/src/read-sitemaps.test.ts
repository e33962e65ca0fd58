import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { HeldMemory } from "@bee/testkit";
import { expect, test } from "@jest/globals";
import type { FetchError } from "./fetch-error.ts";
import type { Get } from "./http-answer.ts";
import { readSitemaps, type SitemapEntry, type SitemapRequest } from "./read-sitemaps.ts";
import { client, serve, serveRaw, type TestServer } from "./testing/servers.ts";

/** Files by path; a function makes its file when asked. */
type Files = Readonly<Record<string, string | Buffer | (() => string | Buffer)>>;

async function serveFiles(files: Files, headers: Record<string, string> = {}): Promise<TestServer> {
  return serve((request, response) => {
    const file = files[request.url ?? ""];
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, headers).end(typeof file === "function" ? file() : file);
  });
}

async function read(request: Partial<SitemapRequest> & Pick<SitemapRequest, "roots">) {
  const batches: SitemapEntry[][] = [];
  const warnings: string[] = [];
  const warn = ({ sitemap, message }: { sitemap: string; message: string }) => {
    warnings.push(`${new URL(sitemap).pathname}: ${message}`);
  };
  for await (const batch of readSitemaps({ get: client().get, warn, ...request })) batches.push(batch);
  return { batches, locs: batches.flat().map(({ loc }) => loc), warnings };
}

function urlset(...locs: string[]): string {
  return `<urlset>${locs.map((loc) => `<url><loc>${loc}</loc></url>`).join("")}</urlset>`;
}

function index(...locs: string[]): string {
  return `<sitemapindex>${locs.map((loc) => `<sitemap><loc>${loc}</loc></sitemap>`).join("")}</sitemapindex>`;
}

test("reads sitemaps and those that an index names, each once", async () => {
  const server = await serveFiles({
    "/index.xml": () => index("/a.xml", `${server.origin}/b.xml.gz`, "a.xml", "/index.xml"),
    "/a.xml": urlset("/1", "/2"),
    "/b.xml.gz": gzipSync(urlset("/3")),
  });

  const { batches, warnings } = await read({
    roots: [`${server.origin}/index.xml`, `${server.origin}/a.xml`],
  });

  expect(batches.flat()).toEqual([
    { loc: "/1", lastmod: null, sitemap: `${server.origin}/a.xml` },
    { loc: "/2", lastmod: null, sitemap: `${server.origin}/a.xml` },
    { loc: "/3", lastmod: null, sitemap: `${server.origin}/b.xml.gz` },
  ]);
  expect(warnings).toEqual([]);
  expect(server.requests).toEqual(["/index.xml", "/a.xml", "/b.xml.gz"]);
});

test("hands out batches of at most 1,000", async () => {
  const server = await serveFiles({ "/a.xml": urlset(...Array.from({ length: 2_500 }, (_, i) => `/${i}`)) });
  const { batches } = await read({ roots: [`${server.origin}/a.xml`] });
  expect(batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
});

test("a file that is packed twice, by itself and by Content-Encoding", async () => {
  const server = await serveFiles(
    { "/a.xml.gz": gzipSync(gzipSync(urlset("/1"))) },
    { "content-encoding": "gzip" },
  );
  expect((await read({ roots: [`${server.origin}/a.xml.gz`] })).locs).toEqual(["/1"]);
});

test("follows redirects, and says where they lead nowhere", async () => {
  const server = await serve((request, response) => {
    const to = { "/moved.xml": "/a.xml", "/circle.xml": "/circle.xml", "/odd.xml": "file:///etc/passwd" }[
      request.url!
    ];
    if (to === undefined) response.end(urlset("/1"));
    else response.writeHead(301, { location: to }).end();
  });

  const { locs, warnings } = await read({
    roots: ["moved", "circle", "odd"].map((name) => `${server.origin}/${name}.xml`),
  });

  expect(locs).toEqual(["/1"]);
  expect(warnings).toEqual([
    `/circle.xml: expected a sitemap, got a redirect that leads nowhere (redirect-loop at ${server.origin}/circle.xml)`,
    "/odd.xml: expected a sitemap, got a redirect that leads nowhere (bad-redirect at file:///etc/passwd)",
  ]);
});

test("one bad sitemap does not keep the others from being read", async () => {
  const server = await serveFiles({
    "/index.xml": index(
      "/missing.xml",
      "http://nowhere.invalid/x.xml",
      "javascript:alert(1)",
      "/page.html",
      "/empty.xml",
      "/a.xml",
    ),
    "/page.html": "<html>",
    "/empty.xml": "",
    "/a.xml": urlset("/1"),
  });

  const { locs, warnings } = await read({
    roots: [`${server.origin}/index.xml`],
    domain: "nowhere.invalid",
  });

  expect(locs).toEqual(["/1"]);
  expect(warnings).toEqual([
    '/index.xml: expected the URL of a sitemap, got "javascript:alert(1)"',
    "/missing.xml: expected a sitemap, got status 404",
    expect.stringMatching(
      /^\/x\.xml: expected an answer from nowhere\.invalid, got: the name does not exist/,
    ),
    "/page.html: expected <urlset> or <sitemapindex>, got <html>",
    "/empty.xml: expected a sitemap, got an empty file",
  ]);
});

test("a file that breaks off in the middle keeps what came, and says why it ended", async () => {
  const server = await serveRaw((socket) => {
    const part = urlset(...Array.from({ length: 3_000 }, (_, i) => `/${i}`)).slice(0, -5_000);
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${part}`, () => socket.resetAndDestroy());
  });
  const { locs, warnings } = await read({ roots: [`${server.origin}/a.xml`] });
  expect(locs.slice(0, 2)).toEqual(["/0", "/1"]);
  expect(warnings).toEqual([
    "/a.xml: expected a closed root element, got the end of the file: it may be cut off",
    expect.stringMatching(/^\/a\.xml: expected an answer .* got: a body of another length than announced/),
  ]);
});

test("indexes may nest three deep, circles and crowds end", async () => {
  const server = await serveFiles({
    "/0.xml": index("/1.xml", "/0.xml"),
    "/1.xml": index("/2.xml", "/0.xml"),
    "/2.xml": index("/3.xml"),
    "/3.xml": index("/4.xml", "/5.xml"),
    "/crowd.xml": index(...Array.from({ length: 50 }, (_, i) => `/crowd/${i}.xml`)),
  });

  const deep = await read({ roots: [`${server.origin}/0.xml`] });
  expect(deep.warnings).toEqual(["/3.xml: expected at most 3 levels of indexes, got one more: left out"]);
  expect(server.requests).toEqual(["/0.xml", "/1.xml", "/2.xml", "/3.xml"]);

  const crowd = await read({ roots: [`${server.origin}/crowd.xml`], limits: { files: 3 } });
  expect(crowd.warnings).toEqual([
    "/crowd.xml: expected at most 3 sitemaps, got more: the rest is left out",
    "/crowd/0.xml: expected a sitemap, got status 404",
    "/crowd/1.xml: expected a sitemap, got status 404",
  ]);
});

test("all files together have a limit of bytes", async () => {
  const server = await serveFiles({ "/a.xml": urlset("/1"), "/b.xml": urlset("/2"), "/c.xml": urlset("/3") });
  const roots = ["a", "b", "c"].map((name) => `${server.origin}/${name}.xml`);
  const { locs, warnings } = await read({ roots, limits: { bytes: 60 } });
  expect(locs).toEqual(["/1", "/2"]);
  expect(warnings).toEqual([
    "/b.xml: expected at most 19 bytes, got more: the rest is left out",
    "/c.xml: left out: sitemaps of 60 bytes have been read before",
  ]);
});

test("leaves out what robots.txt disallows", async () => {
  const server = await serveFiles({ "/a.xml": urlset("/1"), "/b.xml": urlset("/2") });
  const allowed = async ({ pathname }: URL) =>
    pathname === "/a.xml"
      ? { allowed: false, rule: null, reason: "robots.txt line 2: Disallow: /a" }
      : { allowed: true, rule: null, reason: null };
  const { locs, warnings } = await read({
    roots: [`${server.origin}/a.xml`, `${server.origin}/b.xml`],
    allowed,
  });
  expect([locs, warnings]).toEqual([["/2"], ["/a.xml: robots.txt line 2: Disallow: /a"]]);
});

test("an index sends nobody to strangers", async () => {
  const server = await serveFiles({
    "/index.xml": () =>
      index(
        `http://b.test:${server.port}/1.xml`,
        `http://c.test:${server.port}/2.xml`,
        "http://10.0.0.1/",
        "/a.xml",
      ),
    "/1.xml": urlset("/1"),
    "/2.xml": urlset("/2"),
    "/a.xml": urlset("/a"),
  });
  const roots = [`http://cdn.a.test:${server.port}/index.xml`];
  const { locs, warnings } = await read({ roots, domain: "b.test" });
  expect(locs).toEqual(["/1", "/a"]);
  expect(warnings).toEqual([
    `/index.xml: expected sitemaps of its own domain, got http://c.test:${server.port}/2.xml: those of others are left out`,
  ]);
});

test("a request is admitted until its file has been consumed, and a closed gate ends the reading", async () => {
  const server = await serveFiles({ "/a.xml": urlset(...Array.from({ length: 3_000 }, (_, i) => `/${i}`)) });
  const bee = client();
  let admitted = 0;
  const get: Get = async (url, options) => {
    if (url.pathname === "/b.xml") throw new Error("gate closed");
    admitted++;
    return bee.get(url, options).finally(() => admitted--);
  };
  const during: number[] = [];
  const reading = async () => {
    for await (const _ of readSitemaps({
      get,
      roots: [`${server.origin}/a.xml`, `${server.origin}/b.xml`],
    })) {
      during.push(admitted);
    }
  };
  await expect(reading()).rejects.toThrow("gate closed");
  expect(during).toEqual([1, 1, 1]);
  expect(admitted).toBe(0);
});

test("a consumer that has enough drops the connection, and no failure is reported", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n<urlset>");
    listForEver(socket);
  });
  const failures: unknown[] = [];
  const bee = client();
  const get: Get = (url, options) =>
    bee.get(url, options).catch((error) => {
      failures.push(error);
      throw error;
    });

  for await (const batch of readSitemaps({ get, roots: [`${server.origin}/a.xml`] })) {
    expect(batch).toHaveLength(1_000);
    break;
  }

  await server.disconnected();
  expect(failures).toEqual([]);
});

function listForEver(socket: Socket): void {
  while (!socket.destroyed && socket.write("<url><loc>/a</loc></url>".repeat(1_000)));
  if (!socket.destroyed) socket.once("drain", () => listForEver(socket));
}

test("a signal ends the reading as given up", async () => {
  const server = await serveRaw((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\n<urlset>"));
  const abort = new AbortController();
  const get: Get = (url, options) => {
    setImmediate(() => abort.abort("stopping"));
    return client().get(url, options);
  };
  const reading = read({ get, roots: [`${server.origin}/a.xml`], signal: abort.signal });
  await expect(reading).rejects.toMatchObject({
    name: "FetchError",
    kind: "aborted",
  } satisfies Partial<FetchError>);
});

test("half a million entries flow through in little memory", async () => {
  const file = gzipSync(
    urlset(
      ...Array.from({ length: 50_000 }, (_, i) => `https://a.example/a/rather/long/path/to/page-${i}.html`),
    ),
  );
  const files = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`/${i}.xml`, file]));
  const server = await serveFiles({ ...files, "/index.xml": index(...Object.keys(files)) });
  const held = new HeldMemory(25);
  let entries = 0;
  for await (const batch of readSitemaps({ get: client().get, roots: [`${server.origin}/index.xml`] })) {
    entries += batch.length;
    held.look();
  }
  expect(entries).toBe(500_000);
  expect(held.peak).toBeLessThan(10);
}, 30_000);
