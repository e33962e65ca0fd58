import { BeeError, type Config, forbiddenAddress, parseTarget } from "@bee/core";
import type { Site } from "../client/site.ts";
import { BEE } from "../command-name.ts";
import { CommandError } from "../exit-codes.ts";
import { findFleet } from "../up/fleet-claim.ts";

/**
 * The fleet is to be ours, so we know what it would refuse, seconds before it is there to do so.
 * @throws CommandError where the site is at a private address that the configuration does not allow.
 */
export function requireAllowed(site: Site, { allowPrivate }: Config): void {
  const address = forbiddenAddress(parseTarget(site), allowPrivate);
  if (address === null) return;
  throw new CommandError(
    `<url>: expected a public address, got ${address}; BEE_ALLOW_PRIVATE allows networks, such as ${address}/${address.includes(":") ? 128 : 32}`,
  );
}

/** @throws BeeError `cannot-start` when a fleet runs in the data directory: before anything else is said of it. */
export function requireNoFleet(dataDir: string): void {
  const fleet = findFleet(dataDir);
  if (fleet === undefined) return;
  const where = fleet.url === undefined ? "" : ` (${fleet.url})`;
  throw new BeeError(
    "cannot-start",
    `expected no fleet in ${dataDir}, got process ${fleet.supervisor.pid}${where}; use that one (${BEE} warm <url>), stop it, or set BEE_DATA_DIR to another directory`,
  );
}
