import { readFileSync } from "node:fs";
import { BeeError } from "@bee/core";

/** What `REDIS_URL` says. */
export interface RedisAddress {
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly db: number;
    readonly username?: string;
    readonly password?: string;
    readonly tls?: { readonly ca?: Buffer };
  };
  /** The server is a node of a Redis Cluster, which tells where the others are. */
  readonly cluster: boolean;
}

const PORT = 6379;
const PARAMETERS: ReadonlySet<string> = new Set(["cluster", "sslrootcert"]);

/**
 * `redis[s]://[user[:password]@]host[:port][/database][?cluster=true][&sslrootcert=file]`. The file is in PEM and holds the
 * authority that signed the server's certificate; the parameter bears the name that it has in `DATABASE_URL`.
 * @throws BeeError `invalid-config` for parameters that are not known, or a file that cannot be read.
 */
export function parseRedisUrl(text: string): RedisAddress {
  const { protocol, hostname, port, username, password, pathname, searchParams } = new URL(text);
  const unknown = [...searchParams.keys()].find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) throw invalid(`cluster or sslrootcert behind the ?, got ${unknown}`);
  const cluster = searchParams.get("cluster") ?? "false";
  if (cluster !== "true" && cluster !== "false")
    throw invalid(`cluster=true or cluster=false, got ${cluster}`);
  const database = Number(pathname.slice(1));
  if (!Number.isInteger(database))
    throw invalid(`the number of a database behind the /, got ${pathname.slice(1)}`);
  if (cluster === "true" && database !== 0) throw invalid(`no database but 0 in a cluster, got ${database}`);
  const authority = searchParams.get("sslrootcert");
  if (authority !== null && protocol !== "rediss:")
    throw invalid("rediss:// where there is an sslrootcert, got redis://");
  return {
    cluster: cluster === "true",
    server: {
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port || PORT),
      db: database,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === "rediss:" ? { tls: authority === null ? {} : { ca: readAuthority(authority) } } : {}),
    },
  };
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw invalid(`a file of certificates in sslrootcert, got: ${(error as Error).message}`);
  }
}

function invalid(detail: string): BeeError {
  return new BeeError("invalid-config", `REDIS_URL: expected ${detail}`);
}
