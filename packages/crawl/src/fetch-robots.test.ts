import { expect, test } from "@jest/globals";
import { fetchRobots, type RobotsRecord, readRecord } from "./fetch-robots.ts";
import type { Get } from "./http-answer.ts";
import { MAX_ROBOTS_BYTES } from "./robots.ts";
import { client, serve, serveRaw } from "./testing/servers.ts";

const NOW = 1_700_000_000_000;

function fetched(origin: string, get: Get = client().get): Promise<RobotsRecord> {
  return fetchRobots(get, origin, () => NOW);
}

/** Whether the record lets anybody fetch a page. */
async function allows(record: RobotsRecord, path = "/page"): Promise<boolean> {
  return (await readRecord(record, "Bee")).rules.check(path).allowed;
}

test("a file that is found is kept with its rules", async () => {
  const file =
    "User-agent: *\nDisallow: /admin\nCrawl-delay: 2\nSitemap: /sitemap.xml\nSitemap: https://b.example/s.xml\nSitemap: ftp://x/";
  const server = await serve((_, response) => response.end(file));

  const record = await fetched(`${server.origin}/some/page`);

  expect(record).toEqual({
    origin: server.origin,
    status: "found",
    httpStatus: 200,
    body: file,
    fetchedAt: NOW,
    maxAgeSeconds: 3_600,
    reason: null,
  });
  expect(server.requests).toEqual(["/robots.txt"]);
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect([await allows(record), await allows(record, "/admin")]).toEqual([true, false]);
  const { rules, sitemaps } = await readRecord(record, "Bee");
  expect(rules.crawlDelay).toBe(2);
  expect(sitemaps).toEqual([`${server.origin}/sitemap.xml`, "https://b.example/s.xml"]);
});

test.each([
  ["max-age=7200", 7_200],
  ["public, max-age=99999999", 86_400],
  ["no-cache, max-age=0", 300],
  ["max-age=soon", 3_600],
])("Cache-Control: %s is kept for %i s", async (cacheControl, seconds) => {
  const server = await serve((_, response) => response.setHeader("cache-control", cacheControl).end());
  expect((await fetched(server.origin)).maxAgeSeconds).toBe(seconds);
});

/** RFC 9309 sections 2.3.1.1, 2.3.1.3 and 2.3.1.4. */
test.each([
  [204, "found", true],
  [304, "absent", true],
  [400, "absent", true],
  [401, "absent", true],
  [403, "absent", true],
  [404, "absent", true],
  [410, "absent", true],
  [429, "unreachable", false],
  [500, "unreachable", false],
  [503, "unreachable", false],
])("status %i makes it %s", async (status, expected, allowed) => {
  const server = await serve((_, response) => response.writeHead(status).end());
  const record = await fetched(server.origin);
  expect(record).toMatchObject({ status: expected, httpStatus: status, body: "" });
  expect(await allows(record)).toBe(allowed);
  expect(record.reason).toEqual(expected === "found" ? null : `robots.txt answered ${status}`);
});

test("what cannot be reached forbids everything, says why, and is asked for again soon", async () => {
  const record = await fetched("http://127.0.0.1:1");
  expect(record).toMatchObject({ status: "unreachable", httpStatus: null, maxAgeSeconds: 60 });
  expect((await readRecord(record, "Bee")).rules.check("/")).toEqual({
    allowed: false,
    rule: null,
    reason: expect.stringMatching(
      /^robots\.txt cannot be read, so nothing may be fetched: expected an answer from 127/,
    ),
  });
});

test("a redirect to an address that may not be reached is a failure to reach it", async () => {
  const server = await serve((_, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
  );
  const record = await fetched(server.origin);
  expect([record.status, record.reason]).toEqual(["unreachable", expect.stringContaining("169.254.169.254")]);
});

test("2.3.1.2: follows five redirects, also to other hosts; the rules are for the first", async () => {
  const server = await serve((request, response) => {
    const hop = Number(/\d+/.exec(request.url!)?.[0] ?? 0);
    if (hop === 5) response.end("User-agent: *\nDisallow: /page");
    else response.writeHead(301, { location: `http://h${hop + 1}.test:${server.port}/${hop + 1}` }).end();
  });

  const record = await fetched(server.origin);

  expect(record).toMatchObject({ origin: server.origin, status: "found" });
  expect(await allows(record)).toBe(false);
  expect(server.requests).toEqual(["/robots.txt", "/1", "/2", "/3", "/4", "/5"]);
});

test.each([
  ["six redirects", (hop: number) => `/${hop + 1}`, "too-many-redirects"],
  ["a circle", () => "/robots.txt", "redirect-loop"],
  ["a redirect to a file", () => "file:///etc/passwd", "bad-redirect"],
])("%s count as no robots.txt", async (_, to, type) => {
  const server = await serve((request, response) => {
    const hop = Number(/\d+/.exec(request.url!)?.[0] ?? 0);
    response.writeHead(302, { location: to(hop) }).end();
  });
  const record = await fetched(server.origin);
  expect(record).toMatchObject({ status: "absent", httpStatus: 302, reason: expect.stringContaining(type) });
  expect(await allows(record)).toBe(true);
  expect(server.requests.length).toBeLessThanOrEqual(6);
});

test("reads 500 KiB of an endless file", async () => {
  const server = await serveRaw((socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /admin\n");
    const write = () => {
      while (!socket.destroyed && socket.write("# and so on\n".repeat(5_000)));
    };
    socket.on("drain", write);
    write();
  });
  const record = await fetched(server.origin);
  expect(record).toMatchObject({ status: "found" });
  expect(record.body).toMatch(/\n# and so on\n$/);
  expect(record.body.length).toBeLessThanOrEqual(MAX_ROBOTS_BYTES);
  expect(record.body.length).toBeGreaterThan(MAX_ROBOTS_BYTES - 20);
  expect([await allows(record), await allows(record, "/admin")]).toEqual([true, false]);
  await server.disconnected();
});

test("HTML with status 200 forbids nothing", async () => {
  const server = await serve((_, response) => response.end("<!doctype html><h1>Not found</h1>"));
  expect(await allows(await fetched(server.origin))).toBe(true);
});

test("that we gave up, or that the gate is closed, is not kept as a finding", async () => {
  const bee = client();
  bee.close();
  await expect(fetched("http://127.0.0.1", bee.get)).rejects.toMatchObject({ kind: "aborted" });
  const closed: Get = async () => {
    throw new Error("gate closed");
  };
  await expect(fetched("http://127.0.0.1", closed)).rejects.toThrow("gate closed");
});
