import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import { sharedCacheControl, sharedMaxAge } from "./cache-control.ts";

/** Statuses that caches keep without being told to (RFC 9110 section 15.1), and 304, which renews what is kept. */
const CACHEABLE_STATUSES = new Set([200, 203, 204, 206, 300, 301, 304, 308, 404, 405, 410, 414, 501]);

/**
 * Platforms that take their own cache directives out of the answer. What is left of Cache-Control (by default
 * `public, max-age=0, must-revalidate`) speaks to browsers and says nothing of their cache.
 */
const STRIPPING_PLATFORMS = ["x-vercel-cache", "x-nf-request-id"];

/** Why no shared cache will keep this answer, as one sentence that names the header; null when nothing says so. */
export function uncacheableReason(headers: AnswerHeaders, status: number): string | null {
  return (
    storageForbidden(headers) ??
    lifetimeForbidden(headers) ??
    personal(headers) ??
    varies(headers) ??
    uncacheableStatus(headers, status)
  );
}

function storageForbidden(headers: AnswerHeaders): string | null {
  const control = sharedCacheControl(headers);
  if (control === null) {
    return /\bno-cache\b/i.test(headerOf(headers, "pragma") ?? "")
      ? "Pragma: no-cache asks caches not to serve it"
      : null;
  }
  for (const directive of ["no-store", "private"]) {
    // `private="set-cookie"` withholds one field and leaves the rest to caches.
    if (control.directives.get(directive) === "")
      return `${title(control.header)}: ${directive} forbids shared caches to keep it`;
  }
  return null;
}

function lifetimeForbidden(headers: AnswerHeaders): string | null {
  if (STRIPPING_PLATFORMS.some((name) => headers[name] !== undefined)) return null;
  const control = sharedCacheControl(headers);
  if (control === null) return expired(headers);
  const maxAge = sharedMaxAge(control.directives);
  if (control.directives.get("no-cache") === "" && !control.directives.has("s-maxage")) {
    return `${title(control.header)}: no-cache makes caches ask the origin every time`;
  }
  // `max-age=0, stale-while-revalidate=60` is a common way to say: serve the old copy, renew it behind.
  const servesStale = Number(control.directives.get("stale-while-revalidate") ?? 0) > 0;
  if (maxAge !== null && maxAge <= 0 && !servesStale) {
    const name = control.directives.has("s-maxage") ? "s-maxage" : "max-age";
    return `${title(control.header)}: ${name}=${maxAge} makes it stale at once`;
  }
  return null;
}

/** `Expires: 0` and `-1` are no dates and mean "already expired" (RFC 9111 section 5.3). */
function expired(headers: AnswerHeaders): string | null {
  const expires = headerOf(headers, "expires");
  if (expires === null) return null;
  const until = /[a-z]/i.test(expires) ? Date.parse(expires) : Number.NaN;
  const from = Date.parse(headerOf(headers, "date") ?? "");
  const isPast = Number.isNaN(until) || (!Number.isNaN(from) && until <= from);
  return isPast ? `Expires: ${expires} makes it stale at once` : null;
}

function personal(headers: AnswerHeaders): string | null {
  return headerOf(headers, "set-cookie") === null
    ? null
    : "Set-Cookie makes it personal, so shared caches do not keep it";
}

function varies(headers: AnswerHeaders): string | null {
  const names = (headerOf(headers, "vary") ?? "").split(",").map((name) => name.trim());
  return names.includes("*") ? "Vary: * makes every request a different one" : null;
}

function uncacheableStatus(headers: AnswerHeaders, status: number): string | null {
  if (CACHEABLE_STATUSES.has(status)) return null;
  const control = sharedCacheControl(headers);
  if (control !== null && (sharedMaxAge(control.directives) ?? 0) > 0) return null;
  return `Status ${status} is not kept by caches unless a header gives it a lifetime`;
}

/** `cdn-cache-control` as people write it: `CDN-Cache-Control`. */
function title(header: string): string {
  return header.replace(/\bcdn\b|\b[a-z]/g, (part) => part.toUpperCase());
}
