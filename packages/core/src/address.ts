import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Networks that may be crawled although they are not public, in CIDR form (`BEE_ALLOW_PRIVATE`). */
export type AllowedNetworks = readonly string[];

/**
 * Whether the fleet may connect to an address: public unicast, or inside a network the operator allowed.
 * IPv4 addresses in IPv6 clothes (`::ffff:127.0.0.1`) are judged as the IPv4 address they reach.
 */
export function isAllowedAddress(address: string, allowed: AllowedNetworks): boolean {
  if (isIP(address) === 0) return false;
  const ip = ipaddr.process(address);
  return isPublic(ip) || allowed.some((network) => contains(network, ip));
}

/**
 * The only IPv6 space that IANA has given out. Without it `::7f00:1`, which is how the URL parser writes
 * `[::127.0.0.1]`, would count as unicast.
 */
const GLOBAL_UNICAST = "2000::/3";

function isPublic(ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return ip.range() === "unicast" && (ip.kind() === "ipv4" || contains(GLOBAL_UNICAST, ip));
}

function contains(network: string, ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const range = ipaddr.parseCIDR(network);
  return range[0].kind() === ip.kind() && ip.match(range);
}

/** The address in a URL's host, without the brackets of IPv6; null when the host is a name. */
export function addressInHost(hostname: string): string | null {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? null : bare;
}

/** The address in a URL's host that the fleet may not connect to; null for names, which each worker judges itself. */
export function forbiddenAddress({ hostname }: URL, allowed: AllowedNetworks): string | null {
  const address = addressInHost(hostname);
  return address === null || isAllowedAddress(address, allowed) ? null : address;
}

/** Whether a text is a network such as `127.0.0.0/8`. */
export function isNetwork(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}

/** Whether an address is in a network. */
export function isInNetwork(address: string, network: string): boolean {
  return contains(network, ipaddr.process(address));
}
