import { lookup, Resolver } from "node:dns/promises";

/** All addresses of a host name. Rejects with code `ENOTFOUND` for a name that does not exist, `EAI_AGAIN` when nobody can tell now. */
export type ResolveName = (host: string) => Promise<readonly string[]>;

export interface ResolverOptions {
  /** Name servers, `address` or `address:port`; without them those of the system. */
  readonly servers?: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Asks name servers directly, and the system's resolver only for names that they do not know: the hosts file,
 * containers, search domains. The order matters. The system's resolver runs in libuv's thread pool, which gives
 * it half of its four threads, so that two dead name servers would stop the look-ups of every other domain.
 */
export function createResolver({ servers, timeoutMs = 2_000 }: ResolverOptions = {}): ResolveName {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);

  return async (host) => {
    if (!host.includes(".")) return fromSystem(host, "EAI_AGAIN");
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length > 0) return addresses;
    const codes = answers.map((answer) => (answer.status === "rejected" ? answer.reason.code : ""));
    if (codes.some((code) => SILENCE.has(code))) throw problem("EAI_AGAIN", host);
    return fromSystem(host, codes.every((code) => ABSENCE.has(code)) ? "ENOTFOUND" : "EAI_AGAIN");
  };
}

/** Name servers gave no usable answer; the system would only wait for the same servers again. */
const SILENCE = new Set(["ETIMEOUT", "ESERVFAIL", "EREFUSED", "EBADRESP"]);

/** Name servers know that there is no such name, or no address for it. */
const ABSENCE = new Set(["ENOTFOUND", "ENODATA", ""]);

/** @param uncertain what it means when the system cannot tell: without name servers it says so of every name. */
async function fromSystem(host: string, uncertain: ResolveCode): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    throw problem(code === "EAI_AGAIN" ? uncertain : "ENOTFOUND", host, cause);
  }
}

type ResolveCode = "ENOTFOUND" | "EAI_AGAIN";

function problem(code: ResolveCode, host: string, cause?: unknown): Error {
  return Object.assign(new Error(`${code} ${host}`, { cause }), { code });
}
