import * as z from "zod";
import { isNetwork } from "./address.ts";
import { type AlertSettings, alertSettingsSchema, DEFAULT_ALERT_SETTINGS } from "./alert-settings.ts";
import { CONNECTION_LIMIT, MAX_WORKERS } from "./connection-budget.ts";
import { domainOf } from "./domain.ts";
import { parseDuration } from "./duration.ts";
import { BeeError } from "./errors.ts";
import { faultsOf, inOurWords } from "./expectation.ts";
import { type Identity, PRODUCT_TOKEN } from "./identity.ts";
import {
  DEFAULT_PAGES_PER_DAY,
  DEFAULT_REQUESTS_PER_MINUTE,
  type PlanLimits,
  parsePlanLimits,
} from "./plan-limits.ts";
import { type RuleBook, rateRuleSchema } from "./rate-rule.ts";
import { type RegionBook, regionBookSchema } from "./region-book.ts";

/** The environment of a process, as `process.env` gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

const integer = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^-?\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      message: `expected a whole number from ${min} to ${max}`,
    })
    .transform(Number);

const DAY_MS = 86_400_000;

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms === null) context.addIssue("expected a duration such as 500ms, 30s, 2m or 1h");
  return ms ?? 0;
});

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const storeUrl = (...schemes: string[]) =>
  z.string().refine((text) => schemes.includes(URL.parse(text)?.protocol ?? ""), {
    message: `expected a URL that starts with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
  });

const label = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, "expected lower-case letters, digits and single hyphens");

const overrides = list.transform((pairs, context) => {
  for (const pair of pairs) {
    if (!/^[^=]+=[^=]+$/.test(pair)) context.addIssue(`expected host=address pairs such as *.test=127.0.0.1`);
  }
  return pairs.map((pair) => pair.split("=") as [host: string, address: string]);
});

const networks = list.refine((all) => all.every(isNetwork), {
  message: "expected a comma list of networks such as 127.0.0.0/8",
});

/** Printable ASCII that does not end the comment of a User-Agent in which it stands. */
const contact = z
  .string()
  .max(200, "expected at most 200 characters")
  .regex(
    /^(?:https?:\/\/|mailto:)[!#-'*-[\]-~]+$/,
    "expected a URL that starts with https://, http:// or mailto:, without spaces and parentheses",
  );

/** RFC 9309 section 2.2.1. */
const productToken = z
  .string()
  .max(64, "expected at most 64 characters")
  .regex(/^[A-Za-z_-]+$/, "expected letters, _ and - only, as robots.txt groups name a crawler");

const planLimits = (defaults: PlanLimits) =>
  z
    .string()
    .transform((text, context) => {
      const limits = parsePlanLimits(text, defaults);
      if (limits === null) context.addIssue("expected a comma list such as standard=500,operator=none");
      return limits ?? defaults;
    })
    .default(defaults);

/**
 * Who starts and stops workers: the scaler, as processes of its machine or as containers of an engine; or somebody who
 * follows its number.
 */
const SCALE_DRIVERS = ["process", "docker", "external"] as const;

/** An engine as `DOCKER_HOST` names it, as far as we can speak to it: without TLS and SSH. */
const ENGINE_ADDRESS = /^(?:unix:\/\/\/.+|tcp:\/\/[^/]+)$/;

/** Milliseconds; null for ever. Less than a day would take a job away from those who still look at it. */
const retention = z.string().transform((text, context) => {
  if (text === "forever") return null;
  const ms = parseDuration(text);
  if (ms === null || ms < DAY_MS) context.addIssue("expected a duration from 1d on, such as 90d, or forever");
  return ms;
});

/** One row per variable: its name is what an operator writes, its schema what is accepted, its default what holds without it. */
const environmentSchema = z.object({
  BEE_HOST: z.string().min(1).default("127.0.0.1"),
  BEE_PORT: integer(0, 65_535).default(3000),
  DATABASE_URL: storeUrl("postgres:", "postgresql:").optional(),
  REDIS_URL: storeUrl("redis:", "rediss:").optional(),
  BEE_DATA_DIR: z.string().min(1).default(".bee"),
  BEE_ADMIN_KEY: z.string().min(16, "expected at least 16 characters").optional(),
  BEE_MIN_WORKERS: integer(0, 1_000).default(3),
  BEE_MAX_WORKERS: integer(1, 1_000).default(25),
  BEE_WORKERS_PER_JOB: integer(1, 100).default(3),
  BEE_SCALE_DOWN_DELAY: duration.default(120_000),
  BEE_MONITOR_INTERVAL: duration
    .refine((ms) => ms >= 1_000 && ms <= 300_000, "expected a duration from 1s to 5m")
    .default(30_000),
  BEE_RETENTION: retention.default(90 * DAY_MS),
  BEE_SCALE_DRIVER: z.enum(SCALE_DRIVERS, "expected process, docker or external").default("process"),
  DOCKER_HOST: z.string().default("unix:///var/run/docker.sock"),
  BEE_DOCKER_FLEET: label.optional(),
  BEE_DOCKER_IMAGE: z.string().min(1).optional(),
  BEE_DOCKER_NETWORK: list.default([]),
  BEE_DOCKER_MEMORY: integer(128, 65_536).default(512),
  BEE_WORKER_SLOTS: integer(4, 2_000).default(200),
  BEE_REGION: label.default("default"),
  BEE_WORKER_CLASS: label.default("general"),
  BEE_REGIONS: z.string().min(1).optional(),
  BEE_RULES: z.string().min(1).optional(),
  BEE_ALERTS: z.string().min(1).optional(),
  BEE_CONTACT_URL: contact.optional(),
  BEE_USER_AGENT_TOKEN: productToken.default(PRODUCT_TOKEN),
  BEE_ALLOW_PRIVATE: networks.default([]),
  BEE_RESOLVE: overrides.default([]),
  BEE_PAGES_PER_DAY: planLimits(DEFAULT_PAGES_PER_DAY),
  BEE_REQUESTS_PER_MINUTE: planLimits(DEFAULT_REQUESTS_PER_MINUTE),
  BEE_TRUST_PROXY: integer(0, 10).default(0),
  BEE_LOG_LEVEL: z
    .enum(["error", "warn", "info", "debug"], "expected error, warn, info or debug")
    .default("info"),
});

const ruleBookSchema = z.record(z.string().min(1), rateRuleSchema);

/** Everything that can be set, validated and frozen. Nothing else in the fleet reads the environment. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  readonly adminKey: string | undefined;
  readonly workers: { readonly min: number; readonly max: number; readonly perJob: number };
  readonly scaleDownDelayMs: number;
  readonly monitorIntervalMs: number;
  readonly scaleDriver: (typeof SCALE_DRIVERS)[number];
  /** How long what is over is kept; null for ever. */
  readonly retentionMs: number | null;
  /** What worker containers are made of, where it is not what the scaler's own container is made of. */
  readonly docker: {
    /** `unix:///path` or `tcp://host:port`. */
    readonly host: string;
    readonly fleet: string | undefined;
    readonly image: string | undefined;
    readonly networks: readonly string[];
    readonly memoryMiB: number;
  };
  readonly slots: number;
  readonly region: string;
  readonly workerClass: string;
  readonly regions: RegionBook;
  readonly rules: RuleBook;
  readonly alerts: AlertSettings;
  readonly identity: Identity;
  readonly allowPrivate: readonly string[];
  readonly resolve: readonly (readonly [host: string, address: string])[];
  readonly pagesPerDay: PlanLimits;
  readonly requestsPerMinute: PlanLimits;
  /** Proxies in front of the API whose word is taken for who asks, and how. */
  readonly trustedProxies: number;
  readonly logLevel: "error" | "warn" | "info" | "debug";
}

