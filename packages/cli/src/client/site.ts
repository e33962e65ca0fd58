import { BeeError, parseTarget } from "@bee/core";

/** A site as the API is told of it. */
export type Site = { readonly url: string } | { readonly domain: string };

/**
 * A site that a person names: by a URL, or by a bare domain that means its home page over https, at a port too.
 * @throws BeeError `invalid-url`, by the API's own rule, before anybody is asked.
 */
export function parseSite(text: string): Site {
  const site = siteOf(text);
  parseTarget(site);
  if ("domain" in site && isWord(site.domain)) {
    throw new BeeError(
      "invalid-url",
      `expected a host name such as ${text}.com, got ${JSON.stringify(text)}; if the site has that very name, give its URL: https://${text}`,
    );
  }
  return site;
}

/** A name without a dot is more often half a name than one of this network. */
function isWord(domain: string): boolean {
  return /^[a-z0-9_-]+\.?$/i.test(domain) && !/^localhost\.?$/i.test(domain);
}

function siteOf(text: string): Site {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { url: text };
  return /^[^/]+:\d+$/.test(text) ? { url: `https://${text}` } : { domain: text };
}
