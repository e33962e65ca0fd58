import { domainOf, type RuleBook, ruleFor, throttleOf } from "@bee/core";
import { type Admit, FetchError, type HttpAnswer } from "@bee/crawl";
import type { Breakers, GateRule, Gates } from "@bee/queue";
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
}

/** Failures that say that the domain is down. A missing name or a forbidden address does not, nor an abort of ours. */
const DOWN: ReadonlySet<string> = new Set(["connect", "tls", "timeout", "protocol"]);

/** An answer of 500 or more, on its way past the breaker. */
class ServerError extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`answered ${answer.status}`);
    this.answer = answer;
  }
}

/** What opens the circuit of a domain. */
export function isDomainFailure(error: unknown): boolean {
  return error instanceof ServerError || (error instanceof FetchError && DOWN.has(error.kind));
}

/** What another domain has to say to a job is out of reach while that is paused; the job need not wait for it. */
function failWherePaused(error: unknown): never {
  throw error instanceof DomainPausedError ? new FetchError("connect", error.message, error) : error;
}

/**
 * The way of every request of a worker, whatever it is for: the domain's breaker, then its gate, then the web. The
 * breaker comes first, so that a request to a dead domain does not use up a place at the gate.
 */
export class Admission {
  readonly #options: AdmissionOptions;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Admits requests on behalf of a job's domain, whose rule is known. A hop to another domain passes that one's gate.
   * The returned function rejects with what the request rejects with, or with CircuitOpenError, JobStoppedError,
   * DomainPausedError, or the purpose's abort reason; the latter also while it waits at the gate.
   */
  for(domain: string, rule: GateRule, purpose?: Purpose): Admit {
    return async (url, request) => {
      const target = domainOf(url.hostname);
      const targetRule = target === domain ? rule : await this.#ruleOf(target);
      const { pausedDomains, platforms } = this.#options;
      const sent = pausedDomains.unlessPaused(target, (check) => {
        const unlessPaused = () => {
          check();
          return request();
        };
        return this.#send(target, targetRule, this.#unlessOver(purpose, unlessPaused), purpose?.signal);
      });
      const answer = await (target === domain ? sent : sent.catch(failWherePaused));
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
    rule: GateRule,
    request: () => Promise<HttpAnswer>,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> {
    const { breakers, gates } = this.#options;
    try {
      return await breakers.fire(domain, async () => {
        const answer = await untilAborted(gates.pass(domain, rule, request), signal);
        // One that asks for patience is up, and polite.
        if (answer.status >= 500 && throttleOf(answer, Date.now()) === null) throw new ServerError(answer);
        return answer;
      });
    } catch (error) {
      if (error instanceof ServerError) return error.answer;
      throw error;
    }
  }

  async #ruleOf(domain: string): Promise<GateRule> {
    const known = await readRule(this.#options.db, domain);
    return known ?? { rule: ruleFor(domain, this.#options.rules), revision: 0 };
  }
}