/**
 * The configuration that an environment describes.
 * @param readFile reads the files that `BEE_RULES` and `BEE_ALERTS` name.
 * @throws BeeError `invalid-config` that lists every bad variable with what was expected and what was got.
 */
export function parseConfig(environment: Environment, readFile: (path: string) => string): Config {
  // An empty variable means "not set": that is how compose files and shells pass absent values on.
  const given = Object.fromEntries(
    Object.keys(environmentSchema.shape)
      .filter((name) => environment[name] !== undefined && environment[name] !== "")
      .map((name) => [name, environment[name]]),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    throw invalid(
      parsed.error.issues.map(
        ({ path, message }) => `${path.join(".")}: ${message}, got ${withoutSecret(String(path[0]), given)}`,
      ),
    );
  }
  const env = parsed.data;
  if (env.BEE_MAX_WORKERS > MAX_WORKERS) {
    throw invalid([
      `BEE_MAX_WORKERS: expected at most ${MAX_WORKERS}, for the fleet's ${CONNECTION_LIMIT} database connections have room for no more, got ${env.BEE_MAX_WORKERS}`,
    ]);
  }
  if (env.BEE_MIN_WORKERS > env.BEE_MAX_WORKERS) {
    throw invalid([
      `BEE_MIN_WORKERS: expected at most BEE_MAX_WORKERS (${env.BEE_MAX_WORKERS}), got ${env.BEE_MIN_WORKERS}`,
    ]);
  }
  // Others read this variable, too: what it holds matters only to who starts containers.
  if (env.BEE_SCALE_DRIVER === "docker" && !ENGINE_ADDRESS.test(env.DOCKER_HOST)) {
    throw invalid([
      `DOCKER_HOST: expected unix:///path or tcp://host:port for BEE_SCALE_DRIVER=docker, got ${quote(env.DOCKER_HOST)}`,
    ]);
  }
  return Object.freeze({
    host: env.BEE_HOST,
    port: env.BEE_PORT,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    dataDir: env.BEE_DATA_DIR,
    adminKey: env.BEE_ADMIN_KEY,
    workers: Object.freeze({
      min: env.BEE_MIN_WORKERS,
      max: env.BEE_MAX_WORKERS,
      perJob: env.BEE_WORKERS_PER_JOB,
    }),
    scaleDownDelayMs: env.BEE_SCALE_DOWN_DELAY,
    monitorIntervalMs: env.BEE_MONITOR_INTERVAL,
    scaleDriver: env.BEE_SCALE_DRIVER,
    retentionMs: env.BEE_RETENTION,
    docker: Object.freeze({
      host: env.DOCKER_HOST,
      fleet: env.BEE_DOCKER_FLEET,
      image: env.BEE_DOCKER_IMAGE,
      networks: Object.freeze(env.BEE_DOCKER_NETWORK),
      memoryMiB: env.BEE_DOCKER_MEMORY,
    }),
    slots: env.BEE_WORKER_SLOTS,
    region: env.BEE_REGION,
    workerClass: env.BEE_WORKER_CLASS,
    regions: env.BEE_REGIONS === undefined ? {} : readRegions(env.BEE_REGIONS, readFile),
    rules: env.BEE_RULES === undefined ? {} : readRules(env.BEE_RULES, readFile),
    alerts: env.BEE_ALERTS === undefined ? DEFAULT_ALERT_SETTINGS : readAlerts(env.BEE_ALERTS, readFile),
    identity: Object.freeze({
      productToken: env.BEE_USER_AGENT_TOKEN,
      contactUrl: env.BEE_CONTACT_URL,
    }),
    allowPrivate: Object.freeze(env.BEE_ALLOW_PRIVATE),
    resolve: Object.freeze(env.BEE_RESOLVE),
    pagesPerDay: Object.freeze(env.BEE_PAGES_PER_DAY),
    requestsPerMinute: Object.freeze(env.BEE_REQUESTS_PER_MINUTE),
    trustedProxies: env.BEE_TRUST_PROXY,
    logLevel: env.BEE_LOG_LEVEL,
  });
}

