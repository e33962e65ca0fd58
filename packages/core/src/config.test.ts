import { expect, test } from "@jest/globals";
import { DEFAULT_ALERT_SETTINGS } from "./alert-settings.ts";
import { type Environment, parseConfig } from "./config.ts";
import type { BeeError } from "./errors.ts";

const noFile = (path: string): string => {
  throw new Error(`ENOENT: no such file, open '${path}'`);
};

function problemsOf(environment: Environment, readFile = noFile): string[] {
  try {
    parseConfig(environment, readFile);
  } catch (error) {
    expect((error as BeeError).code).toBe("invalid-config");
    return (error as Error).message.split("\n");
  }
  throw new Error("expected the configuration to be refused");
}

test("without an environment the documented defaults hold", () => {
  expect(parseConfig({}, noFile)).toEqual({
    host: "127.0.0.1",
    port: 3000,
    databaseUrl: undefined,
    redisUrl: undefined,
    dataDir: ".bee",
    adminKey: undefined,
    workers: { min: 3, max: 25, perJob: 3 },
    scaleDownDelayMs: 120_000,
    monitorIntervalMs: 30_000,
    scaleDriver: "process",
    retentionMs: 90 * 86_400_000,
    docker: {
      host: "unix:///var/run/docker.sock",
      fleet: undefined,
      image: undefined,
      networks: [],
      memoryMiB: 512,
    },
    slots: 200,
    region: "default",
    regions: {},
    workerClass: "general",
    rules: {},
    alerts: DEFAULT_ALERT_SETTINGS,
    identity: { productToken: "BlueBandedBee", contactUrl: undefined },
    allowPrivate: [],
    resolve: [],
    pagesPerDay: { standard: 500, premium: 100_000, operator: null },
    requestsPerMinute: { standard: 1_200, premium: 12_000, operator: 120_000 },
    trustedProxies: 0,
    logLevel: "info",
  });
});

test("an empty variable is a variable that is not set", () => {
  expect(parseConfig({ BEE_PORT: "", DATABASE_URL: "", BEE_RULES: "" }, noFile)).toEqual(
    parseConfig({}, noFile),
  );
});

test("reads every variable", () => {
  const rule = { requestsPerSecond: 2, burst: 5, concurrency: 2 };
  const config = parseConfig(
    {
      BEE_HOST: "0.0.0.0",
      BEE_PORT: "0",
      DATABASE_URL: "postgres://db/bee",
      REDIS_URL: "rediss://cache:6380",
      BEE_DATA_DIR: "/var/bee",
      BEE_ADMIN_KEY: "0123456789abcdef",
      BEE_MIN_WORKERS: "1",
      BEE_MAX_WORKERS: "2",
      BEE_WORKERS_PER_JOB: "1",
      BEE_SCALE_DOWN_DELAY: "30s",
      BEE_RETENTION: "forever",
      BEE_MONITOR_INTERVAL: "5s",
      BEE_WORKER_SLOTS: "50",
      BEE_REGION: "eu-central",
      BEE_WORKER_CLASS: "high-capacity",
      BEE_RULES: "rules.json",
      BEE_CONTACT_URL: "https://acme.example/bot?a=1",
      BEE_USER_AGENT_TOKEN: "Acme_Cache-Warmer",
      BEE_ALLOW_PRIVATE: "127.0.0.0/8, fd00::/8,",
      BEE_RESOLVE: "*.test=127.0.0.1,a.example=::1",
      BEE_PAGES_PER_DAY: "premium=none",
      BEE_REQUESTS_PER_MINUTE: "standard=60,operator=none",
      BEE_TRUST_PROXY: "1",
      BEE_LOG_LEVEL: "debug",
      UNRELATED: "x",
    },
    (path) => (path === "rules.json" ? JSON.stringify({ "Example.COM": rule, default: rule }) : noFile(path)),
  );
  expect(config).toMatchObject({
    port: 0,
    workers: { min: 1, max: 2, perJob: 1 },
    scaleDownDelayMs: 30_000,
    retentionMs: null,
    rules: { "example.com": rule, default: rule },
    identity: { productToken: "Acme_Cache-Warmer", contactUrl: "https://acme.example/bot?a=1" },
    allowPrivate: ["127.0.0.0/8", "fd00::/8"],
    resolve: [
      ["*.test", "127.0.0.1"],
      ["a.example", "::1"],
    ],
    pagesPerDay: { standard: 500, premium: null, operator: null },
    requestsPerMinute: { standard: 60, premium: 12_000, operator: null },
    trustedProxies: 1,
  });
});

