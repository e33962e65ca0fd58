import { isIPv6 } from "node:net";
import { BEE } from "../command-name.ts";
import { type ClientEnvironment, readClientEnvironment } from "../environment.ts";
import { CommandError } from "../exit-codes.ts";
import { adminKeyFile, readAdminKey } from "../up/admin-key.ts";
import { findFleet } from "../up/fleet-claim.ts";
import { ApiClient } from "./api-client.ts";

/** Options of every command that talks to the API. */
export interface ApiOptions {
  readonly api?: string;
  readonly key?: string;
}

/** The API that a command means, with the key it is to show there. */
export function findApi({ api, key }: ApiOptions): ApiClient {
  const environment = readClientEnvironment();
  return new ApiClient(locator(api, environment), key ?? keyOf(environment));
}

/** The address that is set; else that of the fleet which runs in the data directory; else the default. */
function locator(api: string | undefined, { host, port, namesApi, dataDir }: ClientEnvironment): () => URL {
  let known = api === undefined ? new URL(`http://${reachable(host)}:${port}`) : parseAddress(api);
  return () => {
    const running = api !== undefined || namesApi ? undefined : findFleet(dataDir)?.url;
    if (running !== undefined) known = new URL(running);
    return known;
  };
}

/** An API that listens on every address of its machine is reached at the loopback one. */
function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return isIPv6(host) ? `[${host}]` : host;
}

function keyOf({ key, adminKey, dataDir }: ClientEnvironment): string {
  const known = key ?? adminKey ?? readAdminKey(dataDir);
  if (known !== undefined) return known;
  throw new CommandError(
    `expected an API key in BEE_KEY, BEE_ADMIN_KEY or ${adminKeyFile(dataDir)}, got none; set one, or start a fleet here with \`${BEE} up\``,
  );
}

function parseAddress(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new CommandError(
    `expected --api to be a URL such as http://127.0.0.1:3000, got ${JSON.stringify(text)}`,
  );
}
