import { domainOf, type RuleBook, ruleFor } from "@bee/core";
import { type Admit, FetchError, type HttpAnswer } from "@bee/crawl";
import type { Breakers, GateRule, Gates } from "@bee/queue";
import { type Database, readRule } from "@bee/store";

export interface AdmissionOptions {
  readonly db: Database;
  readonly gates: Gates;
  readonly breakers: Breakers;
  readonly rules: RuleBook;
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
   * The returned function rejects with what the request rejects with, or with CircuitOpenError.
   */
  for(domain: string, rule: GateRule): Admit {
    return async (url, request) => {
      const target = domainOf(url.hostname);
      return this.#send(target, target === domain ? rule : await this.#ruleOf(target), request);
    };
  }

  async #send(domain: string, rule: GateRule, request: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
    const { breakers, gates } = this.#options;
    try {
      return await breakers.fire(domain, async () => {
        const answer = await gates.pass(domain, rule, request);
        if (answer.status >= 500) throw new ServerError(answer);
        return answer;
      });
    } catch (error) {
      if (error instanceof ServerError) return error.answer;
      throw error;
    }
  }

  async #ruleOf(domain: string): Promise<GateRule> {
    return (
      (await readRule(this.#options.db, domain)) ?? {
        rule: ruleFor(domain, this.#options.rules),
        revision: 0,
      }
    );
  }
}
