import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import { type ControlHeader, controlHeaders, sharedMaxAge } from "./cache-control.ts";

/** Something in an answer that speaks against keeping it. */
export interface Objection {
  /** One sentence that names the header. */
  readonly reason: string;
  /**
   * Whether every cache that goes by the headers must heed it. Else some keep the answer all the same, and only a second
   * visit can tell.
   */
  readonly binding: boolean;
}

/** Statuses that caches keep without being told to (RFC 9110 section 15.1), and 304, which renews what is kept. */
const CACHEABLE_STATUSES = new Set([200, 203, 204, 206, 300, 301, 304, 308, 404, 405, 410, 414, 501]);

/** Why no shared cache will keep this answer, the strongest reason of several; null when nothing says so. */
export function objectionTo(headers: AnswerHeaders, status: number): Objection | null {
  const controls = controlHeaders(headers);
  const objections = [
    controls.length > 0 ? fromControls(controls) : withoutControls(headers),
    personal(headers),
    varies(headers),
    uncacheableStatus(controls, status),
  ].filter((objection) => objection !== null);
  return objections.find(({ binding }) => binding) ?? objections[0] ?? null;
}

/** Caches differ in which of these headers they know, so it is binding only where all of them object. */
function fromControls(controls: readonly ControlHeader[]): Objection | null {
  const objections = controls.map((control) => storageForbidden(control) ?? lifetimeForbidden(control));
  const first = objections.find((objection) => objection !== null);
  if (first === undefined) return null;
  return { ...first, binding: objections.every((objection) => objection?.binding === true) };
}

function storageForbidden({ header, directives }: ControlHeader): Objection | null {
  for (const directive of ["no-store", "private"]) {
    const fields = directives.get(directive);
    if (fields === undefined) continue;
    const reason = `${title(header)}: ${directive} forbids shared caches to keep it`;
    // `private="set-cookie"` withholds one field and leaves the rest to caches; nginx keeps nothing then.
    return { reason, binding: fields === "" };
  }
  return null;
}

function lifetimeForbidden({ header, directives }: ControlHeader): Objection | null {
  const noCache = directives.get("no-cache");
  if (noCache !== undefined) {
    const reason = `${title(header)}: no-cache makes caches ask the origin every time`;
    // Some take an `s-maxage` beside it for the last word.
    return { reason, binding: noCache === "" && !directives.has("s-maxage") };
  }
  const maxAge = sharedMaxAge(directives);
  if (maxAge === null || maxAge > 0) return null;
  const name = directives.has("s-maxage") ? "s-maxage" : "max-age";
  // `max-age=0, stale-while-revalidate=60` is a common way to say: serve the old copy, renew it behind.
  const servesStale = Number(directives.get("stale-while-revalidate") ?? 0) > 0;
  return { reason: `${title(header)}: ${name}=${maxAge} makes it stale at once`, binding: !servesStale };
}

function withoutControls(headers: AnswerHeaders): Objection | null {
  // For requests: in an answer it has no meaning (RFC 9111 section 5.4), but some caches heed it.
  const pragma = /\bno-cache\b/i.test(headerOf(headers, "pragma") ?? "")
    ? { reason: "Pragma: no-cache asks caches not to serve it", binding: false }
    : null;
  return expired(headers) ?? pragma;
}

/** `Expires: 0` and `-1` are no dates and mean "already expired" (RFC 9111 section 5.3). */
function expired(headers: AnswerHeaders): Objection | null {
  const expires = headerOf(headers, "expires");
  if (expires === null) return null;
  const until = /[a-z]/i.test(expires) ? Date.parse(expires) : Number.NaN;
  const from = Date.parse(headerOf(headers, "date") ?? "");
  const isPast = Number.isNaN(until) || (!Number.isNaN(from) && until <= from);
  return isPast ? { reason: `Expires: ${expires.slice(0, 60)} makes it stale at once`, binding: true } : null;
}

function personal(headers: AnswerHeaders): Objection | null {
  if (headerOf(headers, "set-cookie") === null) return null;
  return { reason: "Set-Cookie makes it personal, so shared caches do not keep it", binding: true };
}

function varies(headers: AnswerHeaders): Objection | null {
  const names = (headerOf(headers, "vary") ?? "").split(",").map((name) => name.trim());
  return names.includes("*")
    ? { reason: "Vary: * makes every request a different one", binding: true }
    : null;
}

function uncacheableStatus(controls: readonly ControlHeader[], status: number): Objection | null {
  if (CACHEABLE_STATUSES.has(status)) return null;
  if (controls.some(({ directives }) => (sharedMaxAge(directives) ?? 0) > 0)) return null;
  return {
    reason: `Status ${status} is not kept by caches unless a header gives it a lifetime`,
    binding: true,
  };
}

/** `cdn-cache-control` as people write it: `CDN-Cache-Control`. */
function title(header: string): string {
  return header.replace("litespeed", "LiteSpeed").replace(/\bcdn\b|\b[a-z]/g, (part) => part.toUpperCase());
}
