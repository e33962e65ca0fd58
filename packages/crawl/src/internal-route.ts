import { isIP, type LookupFunction } from "node:net";
import { addressError, noSuchName } from "./guarded-lookup.ts";

/** The one name under which a service of our own is reached, where that is a private address, too. */
export interface InternalRoute {
  readonly host: string;
  /** Where the service listens now; null where nobody knows. */
  readonly find: () => Promise<{ readonly address: string; readonly port: number } | null>;
}

/**
 * The `lookup` of a socket to that name: it leads to the service's own address and port, and nowhere else.
 * @param port that the socket connects to.
 */
export function internalLookup(route: InternalRoute, port: number): LookupFunction {
  const find = async () => {
    const found = await route.find();
    if (found === null) throw noSuchName(route.host);
    if (found.port !== port) throw addressError(route.host, `port ${port}`);
    return { address: found.address, family: isIP(found.address) };
  };
  return (_host, options, callback) => {
    find().then(
      ({ address, family }) => {
        if (options.all === true) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
