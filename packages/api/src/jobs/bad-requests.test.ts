import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { type AskOptions, problemIn } from "../testing/ask.ts";
import { countJobs } from "../testing/look.ts";

let api: ApiUnderTest;
let key: string;

beforeAll(async () => {
  api = await startApiUnderTest();
  key = (await api.newKey("standard")).secret;
});
afterAll(() => api.stop());

/** A request, what it is answered, and the part that is pointed at. */
type Bad = readonly [name: string, request: AskOptions, status: number, code: string, pointer?: string];

const TYPE = { "content-type": "application/json" };
const url = (text: string) => ({ json: { url: text } });
const domain = (text: string) => ({ json: { domain: text } });
const option = (more: object) => ({ json: { url: "https://example.com/", ...more } });

const BAD: readonly Bad[] = [
  ["malformed JSON", { body: '{"url": ', headers: TYPE }, 400, "invalid-json"],
  [
    "JSON with a trailing comma",
    { body: '{"url": "https://a.example/",}', headers: TYPE },
    400,
    "invalid-json",
  ],
  ["a bare JSON string", { json: "https://a.example/" }, 422, "invalid-request", ""],
  [
    "another content type",
    { body: "url=x", headers: { "content-type": "text/plain" } },
    415,
    "unsupported-media-type",
  ],
  [
    "a form",
    { body: "url=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "unsupported-media-type",
  ],
  [
    "JSON in a strange charset",
    { body: "{}", headers: { "content-type": "application/json; charset=x" } },
    415,
    "unsupported-media-type",
  ],
  [
    "a compressed body",
    { body: "x", headers: { ...TYPE, "content-encoding": "gzip" } },
    415,
    "unsupported-media-type",
  ],
  ["no body and no type", { method: "POST" }, 415, "unsupported-media-type"],
  ["no body", { method: "POST", headers: TYPE }, 400, "invalid-json"],
  ["a body above the limit", { json: { url: "x".repeat(300_000) } }, 413, "body-too-large"],
  ["an array", { json: [] }, 422, "invalid-request", ""],
  [
    "an array too deep to walk",
    { body: "[".repeat(100_000) + "]".repeat(100_000), headers: TYPE },
    422,
    "invalid-request",
    "",
  ],
  ["an unknown field", option({ maxpages: 5 }), 422, "invalid-request", "/maxpages"],
  [
    "a field of every object",
    { body: '{"url":"https://a.example/","__proto__":{"x":1}}', headers: TYPE },
    422,
    "invalid-request",
    "/__proto__",
  ],
  [
    "an unknown query parameter",
    { ...option({}), headers: { "x-query": "?dry=1" } },
    422,
    "invalid-request",
    "/dry",
  ],
  ["neither url nor domain", { json: {} }, 422, "invalid-request", "/url"],
  [
    "both url and domain",
    { json: { url: "https://a.example/", domain: "a.example" } },
    422,
    "invalid-request",
    "/url",
  ],
  ["a url that is null", { json: { url: null } }, 422, "invalid-request", "/url"],
  ["an empty url", url(""), 422, "invalid-url", "/url"],
  ["a relative url", url("/shop"), 422, "invalid-url", "/url"],
  ["ftp:", url("ftp://example.com/"), 422, "invalid-url", "/url"],
  ["javascript:", url("javascript:alert(1)"), 422, "invalid-url", "/url"],
  ["file:", url("file:///etc/passwd"), 422, "invalid-url", "/url"],
  ["userinfo", url("https://me:secret@example.com/"), 422, "invalid-url", "/url"],
  ["a user name", url("https://me@example.com/"), 422, "invalid-url", "/url"],
  ["an overlong url", url(`https://example.com/${"x".repeat(2_048)}`), 422, "invalid-url", "/url"],
  [
    "a url that is too long once encoded",
    url(`https://example.com/${"ü".repeat(1_000)}`),
    422,
    "invalid-url",
    "/url",
  ],
  ["a NUL in a host", url("https://exa\0mple.com/"), 422, "invalid-url", "/url"],
  ["a domain with a path", domain("example.com/shop"), 422, "invalid-url", "/domain"],
  ["a domain with a scheme", domain("https://example.com"), 422, "invalid-url", "/domain"],
  ["a domain with a user", domain("me@example.com"), 422, "invalid-url", "/domain"],
  ["an empty domain", domain(" "), 422, "invalid-url", "/domain"],
  ...[
    ...[
      "127.0.0.1",
      "10.0.0.1",
      "172.16.0.1",
      "192.168.1.1",
      "169.254.169.254",
      "100.64.0.1",
      "0.0.0.0",
      "224.0.0.1",
    ],
    ...[
      "[::1]",
      "[::]",
      "[fe80::1]",
      "[fd00::1]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
    ],
    ...["0x7f.1", "2130706433", "0177.0.0.1", "127.1", "0", "①②⑦.0.0.1", "127.0.0.1."],
  ].flatMap(
    (host) =>
      [
        [`the address ${host}`, url(`http://${host}/`), 422, "address-not-allowed", "/url"],
        [`the address ${host} as a domain`, domain(host), 422, "address-not-allowed", "/domain"],
      ] as const,
  ),
  ...[0, -1, 1e9, "ten", "10", 1.5, null, [5], true].map(
    (maxPages) =>
      [
        `maxPages ${JSON.stringify(maxPages)}`,
        option({ maxPages }),
        422,
        "invalid-request",
        "/maxPages",
      ] as const,
  ),
  ["a flag that is a text", option({ useSitemap: "yes" }), 422, "invalid-request", "/useSitemap"],
  ["an unknown verify", option({ verify: "some" }), 422, "invalid-request", "/verify"],
  ["a pattern that is empty", option({ include: ["/a", ""] }), 422, "invalid-request", "/include/1"],
  [
    "a pattern that is too long",
    option({ exclude: ["x".repeat(501)] }),
    422,
    "invalid-request",
    "/exclude/0",
  ],
  ["too many patterns", option({ include: Array(101).fill("/a") }), 422, "invalid-request", "/include"],
  ["a pattern with a NUL", option({ include: ["a\0b"] }), 422, "invalid-request", "/include/0"],
  ["a pattern with half a character", option({ exclude: ["\ud800"] }), 422, "invalid-request", "/exclude/0"],
  ["another region", option({ region: "mars" }), 422, "invalid-request", "/region"],
  ["a webhook that is no URL", option({ webhookUrl: "hook" }), 422, "invalid-url", "/webhookUrl"],
  ["a webhook by ftp:", option({ webhookUrl: "ftp://hook.example/" }), 422, "invalid-url", "/webhookUrl"],
  [
    "a private webhook",
    option({ webhookUrl: "http://169.254.169.254/latest" }),
    422,
    "address-not-allowed",
    "/webhookUrl",
  ],
  ["an unknown priority", option({ priority: "urgent" }), 422, "invalid-request", "/priority"],
  ["a priority of a key that is no operator's", option({ priority: "critical" }), 403, "forbidden"],
  ["health.internal of a key that is no operator's", domain("health.internal"), 403, "forbidden"],
  ["a host below health.internal", domain("db.health.internal"), 403, "forbidden"],
  ["an empty idempotency key", { ...option({}), headers: { "idempotency-key": "" } }, 422, "invalid-request"],
  [
    "a long idempotency key",
    { ...option({}), headers: { "idempotency-key": "x".repeat(256) } },
    422,
    "invalid-request",
  ],
];

// Rows as objects: Jest hands a test whose row is short a `done` in place of what is missing.
const rows = BAD.map(([name, request, status, code, pointer]) => ({ name, request, status, code, pointer }));

test.each(rows)("$name is refused and changes nothing", async ({ request, status, code, pointer }) => {
  const { headers: { "x-query": query = "", ...headers } = {}, ...rest } = request;
  const before = await countJobs(api);
  const answer = await api.ask(`/v1/jobs${query}`, { key, ...rest, headers });
  const problem = problemIn(answer);
  expect([answer.status, problem.status, problem.code]).toEqual([status, status, code]);
  if (pointer !== undefined) expect(problem.errors?.map((part) => part.pointer)).toContain(pointer);
  for (const { detail } of [problem, ...(problem.errors ?? [])])
    expect(detail).toMatch(/expected .+, got .+/);
  expect(problem.detail).not.toMatch(/node_modules|at .*\.ts|secret/);
  expect(await countJobs(api)).toBe(before);
});
