import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import type { Admit } from "./polite-get.ts";
import { parseRobots } from "./robots.ts";
import { client, serve, serveRaw, type TestServer } from "./testing/servers.ts";
import { type VisitRequest, visitPage } from "./visit-page.ts";

const admitAll: Admit = (_, request) => request();
const allowAll = async () => ({ allowed: true, rule: null, reason: null });

/** Visits `path` of `a.test`, which is our server. */
function visit(server: TestServer, path = "/", request: Partial<VisitRequest> = {}) {
  return visitPage({
    client: client(),
    url: `http://www.a.test:${server.port}${path}`,
    admit: admitAll,
    allowed: allowAll,
    domain: "a.test",
    ...request,
  });
}

/** Redirects each path to its target, and answers others. */
function redirects(table: Readonly<Record<string, string>>): RequestListener {
  return (request, response) => {
    const location = table[request.url!];
    if (location === undefined) response.end("arrived");
    else response.writeHead(302, { location }).end();
  };
}

test("an answer is what the page's last hop gave", async () => {
  const server = await serve((_, response) => response.writeHead(200, { "x-cache": "HIT" }).end("hello"));
  expect(await visit(server)).toEqual({
    type: "answer",
    status: 200,
    headers: expect.objectContaining({ "x-cache": "HIT" }),
    ttfbMs: expect.any(Number),
    bytes: 5,
    truncated: false,
    redirects: [],
    links: [],
    bodyStart: null,
  });
});

test("follows redirects within the domain, each admitted and checked by itself", async () => {
  const server = await serve((request, response) => {
    const to = { "/1": `//shop.a.test:${server.port}/2`, "/2": "3", "/3": "/4?x#top" }[request.url!];
    if (to === undefined) response.end();
    else response.writeHead(308, { location: to }).end();
  });
  const steps: string[] = [];
  const page = await visit(server, "/1", {
    admit: (url, request) => {
      steps.push(`admit ${url.hostname}${url.pathname}`);
      return request();
    },
    allowed: async (url) => {
      steps.push(`check ${url.hostname}${url.pathname}`);
      return allowAll();
    },
  });

  const shop = `http://shop.a.test:${server.port}`;
  expect(page).toMatchObject({
    type: "answer",
    status: 200,
    redirects: [`${shop}/2`, `${shop}/3`, `${shop}/4?x`],
  });
  expect(steps).toEqual([
    ...["check www.a.test/1", "admit www.a.test/1", "check shop.a.test/2", "admit shop.a.test/2"],
    ...["check shop.a.test/3", "admit shop.a.test/3", "check shop.a.test/4", "admit shop.a.test/4"],
  ]);
});

test("a redirect to another domain is reported, not followed", async () => {
  const server = await serve(redirects({ "/": "http://b.test/x" }));
  expect(await visit(server)).toMatchObject({
    type: "off-domain",
    to: "http://b.test/x",
    status: 302,
    redirects: [],
  });
  expect(server.requests).toEqual(["/"]);
});

test("an answer that breaks off has told its status; a redirect's is not that of what it leads to", async () => {
  const server = await serve((request, response) => {
    if (request.url === "/gone") response.destroy();
    else if (request.url === "/to-gone") response.writeHead(302, { location: "/gone" }).end();
    else response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy());
  });
  expect(await visit(server, "/half")).toMatchObject({ type: "failure", status: 200 });
  expect(await visit(server, "/to-gone")).toMatchObject({ type: "failure", status: null });
});

test("circles, long ways and dead ends are values", async () => {
  const server = await serve(
    redirects({
      "/self": "/self",
      "/ping": "/pong",
      "/pong": "/ping",
      ...Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`/${i}`, `/${i + 1}`])),
      "/file": "file:///etc/passwd",
      "/script": "javascript:alert(1)",
      "/secret": "http://user:pw@a.test/",
      "/empty": "",
    }),
  );
  const at = `http://www.a.test:${server.port}`;

  expect(await visit(server, "/self")).toMatchObject({
    type: "redirect-loop",
    to: `${at}/self`,
    redirects: [],
  });
  expect(await visit(server, "/ping")).toMatchObject({
    type: "redirect-loop",
    to: `${at}/ping`,
    redirects: [`${at}/pong`],
  });
  const long = await visit(server, "/0");
  expect(long).toMatchObject({ type: "too-many-redirects", to: `${at}/6`, status: 302 });
  expect(long.redirects).toHaveLength(5);
  for (const path of ["/file", "/script", "/secret"])
    expect(await visit(server, path)).toMatchObject({ type: "bad-redirect" });
  expect(await visit(server, "/empty")).toMatchObject({ type: "answer", status: 302 });
  expect(await visit(server, "/9")).toMatchObject({ type: "answer", status: 200 });
});

test("five redirects are not too many", async () => {
  const server = await serve(redirects({ "/0": "/1", "/1": "/2", "/2": "/3", "/3": "/4", "/4": "/5" }));
  const page = await visit(server, "/0");
  expect([page.type, page.redirects.length]).toEqual(["answer", 5]);
});

test("a Location in UTF-8 is read as such", async () => {
  const server = await serveRaw((socket) =>
    socket.end("HTTP/1.1 302 Found\r\nLocation: http://b.test/ツ\r\nContent-Length: 0\r\n\r\n"),
  );
  expect(await visit(server)).toMatchObject({ type: "off-domain", to: "http://b.test/%E3%83%84" });
});

