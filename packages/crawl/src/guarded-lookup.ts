import { isIP, type LookupFunction } from "node:net";
import { type AllowedNetworks, isAllowedAddress } from "@bee/core";
import { FetchError } from "./fetch-error.ts";
import type { ResolveName } from "./resolve-name.ts";

/** Host names that are not looked up: `shop.test` exactly, or `*.test` for every name below it. */
export type ResolveOverrides = readonly (readonly [host: string, address: string])[];

export interface LookupOptions {
  readonly allowPrivate: AllowedNetworks;
  readonly resolve: ResolveOverrides;
  readonly resolveName: ResolveName;
}

/**
 * The `lookup` of every socket. It refuses a name as soon as one of its addresses may not be reached, and hands on
 * exactly the addresses that it checked: a name that answers differently the next time (DNS rebinding) gains nothing.
 */
export function guardedLookup({ allowPrivate, resolve, resolveName }: LookupOptions): LookupFunction {
  const overrides = new Overrides(resolve);

  const addressesOf = async (host: string) => {
    const name = host.toLowerCase().replace(/\.$/, "");
    const addresses = overrides.addressesOf(name) ?? (await resolveName(nameToAsk(name)));
    if (addresses.length === 0) throw noSuchName(name);
    const refused = addresses.find((address) => !isAllowedAddress(address, allowPrivate));
    if (refused !== undefined) throw addressError(host, refused);
    return addresses.map((address) => ({ address, family: isIP(address) }));
  };

  return (host, options, callback) => {
    addressesOf(host).then(
      (addresses) => {
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/** RFC 6761 section 6.4: names below `.invalid` never exist, and no name server needs to hear of them. */
function nameToAsk(name: string): string {
  if (name !== "invalid" && !name.endsWith(".invalid")) return name;
  throw noSuchName(name);
}

export function noSuchName(name: string): Error {
  return Object.assign(new Error(`ENOTFOUND ${name}`), { code: "ENOTFOUND" });
}

export function addressError(host: string, address: string): FetchError {
  const what = host === address ? address : `${host} at ${address}`;
  return new FetchError(
    "address",
    `expected a public address, got ${what}; BEE_ALLOW_PRIVATE lists the private networks that may be crawled`,
  );
}

/** Exact names before `*.` patterns; a name given twice has two addresses. */
class Overrides {
  readonly #exact = new Map<string, string[]>();
  readonly #suffixes = new Map<string, string[]>();

  constructor(overrides: ResolveOverrides) {
    for (const [host, address] of overrides) {
      if (isIP(address) === 0)
        throw new TypeError(`expected an IP address for ${host}, got ${JSON.stringify(address)}`);
      const [table, key] = host.startsWith("*.")
        ? ([this.#suffixes, host.slice(1)] as const)
        : ([this.#exact, host] as const);
      const name = key.toLowerCase();
      table.set(name, [...(table.get(name) ?? []), address]);
    }
  }

  addressesOf(name: string): readonly string[] | null {
    const exact = this.#exact.get(name);
    if (exact !== undefined) return exact;
    for (const [suffix, addresses] of this.#suffixes) if (name.endsWith(suffix)) return addresses;
    return null;
  }
}
