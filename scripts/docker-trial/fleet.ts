import { setTimeout as delay } from "node:timers/promises";

export interface Worker {
  readonly id: string;
  readonly host: string;
  readonly state: string;
  readonly sinceTakenMs: number | null;
}

export interface Job {
  readonly id: string;
  readonly domain: string;
  readonly status: string;
  readonly counts: Readonly<Record<string, number>>;
}

export interface Page {
  readonly url: string;
  readonly outcome: string | null;
}

const ANSWER_MS = 10_000;
const LOOK_EVERY_MS = 200;

/** The fleet as its users see it: through the API, from outside. */
export class Fleet {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async isReady(): Promise<boolean> {
    return this.#ask("/readyz").then(
      () => true,
      () => false,
    );
  }

  async workers(): Promise<Worker[]> {
    return (await this.#ask<{ workers: Worker[] }>("/v1/fleet")).workers;
  }

  submit(url: string): Promise<Job> {
    return this.#ask("/v1/jobs", { method: "POST", body: JSON.stringify({ url }) });
  }

  job(id: string): Promise<Job> {
    return this.#ask(`/v1/jobs/${id}`);
  }

  async pages(id: string): Promise<Page[]> {
    const pages: Page[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const path: string = `/v1/jobs/${id}/pages?limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`;
      const some = await this.#ask<{ pages: Page[]; nextCursor: string | null }>(path);
      pages.push(...some.pages);
      cursor = some.nextCursor;
    }
    return pages;
  }

  async #ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json() as Promise<T>;
  }
}

/**
 * Waits until something holds; an API that is away meanwhile is asked again.
 * @returns after how many seconds it held. @throws when it did not in time.
 */
export async function until(what: string, withinS: number, holds: () => Promise<boolean>): Promise<number> {
  const began = performance.now();
  const elapsedS = () => (performance.now() - began) / 1_000;
  while (!(await holds().catch(() => false))) {
    if (elapsedS() > withinS) throw new Error(`expected ${what} within ${withinS} s`);
    await delay(LOOK_EVERY_MS);
  }
  return elapsedS();
}