test("is frozen", () => {
  const config = parseConfig({ BEE_ALLOW_PRIVATE: "10.0.0.0/8" }, noFile);
  const { workers, identity, allowPrivate, resolve, pagesPerDay, requestsPerMinute } = config;
  for (const part of [config, workers, identity, allowPrivate, resolve, pagesPerDay, requestsPerMinute])
    expect(Object.isFrozen(part)).toBe(true);
});

test.each([
  [{ BEE_PORT: "http" }, 'BEE_PORT: expected a whole number from 0 to 65535, got "http"'],
  [{ BEE_PORT: "65536" }, 'BEE_PORT: expected a whole number from 0 to 65535, got "65536"'],
  [{ BEE_PORT: "1e3" }, 'BEE_PORT: expected a whole number from 0 to 65535, got "1e3"'],
  [
    { DATABASE_URL: "mysql://x" },
    'DATABASE_URL: expected a URL that starts with postgres:// or postgresql://, got "mysql://x"',
  ],
  [
    { DATABASE_URL: "mysql://bee:secret@db/x" },
    'DATABASE_URL: expected a URL that starts with postgres:// or postgresql://, got "mysql://bee:…@db/x"',
  ],
  [
    { REDIS_URL: "localhost:6379" },
    'REDIS_URL: expected a URL that starts with redis:// or rediss://, got "localhost:6379"',
  ],
  [{ BEE_ADMIN_KEY: "short" }, "BEE_ADMIN_KEY: expected at least 16 characters, got 5"],
  [
    { BEE_SCALE_DOWN_DELAY: "2" },
    'BEE_SCALE_DOWN_DELAY: expected a duration such as 500ms, 30s, 2m or 1h, got "2"',
  ],
  [{ BEE_MONITOR_INTERVAL: "10m" }, 'BEE_MONITOR_INTERVAL: expected a duration from 1s to 5m, got "10m"'],
  [
    { BEE_RETENTION: "12h" },
    'BEE_RETENTION: expected a duration from 1d on, such as 90d, or forever, got "12h"',
  ],
  [
    { BEE_REGION: "EU West" },
    'BEE_REGION: expected lower-case letters, digits and single hyphens, got "EU West"',
  ],
  [
    { BEE_ALLOW_PRIVATE: "127.0.0.1" },
    'BEE_ALLOW_PRIVATE: expected a comma list of networks such as 127.0.0.0/8, got "127.0.0.1"',
  ],
  [
    { BEE_PAGES_PER_DAY: "500" },
    'BEE_PAGES_PER_DAY: expected a comma list such as standard=500,operator=none, got "500"',
  ],
  [
    { BEE_RESOLVE: "*.test" },
    'BEE_RESOLVE: expected host=address pairs such as *.test=127.0.0.1, got "*.test"',
  ],
  [
    { BEE_CONTACT_URL: "ops@acme.example" },
    'BEE_CONTACT_URL: expected a URL that starts with https://, http:// or mailto:, without spaces and parentheses, got "ops@acme.example"',
  ],
  [
    { BEE_CONTACT_URL: "https://acme.example/) evil" },
    'BEE_CONTACT_URL: expected a URL that starts with https://, http:// or mailto:, without spaces and parentheses, got "https://acme.example/) evil"',
  ],
  [
    { BEE_USER_AGENT_TOKEN: "Acme/2" },
    'BEE_USER_AGENT_TOKEN: expected letters, _ and - only, as robots.txt groups name a crawler, got "Acme/2"',
  ],
  [{ BEE_LOG_LEVEL: "loud" }, 'BEE_LOG_LEVEL: expected error, warn, info or debug, got "loud"'],
  [
    { BEE_MIN_WORKERS: "5", BEE_MAX_WORKERS: "4" },
    "BEE_MIN_WORKERS: expected at most BEE_MAX_WORKERS (4), got 5",
  ],
  [
    { BEE_MAX_WORKERS: "45" },
    "BEE_MAX_WORKERS: expected at most 44, for the fleet's 50 database connections have room for no more, got 45",
  ],
])("%j is refused with what was expected and what was got", (environment, problem) => {
  expect(problemsOf(environment)).toEqual([problem]);
});

