import { SITEMAP_INDEX } from "./sitemaps.ts";

/** The site's robots.txt (RFC 9309). `pages.ts` marks the pages that these rules keep crawlers from. */
export function robotsTxt(baseUrl: string): string {
  return `# Banksia Garden. Bees and their friends are welcome; please do not trample the beds.

User-agent: GreedyScraper   # it took the whole journal, twice a day
Disallow: /

User-agent: *
Disallow: /checkout/
Allow: /checkout/delivery-rates   # the one page of the checkout that is worth finding
Disallow: /search
Disallow: /*/print$   # the same guides again, for paper

Sitemap: ${new URL(SITEMAP_INDEX, baseUrl)}
`;
}
