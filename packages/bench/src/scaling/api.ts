import type { Fleet, Job } from "./wire.ts";

const PATIENCE_MS = 10_000;

export interface Submission {
  readonly url: string;
  readonly maxPages: number;
  readonly region?: string;
}

/** The fleet's API, asked as an operator. */
export class Api {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  fleet(): Promise<Fleet> {
    return this.#ask("GET", "/v1/fleet");
  }

  desired(): Promise<{ workers: number }> {
    return this.#ask("GET", "/v1/fleet/desired");
  }

  job(id: string): Promise<Job> {
    return this.#ask("GET", `/v1/jobs/${id}`);
  }

  async submit(job: Submission): Promise<string> {
    const body = { ...job, priority: "normal", verify: "none" };
    return (await this.#ask<Job>("POST", "/v1/jobs", body)).id;
  }

  async pause(id: string): Promise<void> {
    await this.#ask("POST", `/v1/jobs/${id}/pause`);
  }

  async setRule(host: string, rule: object): Promise<void> {
    await this.#ask("PUT", `/v1/domains/${host}/rule`, rule);
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}
