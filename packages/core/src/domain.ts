import { getDomain } from "tldts";
import { PLATFORM_RULES } from "./rate-rule.ts";

/**
 * The domain that shares one gate: the registrable domain, counting private suffixes. So `www.example.com` and
 * `example.com` are one, two sites of `webflow.io` are two. A host without one (an address, a bare name) is its own.
 */
export function domainOf(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, "");
  return siteOfPlatform(name) ?? getDomain(name, { allowPrivateDomains: true }) ?? name;
}

/** A platform gives each of its sites a subdomain, whether or not the public suffix list knows the platform. */
function siteOfPlatform(name: string): string | null {
  for (const platform of Object.keys(PLATFORM_RULES)) {
    if (!name.endsWith(`.${platform}`)) continue;
    const site = name
      .slice(0, -platform.length - 1)
      .split(".")
      .at(-1);
    return site === "www" ? platform : `${site}.${platform}`;
  }
  return null;
}
