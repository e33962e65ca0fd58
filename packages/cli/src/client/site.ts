import { parseTarget } from "@bee/core";

/** A site as the API is told of it. */
export type Site = { readonly url: string } | { readonly domain: string };

/**
 * A site that a person names: by a URL, or by a bare domain that means its home page over https, at a port too.
 * @throws BeeError `invalid-url`, by the API's own rule, before anybody is asked.
 */
export function parseSite(text: string): Site {
  const site = siteOf(text);
  parseTarget(site);
  return site;
}

function siteOf(text: string): Site {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { url: text };
  return /^[^/]+:\d+$/.test(text) ? { url: `https://${text}` } : { domain: text };
}