test("robots.txt is asked for every hop", async () => {
  const rules = parseRobots("User-agent: *\nDisallow: /admin", "Bee").rules;
  const allowed = async (url: URL) => rules.check(url.pathname + url.search);
  const server = await serve(redirects({ "/": "/admin/x" }));
  const reason = "robots.txt line 2: Disallow: /admin";
  const hop = `http://www.a.test:${server.port}/admin/x`;

  expect(await visit(server, "/admin", { allowed })).toEqual({
    type: "disallowed",
    hop: null,
    reason,
    redirects: [],
  });
  expect(await visit(server, "/", { allowed })).toEqual({
    type: "disallowed",
    hop,
    reason,
    redirects: [],
  });
  expect(server.requests).toEqual(["/"]);
});

test("a failure is a value, with the hops that led to it", async () => {
  const server = await serve((request, response) => {
    if (request.url === "/") response.writeHead(302, { location: "/down" }).end();
    else request.socket.resetAndDestroy();
  });
  const page = await visit(server);
  expect(page).toMatchObject({ type: "failure", redirects: [`http://www.a.test:${server.port}/down`] });
  expect(page.type === "failure" && page.error.kind).toBe("protocol");
});

test("a redirect to a private address is refused at the socket", async () => {
  const server = await serve(redirects({ "/": "http://10.0.0.1/" }));
  expect(await visit(server, "/", { domain: "10.0.0.1" })).toMatchObject({
    type: "failure",
    error: { kind: "address", message: expect.stringContaining("10.0.0.1") },
  });
});

test("what the gate says goes to the caller", async () => {
  const server = await serve(redirects({}));
  const admit: Admit = async () => {
    throw new Error("gate closed");
  };
  await expect(visit(server, "/", { admit })).rejects.toThrow("gate closed");
  expect(server.requests).toEqual([]);
});

test("links are found where they are asked for, while the whole body is drained", async () => {
  const html = `<a href="/a">a</a>${" ".repeat(3_000_000)}<a href="/beyond">`;
  const bodies: Readonly<Record<string, [type: string, status: number]>> = {
    "/page": ["text/html", 200],
    "/image": ["image/png", 200],
    "/missing": ["text/html", 404],
  };
  const server = await serve((request, response) => {
    const [type, status] = bodies[request.url!]!;
    response.writeHead(status, { "content-type": type, "content-encoding": "gzip" }).end(gzipSync(html));
  });
  const links = async (path: string, wantLinks: boolean) => {
    const page = await visit(server, path, { wantLinks });
    return page.type === "answer" && [page.links, page.bytes, page.truncated];
  };

  const bytes = gzipSync(html).length;
  expect(await links("/page", true)).toEqual([[`http://www.a.test:${server.port}/a`], bytes, false]);
  expect(await links("/page", false)).toEqual([[], bytes, false]);
  expect(await links("/image", true)).toEqual([[], bytes, false]);
  expect(await links("/missing", true)).toEqual([[], bytes, false]);
});

test.each([
  ["gzip", Buffer.from("not gzip")],
  ["gzip, gzip", gzipSync(gzipSync("x"))],
  ["zstd", Buffer.from("x")],
])("a body that cannot be decoded (%s) costs the links, not the page", async (coding, body) => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-type": "text/html", "content-encoding": coding }).end(body);
  });
  expect(await visit(server, "/", { wantLinks: true })).toMatchObject({
    type: "answer",
    status: 200,
    links: [],
    bytes: body.length,
  });
});

test("keeps the start of what may be a wall", async () => {
  const wall = `Just a moment...${"x".repeat(100_000)}`;
  const server = await serve((request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { "content-encoding": "gzip" }).end(gzipSync(wall));
  });
  const start = async (status: number) => {
    const page = await visit(server, `/${status}`);
    return page.type === "answer" && page.bodyStart;
  };
  for (const status of [202, 403, 429, 503]) expect(await start(status)).toBe(wall.slice(0, 4_096));
  for (const status of [200, 404, 500]) expect(await start(status)).toBeNull();
});

test("of a page too small to be one the start is kept as well, with or without its links", async () => {
  const small = '<a href="/next">next</a>';
  const server = await serve((request, response) => {
    const body = request.url === "/large" ? small + " ".repeat(2_000) : small;
    response.writeHead(200, { "content-type": "text/html", "content-length": body.length }).end(body);
  });
  const next = [`http://www.a.test:${server.port}/next`];
  expect(await visit(server, "/")).toMatchObject({ bodyStart: small, links: [] });
  expect(await visit(server, "/", { wantLinks: true })).toMatchObject({ bodyStart: small, links: next });
  expect(await visit(server, "/large", { wantLinks: true })).toMatchObject({ bodyStart: null, links: next });
});

test("a signal ends the visit as a failure that is no fault of the page", async () => {
  const abort = new AbortController();
  const server = await serve(() => abort.abort("stopping"));
  expect(await visit(server, "/", { signal: abort.signal })).toMatchObject({
    type: "failure",
    error: { kind: "aborted" },
  });
  await server.disconnected();
});
