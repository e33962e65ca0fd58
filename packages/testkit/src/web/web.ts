import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "./answers.ts";
import { hostNameOf } from "./host-name.ts";
import { close, listen } from "./listening.ts";
import { RequestLog } from "./request-log.ts";
import { type Site, send, serve } from "./site.ts";

export interface WebOptions {
  /** Virtual hosts by name in lower case, without port. */
  readonly hosts: Readonly<Record<string, Site>>;
  readonly now?: () => number;
}

/** A simulated web: many hosts on one port of the loopback address, told apart by their Host header. */
export interface Web {
  readonly port: number;
  /** The requests to all hosts, unknown ones included. */
  readonly log: RequestLog;
  /** The requests to one host. */
  logOf(host: string): RequestLog;
  url(host: string, path?: string): string;
  /** Closes all connections, those with an answer under way too; afterwards the logs are complete. */
  stop(): Promise<void>;
}

export async function startWeb(options: WebOptions): Promise<Web> {
  const log = new RequestLog(options);
  const hosts = new Map(
    Object.entries(options.hosts).map(([name, site]) => [name, { site, log: new RequestLog(options) }]),
  );
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    log.watch(request, response);
    const host = hosts.get(hostNameOf(request));
    host?.log.watch(request, response);
    void (host ? serve(host.site, request, response) : send(unknownHost(request, hosts.keys()), response));
  });
  const port = await listen(server);
  return {
    port,
    log,
    logOf: (name) => hosts.get(name)?.log ?? unknownName(name, hosts.keys()),
    url: (host, path = "/") => `http://${host}:${port}${path}`,
    stop: async () => {
      await close(server);
      await log.idle();
    },
  };
}

function unknownHost(request: IncomingMessage, known: Iterable<string>) {
  return text(`expected a host of ${[...known].join(", ")}, got "${hostNameOf(request)}"\n`, 421);
}

function unknownName(name: string, known: Iterable<string>): never {
  throw new Error(
    `expected a host of ${[...known].join(", ")}, got "${name}": add it to startWeb({ hosts })`,
  );
}
