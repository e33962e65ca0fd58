import { readFileSync } from "node:fs";
import { type Config, type Environment, parseConfig } from "@bee/core";

/** What the client commands need; a bad `BEE_RULES` of the fleet must not keep `bee jobs` from asking. */
const CLIENT_VARIABLES = ["BEE_HOST", "BEE_PORT", "BEE_DATA_DIR", "BEE_ADMIN_KEY", "DATABASE_URL"];

/** The configuration of a process of the fleet. @throws BeeError `invalid-config` with one line per bad variable. */
export function readConfig(): Config {
  return parseConfig(process.env, readText);
}

/** How a client command finds the fleet. */
export interface ClientEnvironment extends Pick<Config, "host" | "port" | "dataDir" | "adminKey"> {
  readonly databaseUrl: string | undefined;
  /** Whether `BEE_HOST` or `BEE_PORT` names the API, or the defaults stand in. */
  readonly namesApi: boolean;
  /** `BEE_KEY`: an API key for those who are not the operator, kept out of the list of processes. */
  readonly key: string | undefined;
}

export function readClientEnvironment(): ClientEnvironment {
  const own = Object.fromEntries(CLIENT_VARIABLES.map((name) => [name, process.env[name]]));
  const { host, port, dataDir, adminKey, databaseUrl } = parseConfig(own, readText);
  const namesApi = isSet("BEE_HOST") || isSet("BEE_PORT");
  return { host, port, dataDir, adminKey, databaseUrl, namesApi, key: process.env["BEE_KEY"] || undefined };
}

/** What a supervisor tells the processes it starts, besides the configuration. */
export interface Supervision {
  /** `BEE_OWNER`: whose workers a scaler may adopt and retire. */
  readonly owner: string | null;
  /** `BEE_LIFELINE`: the file descriptor that is tied to the supervisor. */
  readonly lifeline: number | null;
  /** `BEE_PULSE`: a file whose age tells whoever watches a container that its process is well. */
  readonly pulse: string | null;
}

export function readSupervision(): Supervision {
  const fd = Number(process.env["BEE_LIFELINE"] || Number.NaN);
  return {
    owner: process.env["BEE_OWNER"] || null,
    lifeline: Number.isInteger(fd) ? fd : null,
    pulse: process.env["BEE_PULSE"] || null,
  };
}

/** The environment of a child: ours, and what it is told besides. */
export function environmentWith(additions: Environment): NodeJS.ProcessEnv {
  return { ...process.env, ...additions };
}

function isSet(name: string): boolean {
  return (process.env[name] ?? "") !== "";
}

function readText(path: string): string {
  return readFileSync(path, "utf8");
}
