import { BeeError, show } from "@bee/core";
import type { Request } from "express";

/** Whether a method changes nothing (RFC 9110, 9.2.1); OPTIONS is answered with the methods there are. */
export function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/**
 * Keeps pages of other sites from ordering something in the name of whoever is signed in here. Browsers say where an order
 * comes from: over TLS by `Sec-Fetch-Site`, else by `Origin`. What sends neither is no browser, and sends no cookie against
 * its user's will.
 * @throws BeeError `forbidden`
 */
export function requireOwnOrigin(request: Request): void {
  if (isSafe(request.method)) return;
  const site = request.get("sec-fetch-site");
  const origin = request.get("origin");
  if (site !== undefined) {
    if (site === "same-origin" || site === "none") return;
    throw new BeeError(
      "forbidden",
      `expected a request of this site's own pages, got one that is ${show(site)}`,
    );
  }
  if (origin === undefined || URL.parse(origin)?.host === request.host) return;
  throw new BeeError("forbidden", `expected a request of this site's own pages, got one of ${show(origin)}`);
}
