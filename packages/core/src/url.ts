import { BeeError } from "./errors.ts";
import { show } from "./expectation.ts";

/** Longer URLs are refused: sitemaps.org allows less, and servers cut them. */
export const MAX_URL_LENGTH = 2048;

/**
 * The one form in which a page's URL is stored and compared: as the WHATWG parser writes it, without fragment,
 * with percent-encoding in one form (RFC 3986 section 6.2.2: upper-case hex, unreserved characters plain).
 * Returns null for what is no http(s) URL, names a host that cannot be, carries credentials, or is too long.
 */
export function canonicalUrl(text: string, base?: string): string | null {
  if (text.length > MAX_URL_LENGTH) return null;
  const url = URL.parse(text, base);
  if (url === null || !isWebUrl(url) || url.username !== "" || url.password !== "") return null;
  url.hash = "";
  url.hostname = url.hostname.replace(/\.$/, "");
  if (!isHostName(url.hostname)) return null;
  url.pathname = normalizeEscapes(url.pathname);
  url.search = normalizeEscapes(url.search);
  return url.href.length > MAX_URL_LENGTH ? null : url.href;
}

function isWebUrl(url: URL): boolean {
  return (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "";
}

/** Whether a name server could know it (RFC 1035 section 2.3.4); the URL parser takes more, `*.example` too. */
function isHostName(hostname: string): boolean {
  if (hostname.startsWith("[")) return true; // an address, which the parser has checked
  return hostname.length <= 253 && hostname.split(".").every((label) => /^[a-z0-9_-]{1,63}$/.test(label));
}

function normalizeEscapes(text: string): string {
  return text.replace(/%[0-9a-fA-F]{2}/g, (encoded) => {
    const char = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(char) ? char : encoded.toUpperCase();
  });
}

/**
 * The start URL of a job, from what a person gave: a URL, or a bare domain that means its home page over https.
 * @throws BeeError `invalid-url` that says which rule the text breaks.
 */
export function parseTarget(target: {
  readonly url?: string | undefined;
  readonly domain?: string | undefined;
}): URL {
  const text = (target.url ?? target.domain ?? "").trim();
  if (text === "")
    throw invalidUrl(`expected ${target.domain === undefined ? URL_FORM : HOST_FORM}, got an empty text`);
  if (text.length > MAX_URL_LENGTH) {
    throw invalidUrl(`expected at most ${MAX_URL_LENGTH} characters, got ${text.length}`);
  }
  return target.url === undefined ? parseDomain(text) : parseUrl(text);
}

const URL_FORM = "a URL such as https://example.com/";
const HOST_FORM = "a host name such as example.com";

function parseDomain(text: string): URL {
  if (/:\d*$/.test(text)) {
    throw invalidUrl(
      `expected ${HOST_FORM}, without a port, got ${show(text)}; a site at a port is named by its url`,
    );
  }
  const url = URL.parse(`https://${text}/`);
  if (url === null || url.username !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw invalidUrl(`expected ${HOST_FORM}, got ${show(text)}`);
  }
  return parseUrl(url.href);
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null)
    throw invalidUrl(`expected an absolute URL such as https://example.com/, got ${show(text)}`);
  if (!isWebUrl(url)) throw invalidUrl(`expected http: or https:, got ${show(url.protocol)}`);
  if (url.username !== "" || url.password !== "") {
    throw invalidUrl("expected a URL without user name and password, got one with them");
  }
  if (!isHostName(url.hostname.replace(/\.$/, ""))) {
    throw invalidUrl(`expected ${HOST_FORM}, got ${show(url.hostname)}`);
  }
  const canonical = canonicalUrl(text);
  if (canonical === null)
    throw invalidUrl(`expected at most ${MAX_URL_LENGTH} characters once encoded, got more`);
  return new URL(canonical);
}

function invalidUrl(detail: string): BeeError {
  return new BeeError("invalid-url", detail);
}

/** A store's URL as it may be shown and logged. */
export function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (url === null) return "not a URL";
  url.password = "";
  return url.href;
}
