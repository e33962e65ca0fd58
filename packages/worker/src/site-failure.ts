import type { RobotsRecord } from "@bee/crawl";

/** As a person says that nobody is there; the other ways to fail are answers that are none. */
const NO_ANSWER =
  /^expected an answer from \S+, got: (the connection was (?:refused|never accepted)|there is no route to it|the name servers did not answer) \(/;

/** Why a site whose robots.txt cannot be read is not checked, beginning with what a reader can act on. */
export function siteFailure({ origin, httpStatus, reason }: Omit<RobotsRecord, "body">): string {
  const { hostname, host } = new URL(origin);
  if (httpStatus !== null) {
    return `robots.txt answered ${httpStatus}, and as long as it does nothing may be fetched`;
  }
  if (reason === null) return "robots.txt cannot be read";
  if (reason.includes("(ENOTFOUND)")) return `${hostname} does not exist: is it spelled right?`;
  const met = NO_ANSWER.exec(reason)?.[1];
  return met === undefined ? `robots.txt cannot be read: ${reason}` : `${host} does not answer: ${met}`;
}
