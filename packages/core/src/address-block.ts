import ipaddr from "ipaddr.js";

/**
 * Who an address is taken for where requests are counted: itself, and of IPv6 its network of 64 bits, for that is what
 * one customer has and may take any address of.
 */
export function addressBlock(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")}::/64`;
}
