import type { ClosedReason, Refusal } from "@bee/core";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import { giveUp } from "./give-up.ts";
import type { Release } from "./release.ts";
import type { Plea } from "./settle.ts";

/**
 * Closes a domain for whom no visit does it: an expansion that may not go on.
 * @returns the wake for the domain's opening; whoever acts on that finds the expansion's turn.
 */
export async function closeDomain(
  db: Database,
  name: string,
  forMs: number,
  reason: ClosedReason,
): Promise<Release> {
  const { release } = await inDomains(db, [name], async ({ domains }) => {
    for (const domain of domains) {
      domain.close(forMs, reason);
      domain.failed();
    }
  });
  return release;
}

/** The opening is what brings the expansion back, so there is one also after a `Retry-After: 0`. */
const LEAST_MS = 100;

export interface HeldBack {
  readonly refused: Refusal;
  /** Which answer it was. */
  readonly reason: string;
  /** Of the rule that it was asked under. */
  readonly revision: number;
}

/**
 * Gives a domain the quiet that it asked for in answer to a robots.txt or a sitemap. It comes back as slowly, and is left
 * alone for as much longer each time, as when it turns a page away.
 * @param random between 0 and 1, for the length of the quiet.
 */
export async function quietDomain(
  db: Database,
  name: string,
  { refused, reason, revision }: HeldBack,
  random: () => number = Math.random,
): Promise<{ readonly plea: Plea; readonly release: Release }> {
  const { value: forMs, release } = await inDomains(db, [name], async (held) => {
    const [domain] = held.domains;
    if (domain === undefined) return 0;
    const refusal = { type: "hand-back", closed: "retry-after", delayMs: 0, reason, refused } as const;
    const quietMs = domain.judge(refusal, { revision, inTime: false, random: random() });
    domain.close(LEAST_MS, "retry-after");
    domain.failed();
    await giveUp(held, []);
    return quietMs;
  });
  return { plea: { domain: name, forMs, reason }, release };
}
