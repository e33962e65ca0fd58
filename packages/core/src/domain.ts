import { getDomain } from "tldts";

/**
 * The domain that shares one gate: the registrable domain, counting private suffixes. So `www.example.com` and
 * `example.com` are one, two sites of `webflow.io` are two. A host without one (an address, a bare name) is its own.
 */
export function domainOf(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  return getDomain(name, { allowPrivateDomains: true }) ?? name;
}
