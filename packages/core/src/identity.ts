/** The name under which robots.txt files know this fleet (RFC 9309 section 2.2.1). */
export const PRODUCT_TOKEN = "BlueBandedBee";

/** What every request says of who makes it. */
export const USER_AGENT = `${PRODUCT_TOKEN}/0.1 (cache warming on request of the site; keeps to robots.txt)`;
