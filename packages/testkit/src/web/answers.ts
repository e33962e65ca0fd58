import { gzipSync } from "node:zlib";
import { escapeXml, sitemapIndexXml, sitemapXml } from "./sitemap-xml.ts";

/** What a page says; everything has a default, so `{}` is an empty 200. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** How long the server thinks before it answers. */
  readonly delayMs?: number;
}

/** A page with links, each shown as the URL it leads to. */
export function html(title: string, links: readonly string[] = []): Answer {
  const anchors = links.map((link) => `<a href="${escapeXml(link)}">${escapeXml(link)}</a>`);
  const body = `<!doctype html><title>${escapeXml(title)}</title><h1>${escapeXml(title)}</h1>${anchors.join(" ")}`;
  return { headers: { "content-type": "text/html; charset=utf-8" }, body };
}

export function text(body: string, status = 200): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

export function redirect(to: string, status: 301 | 302 | 303 | 307 | 308 = 301): Answer {
  return { status, headers: { location: to } };
}

export function robotsTxt(...lines: readonly string[]): Answer {
  return text(`${lines.join("\n")}\n`);
}

export function sitemapOf(urls: readonly string[]): Answer {
  return xml(sitemapXml(urls));
}

export function sitemapIndexOf(urls: readonly string[]): Answer {
  return xml(sitemapIndexXml(urls));
}

function xml(body: string): Answer {
  return { headers: { "content-type": "application/xml" }, body };
}

/** A file that is gzip by itself (`sitemap.xml.gz`), not an answer compressed for the way. */
export function gzipFile(answer: Answer): Answer {
  return {
    ...answer,
    headers: { ...answer.headers, "content-type": "application/gzip" },
    body: gzipSync(answer.body ?? ""),
  };
}