test("all problems are told at once", () => {
  expect(problemsOf({ BEE_PORT: "x", BEE_WORKER_SLOTS: "3", BEE_LOG_LEVEL: "loud" })).toHaveLength(3);
});

test.each([
  ["not there", noFile, /^BEE_RULES: expected a JSON file at "rules\.json": ENOENT/],
  ["no JSON", () => "{", /^BEE_RULES: expected a JSON file at "rules\.json": /],
  [
    "a rule for a host whose domain has the gate",
    () => `{"www.example.com": {"requestsPerSecond": 1, "burst": 1, "concurrency": 1}}`,
    /^BEE_RULES \(rules\.json\): expected a domain, got "www\.example\.com", which shares the gate of example\.com/,
  ],
  ["no object", () => "[]", /^BEE_RULES \(rules\.json\) at the top: expected an object, got an array of 0$/],
  [
    "out of its bounds",
    () => JSON.stringify({ "a.example": { requestsPerSecond: 0, burst: 1.5, concurrency: 1_001, rate: 1 } }),
    new RegExp(
      [
        "^BEE_RULES .* at a.example.requestsPerSecond: expected at least 0.00001, got 0",
        "BEE_RULES .* at a.example.burst: expected a whole number, got 1.5",
        "BEE_RULES .* at a.example.concurrency: expected at most 1000, got 1001",
        "BEE_RULES .* at a.example.rate: expected one of requestsPerSecond, burst or concurrency, got rate$",
      ].join("\n"),
    ),
  ],
])("a file of rules with %s is refused", (_, readFile, problem) => {
  expect(problemsOf({ BEE_RULES: "rules.json" }, readFile).join("\n")).toMatch(problem);
});

test("BEE_REGIONS names what is near each region", () => {
  const book = { eu: { countries: ["DE", "fr"] }, us: { networks: ["192.0.2.0/24"] } };
  expect(parseConfig({ BEE_REGIONS: "regions.json" }, () => JSON.stringify(book)).regions).toEqual({
    eu: { countries: ["de", "fr"], networks: [] },
    us: { countries: [], networks: ["192.0.2.0/24"] },
  });
});

test.each([
  ["not there", noFile, /^BEE_REGIONS: expected a JSON file at "regions\.json": ENOENT/],
  [
    "with what is no country and no network",
    () => `{"eu": {"countries": ["germany"], "networks": ["192.0.2.1"]}}`,
    /^BEE_REGIONS .* at eu\.countries\.0: expected two letters, .*, got "germany"\nBEE_REGIONS .* at eu\.networks\.0: expected a network .*, got "192\.0\.2\.1"$/,
  ],
  [
    "with a country in two regions",
    () => `{"eu": {"countries": ["tr"]}, "ap": {"countries": ["tr"]}}`,
    /^BEE_REGIONS \(regions\.json\): expected each country in one region, got tr twice$/,
  ],
])("a book of regions that is %s is refused", (_, readFile, problem) => {
  expect(() => parseConfig({ BEE_REGIONS: "regions.json" }, readFile)).toThrow(problem);
});
test.each(["ssh://host", "npipe:////./pipe/docker_engine", "unix://docker.sock"])(
  "an engine at %s matters only to who starts containers",
  (host) => {
    expect(() => parseConfig({ DOCKER_HOST: host, BEE_SCALE_DRIVER: "docker" }, noFile)).toThrow(
      `DOCKER_HOST: expected unix:///path or tcp://host:port for BEE_SCALE_DRIVER=docker, got "${host}"`,
    );
    expect(parseConfig({ DOCKER_HOST: host }, noFile).scaleDriver).toBe("process");
  },
);