function readRegions(path: string, readFile: (path: string) => string): RegionBook {
  const book = readJson("BEE_REGIONS", path, readFile, regionBookSchema);
  const countries = Object.values(book).flatMap((region) => region.countries);
  const twice = countries.find((country, i) => countries.indexOf(country) !== i);
  if (twice === undefined) return Object.freeze(book);
  throw invalid([`BEE_REGIONS (${path}): expected each country in one region, got ${twice} twice`]);
}

function readRules(path: string, readFile: (path: string) => string): RuleBook {
  const rules = readJson("BEE_RULES", path, readFile, ruleBookSchema);
  const misplaced = Object.keys(rules).filter(
    (name) => name !== "default" && domainOf(name) !== name.toLowerCase(),
  );
  if (misplaced.length > 0) {
    throw invalid(
      misplaced.map(
        (name) =>
          `BEE_RULES (${path}): expected a domain, got "${name}", which shares the gate of ${domainOf(name)}; write the rule for that`,
      ),
    );
  }
  return Object.freeze(
    Object.fromEntries(Object.entries(rules).map(([domain, rule]) => [domain.toLowerCase(), rule])),
  );
}

function readAlerts(path: string, readFile: (path: string) => string): AlertSettings {
  return readJson("BEE_ALERTS", path, readFile, alertSettingsSchema);
}

function readJson<T extends z.ZodType>(
  variable: string,
  path: string,
  readFile: (path: string) => string,
  schema: T,
): z.output<T> {
  let content: unknown;
  try {
    content = JSON.parse(readFile(path));
  } catch (cause) {
    // A syntax error quotes the file, which may hold passwords.
    const why = (cause as Error).message.replace(/, (?:\.\.\.)?".*/s, "");
    throw new BeeError("invalid-config", `${variable}: expected a JSON file at ${quote(path)}: ${why}`);
  }
  const parsed = schema.safeParse(content, { error: inOurWords });
  if (parsed.success) return parsed.data;
  throw invalid(
    faultsOf(parsed.error).map(
      (fault) => `${variable} (${path}) at ${fault.path.join(".") || "the top"}: ${fault.detail}`,
    ),
  );
}

function invalid(problems: readonly string[]): BeeError {
  return new BeeError("invalid-config", problems.join("\n"));
}

/** What a variable holds, as it may stand in a terminal and in a log: of a key, only how long it is. */
function withoutSecret(name: string, given: Environment): string {
  const text = given[name] ?? "";
  return name === "BEE_ADMIN_KEY" ? String(text.length) : quote(text.replace(/:[^:@/]+@/, ":…@"));
}

function quote(value: string | undefined): string {
  return JSON.stringify(value ?? "");
}
