import packageJson from "../package.json" with { type: "json" };

/** The name under which robots.txt files know a fleet that was given no other (RFC 9309 section 2.2.1). */
export const PRODUCT_TOKEN = "BlueBandedBee";

/** Who a fleet says it is. */
export interface Identity {
  /** The name that robots.txt groups match. */
  readonly productToken: string;
  /** Where the owner of a site reaches the operator; without it the requests say only what they are for. */
  readonly contactUrl: string | undefined;
}

/** What every request says of who makes it: `BlueBandedBee/0.1.0 (+https://example.com/bot; …)`. */
export function userAgentOf({ productToken, contactUrl }: Identity): string {
  const about = "cache warming on request of the site; keeps to robots.txt";
  return `${productToken}/${packageJson.version} (${contactUrl === undefined ? "" : `+${contactUrl}; `}${about})`;
}

/** For operators who gave no contact: a site's owner who cannot ask can only block. */
export const CONTACT_HINT =
  "requests name nobody to ask: set BEE_CONTACT_URL to a page or address where site owners reach you";
