import { BeeError, type Config, domainOf, forbiddenAddress, HEALTH_DOMAIN, parseTarget } from "@bee/core";
import type { Caller } from "../http/caller.ts";
import type { ValidJobRequest } from "./job-request.ts";

/** Where a job goes. */
export interface Target {
  readonly url: string;
  readonly domain: string;
  readonly webhookUrl: string | null;
}

/**
 * The URLs of a job request, in their canonical form. Addresses written out are judged here, so that the caller
 * learns of it at once; names are judged by each worker when it connects, for what they resolve to may change.
 * @throws BeeError `invalid-url`, `address-not-allowed`, or `forbidden`.
 */
export function readTarget(request: ValidJobRequest, caller: Caller, config: Config): Target {
  const { url, domain: name, webhookUrl } = request;
  const start = readUrl(url === undefined ? "/domain" : "/url", { url, domain: name }, config);
  const domain = domainOf(start.hostname);
  if (domain === HEALTH_DOMAIN && caller.plan !== "operator") {
    throw new BeeError("forbidden", `expected an operator's key for ${HEALTH_DOMAIN}, got ${caller.plan}`);
  }
  const webhook = webhookUrl === undefined ? null : readUrl("/webhookUrl", { url: webhookUrl }, config);
  return { url: start.href, domain, webhookUrl: webhook?.href ?? null };
}

/** A URL that somebody names, where the pointer says. @throws BeeError `invalid-url` or `address-not-allowed`. */
export function readUrl(pointer: string, text: Parameters<typeof parseTarget>[0], config: Config): URL {
  try {
    const url = parseTarget(text);
    requireAllowed(url, config);
    return url;
  } catch (error) {
    if (!(error instanceof BeeError)) throw error;
    const parts = [{ pointer, detail: error.message }];
    throw new BeeError(error.code, error.message, { parts, cause: error });
  }
}

function requireAllowed(url: URL, { allowPrivate }: Config): void {
  const address = forbiddenAddress(url, allowPrivate);
  if (address === null) return;
  throw new BeeError(
    "address-not-allowed",
    `expected a public address, got ${address}; the operator may allow its network in BEE_ALLOW_PRIVATE`,
  );
}
