import {
  domainOf,
  HEALTH_DOMAIN,
  messageOf,
  type RuleBook,
  type RuleInForce,
  ruleFor,
  throttleOf,
} from "@bee/core";
import { type Admit, FetchError, type HttpAnswer } from "@bee/crawl";
import { type Breakers, DomainClosedError, type Gates, type Verdict } from "@bee/queue";
import { type Database, readRule } from "@bee/store";
import { DomainPausedError, type PausedDomains } from "./paused-domains.ts";
import type { Platforms } from "./platforms.ts";
import { JobStoppedError, type StoppedJobs } from "./stopped-jobs.ts";
import { untilAborted } from "./until-aborted.ts";

export interface AdmissionOptions {
  readonly db: Database;
  readonly gates: Gates;
  readonly breakers: Breakers;
  readonly stoppedJobs: StoppedJobs;
  readonly pausedDomains: PausedDomains;
  readonly platforms: Platforms;
  readonly rules: RuleBook;
}

/** What requests are made for: once it is over, none of them is sent any more. */
export interface Purpose {
  readonly job: string;
  readonly signal: AbortSignal;
  /** Done before each request, when the gate has let it through. */
  readonly onStart?: (() => Promise<void>) | undefined;
  /** The page has failed before: another 5xx tells of the page and not of its domain. */
  readonly again?: boolean;
}

/** Failures that say that the domain is down. A missing name or a forbidden address does not, nor an abort of ours. */
const DOWN: ReadonlySet<string> = new Set(["connect", "tls", "timeout", "protocol"]);

/** What a request says of its domain: whether it is up, down, or wants quiet. */
export function verdictOf(result: PromiseSettledResult<HttpAnswer>, again = false): Verdict {
  if (result.status === "rejected") {
    const { reason } = result;
    const isDown = reason instanceof FetchError && DOWN.has(reason.kind);
    return isDown ? { type: "failed", failure: messageOf(reason) } : { type: "no-news" };
  }
  const throttle = throttleOf(result.value, Date.now());
  // One that asks for patience is up, and polite.
  if (throttle !== null && throttle.delayMs > 0) {
    return { type: "throttled", forMs: throttle.delayMs, plea: throttle.reason };
  }
  const { status } = result.value;
  return status >= 500 && throttle === null
    ? { type: "failed", failure: `answered ${status}`, ...(again ? { again } : {}) }
    : { type: "answered" };
}

/** What another domain has to say to a job is out of reach while that is paused or closed; the job need not wait for it. */
function failWhereShut(error: unknown): never {
  const isShut = error instanceof DomainPausedError || error instanceof DomainClosedError;
  throw isShut ? new FetchError("connect", error.message, error) : error;
}

/** Of our own API no circuit opens: a check that comes back minutes after what it checks would tell a lie. */
const NO_NEWS: Verdict = { type: "no-news" };

/** No site leads a worker to our own API: its robots.txt may name sitemaps anywhere. */
function requireOwn(target: string, domain: string): void {
  if (target !== HEALTH_DOMAIN || domain === HEALTH_DOMAIN) return;
  throw new FetchError("address", `expected a public site, got ${HEALTH_DOMAIN}, which is the fleet's own`);
}

/**
 * The way of every request of a worker, whatever it is for: the domain's breaker, then its gate, then the web. The
 * breaker is asked before, so that a request to a closed domain does not use up a place at the gate, and again in the
 * place, because the domain may have been closed while the request waited for it.
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Admits requests on behalf of a job's domain, whose rule is known. A hop to another domain passes that one's gate.
   * The returned function rejects with what the request rejects with, or with DomainClosedError, JobStoppedError,
   * DomainPausedError, or the purpose's abort reason; the latter also while it waits at the gate.
   */
  for(domain: string, rule: RuleInForce, purpose?: Purpose): Admit {
    return async (url, request) => {
      const target = domainOf(url.hostname);
      requireOwn(target, domain);
      const targetRule = target === domain ? rule : await this.#ruleOf(target);
      const { pausedDomains, platforms } = this.#options;
      const sent = pausedDomains.unlessPaused(target, (check) => {
        const unlessPaused = () => {
          check();
          return request();
        };
        return this.#send(target, targetRule, this.#unlessOver(purpose, unlessPaused), purpose);
      });
      const answer = await (target === domain ? sent : sent.catch(failWhereShut));
      platforms.see(target, answer.headers);
      return answer;
    };
  }

  /** The wait at the gate may be long enough for the job to be paused or cancelled or the worker to be stopped. */
  #unlessOver(purpose: Purpose | undefined, request: () => Promise<HttpAnswer>): () => Promise<HttpAnswer> {
    if (purpose === undefined) return request;
    return async () => {
      if (this.#options.stoppedJobs.has(purpose.job)) throw new JobStoppedError();
      purpose.signal.throwIfAborted();
      await purpose.onStart?.();
      return request();
    };
  }

  async #send(
    domain: string,
    rule: RuleInForce,
    request: () => Promise<HttpAnswer>,
    { signal, again }: Partial<Purpose> = {},
  ): Promise<HttpAnswer> {
    const { breakers, gates } = this.#options;
    await untilAborted(breakers.requireOpen(domain), signal);
    const judge: typeof verdictOf = domain === HEALTH_DOMAIN ? () => NO_NEWS : verdictOf;
    const inPlace = () => breakers.send(domain, request, (result) => judge(result, again));
    return untilAborted(gates.pass(domain, rule, inPlace), signal);
  }

  async #ruleOf(domain: string): Promise<RuleInForce> {
    const known = await readRule(this.#options.db, domain);
    return known ?? { rule: ruleFor(domain, this.#options.rules), revision: 0 };
  }
}
