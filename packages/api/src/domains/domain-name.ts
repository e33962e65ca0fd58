import { BeeError, domainOf, parseTarget, show } from "@bee/core";
import type { Request } from "express";

/**
 * The domain that a path names.
 * @throws BeeError `invalid-url` for what is no host name; `invalid-request` for a host that shares another's gate.
 */
export function readDomainName(request: Request): string {
  const text = String(request.params["domain"]);
  const host = readHost(text);
  const domain = domainOf(host);
  if (domain === host) return domain;
  const detail = `expected a domain, got ${show(text)}, which shares the gate of ${domain}; ask for /v1/domains/${domain}`;
  throw new BeeError("invalid-request", detail, { parts: [{ pointer: "/domain", detail }] });
}

function readHost(text: string): string {
  try {
    return parseTarget({ domain: text }).hostname;
  } catch (error) {
    if (!(error instanceof BeeError)) throw error;
    const parts = [{ pointer: "/domain", detail: error.message }];
    throw new BeeError(error.code, error.message, { parts, cause: error });
  }
}
