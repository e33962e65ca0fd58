import { domainOf, type Refusal, type Throttle, throttleOf } from "@bee/core";
import type { Admit } from "@bee/crawl";
import { DomainClosedError } from "@bee/queue";

/** The site answered a robots.txt or a sitemap by asking for quiet: a file that is held back is not a bad one. */
export class HeldBackError extends DomainClosedError {
  readonly refused: Refusal;

  constructor(domain: string, { delayMs, askedMs, reason }: Throttle) {
    const closing = { domain, reason: "retry-after", because: reason, forMs: delayMs } as const;
    super({ ...closing, openings: 0, hopeless: false });
    this.refused = { askedMs };
  }
}

/** Admits in the same way, and throws HeldBackError where the domain wants quiet: the file is asked for again then. */
export function unlessHeldBack(admit: Admit, domain: string): Admit {
  return async (url, request) => {
    const answer = await admit(url, request);
    const throttle = domainOf(url.hostname) === domain ? throttleOf(answer, Date.now()) : null;
    if (throttle !== null) throw new HeldBackError(domain, throttle);
    return answer;
  };
}
