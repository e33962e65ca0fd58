import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { addressInHost, isAllowedAddress } from "@bee/core";
import { addressError, guardedLookup, type LookupOptions } from "./guarded-lookup.ts";
import { type InternalRoute, internalLookup } from "./internal-route.ts";

export interface AgentOptions extends LookupOptions {
  /** Goes before the checks of addresses, for its one name. */
  readonly internal?: InternalRoute | undefined;
}

export interface GuardedAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  destroy(): void;
}

/** Connections to one host. The gate of its domain holds fewer in flight; a request that waits here loses time to its deadline. */
const MAX_SOCKETS_PER_HOST = 256;

/** Idle connections kept to one host. */
const MAX_FREE_SOCKETS = 4;

/**
 * Connections are closed instead of kept once an agent holds this many. Node's own `maxTotalSockets` would let idle
 * connections to other hosts keep a new host waiting until they time out, so the limit is on what is kept.
 */
const MAX_KEPT_SOCKETS = 512;

/**
 * Time for one address of several before the next is tried. Node's 250 ms give up on a far host's IPv4 and end with
 * its IPv6, also where there is no IPv6.
 */
const ADDRESS_MS = 2_000;

/** Below the 5 s after which Node and many other servers drop an idle connection, so that we seldom write into a closing one. */
const IDLE_MS = 4_000;

/**
 * Agents whose sockets reach allowed addresses only. Names are checked in `lookup`; addresses written into the URL
 * never come there (`http://2130706433/` is 127.0.0.1), so `createConnection` checks those.
 */
export function guardedAgents(options: AgentOptions): GuardedAgents {
  const settings = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS_PER_HOST,
    maxFreeSockets: MAX_FREE_SOCKETS,
    timeout: IDLE_MS,
    autoSelectFamilyAttemptTimeout: ADDRESS_MS,
    lookup: guardedLookup(options),
  };
  const http = guarded(new HttpAgent(settings), options);
  const https = guarded(new HttpsAgent(settings), options);
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

function guarded<A extends HttpAgent>(agent: A, { allowPrivate, internal }: AgentOptions): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const host = String(options.host ?? options.hostname ?? "");
    if (internal !== undefined && host === internal.host) {
      return connect({ ...options, lookup: internalLookup(internal, Number(options.port)) }, callback);
    }
    const literal = addressInHost(host);
    if (literal === null || isAllowedAddress(literal, allowPrivate)) return connect(options, callback);
    forgetHost(agent, agent.getName(options));
    (callback as (error: Error) => void)(addressError(literal, literal));
    return undefined;
  };

  const keep = agent.keepSocketAlive.bind(agent) as (socket: unknown) => unknown;
  agent.keepSocketAlive = (socket) => openSockets(agent) <= MAX_KEPT_SOCKETS && keep(socket);
  return agent;
}

/** Node notes a host before it connects and forgets it with its last socket; a refused host never has one. */
function forgetHost(agent: HttpAgent, name: string): void {
  const sockets = agent.sockets as Record<string, unknown[]>;
  if (sockets[name]?.length === 0) delete sockets[name];
}

/** Counted by Node, and missing from its types. */
function openSockets(agent: HttpAgent): number {
  return (agent as unknown as { totalSocketCount: number }).totalSocketCount;
}
