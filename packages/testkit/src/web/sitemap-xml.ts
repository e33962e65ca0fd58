const NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9";

/** A sitemap of pages, in the sitemaps.org format. */
export function sitemapXml(urls: readonly string[]): string {
  return document("urlset", "url", urls);
}

/** A sitemap index: a sitemap of sitemaps. */
export function sitemapIndexXml(urls: readonly string[]): string {
  return document("sitemapindex", "sitemap", urls);
}

function document(root: string, item: string, urls: readonly string[]): string {
  const items = urls.map((url) => `  <${item}><loc>${escapeXml(url)}</loc></${item}>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">\n${items.join("")}</${root}>\n`;
}

/** Text made safe for XML and HTML, in elements and in quoted attributes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
