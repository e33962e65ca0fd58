import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import { type Platform, ruleFor } from "./rate-rule.ts";

/**
 * The hosting platform that an answer's headers give away, for sites on domains of their own; null where nothing is
 * proved. A network in front, such as `server: cloudflare`, proves nothing: all three are behind it, and so are others.
 */
export function platformOf(headers: AnswerHeaders): Platform | null {
  if (isWebflow(headers)) return "webflow.io";
  if (isShopify(headers)) return "shopify.com";
  if (isWordPressCom(headers)) return "wordpress.com";
  return null;
}

/** The platform of a domain whose name does not say it already. */
export function platformBehind(domain: string, headers: AnswerHeaders): Platform | null {
  return ruleFor(domain, {}).source === "platform" ? null : platformOf(headers);
}

/** `example.com 5beab1239ac88487c3a6608f pageId:6489101ec0a2086ed38d5625`: others use surrogate keys, not this shape. */
const WEBFLOW_KEY = /^\S+ [0-9a-f]{24}\b.*\bpageId:[0-9a-f]{24}\b/;

function isWebflow(headers: AnswerHeaders): boolean {
  if (Object.keys(headers).some((name) => name.startsWith("x-wf-") || name.startsWith("x-webflow")))
    return true;
  return WEBFLOW_KEY.test(headerOf(headers, "surrogate-key") ?? "");
}

const SHOPIFY_HEADERS = ["x-shopid", "x-shopify-stage", "x-sorting-hat-shopid"];

function isShopify(headers: AnswerHeaders): boolean {
  if (SHOPIFY_HEADERS.some((name) => headerOf(headers, name) !== null)) return true;
  return headerOf(headers, "powered-by")?.toLowerCase() === "shopify";
}

/** `x-ac` is not enough, for Pressable and others of its owner's hosts send it too, and this rule is the fastest one. */
function isWordPressCom(headers: AnswerHeaders): boolean {
  const host = headerOf(headers, "host-header")?.toLowerCase();
  if (host !== undefined) return host === "wordpress.com";
  return headerOf(headers, "x-hacker")?.includes("automattic.com") ?? false;
}
