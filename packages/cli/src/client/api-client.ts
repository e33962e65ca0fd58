import { messageOf } from "@bee/core";
import { BEE } from "../command-name.ts";
import { CommandError } from "../exit-codes.ts";
import type { WireReport } from "./wire.ts";

/** An answer of the API that says why not (RFC 9457). */
export class ApiProblem extends CommandError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may work in a moment: a process that restarts, a store that is away. */
  get isPassing(): boolean {
    return this.status >= 500;
  }
}

/** Nobody answers at the API's address. */
export class ApiAway extends CommandError {
  readonly isPassing = true;
}

interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole answer. */
  readonly patience?: number;
}

/** Longer than the API gives its own stores. */
const TIMEOUT_MS = 30_000;

/** A report of a million pages takes a while, and a pager takes only what is read. */
const LONG_ANSWER_MS = 10 * 60_000;

/** The HTTP API, as the commands use it. */
export class ApiClient {
  readonly #locate: () => URL;
  readonly #key: string;

  /** @param locate where the API is now: a fleet that was started anew may be elsewhere. */
  constructor(locate: () => URL, key: string) {
    this.#locate = locate;
    this.#key = key;
  }

  /** Without the slash at its end. */
  get url(): string {
    return this.#locate().href.replace(/\/+$/, "");
  }

  /** @param signal gives up before the answer has come. */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await this.#request("GET", path, { signal })).json() as Promise<T>;
  }

  /** What a job has found: of a million pages it takes a while. */
  async report(job: string): Promise<WireReport> {
    const answer = await this.#request("GET", `/v1/jobs/${job}/report`, { patience: LONG_ANSWER_MS });
    return answer.json() as Promise<WireReport>;
  }

  /** The answer's body, piece by piece as it comes. */
  async stream(path: string): Promise<AsyncIterable<Uint8Array>> {
    const { body } = await this.#request("GET", path, { patience: LONG_ANSWER_MS });
    return body!;
  }

  /** @param signal as with `get`. */
  async post<T>(path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await this.#request("POST", path, { body, signal })).json() as Promise<T>;
  }

  /** @throws ApiAway where nobody answers, ApiProblem where the API says no. */
  async #request(
    method: string,
    path: string,
    { body, signal, patience = TIMEOUT_MS }: RequestOptions = {},
  ): Promise<Response> {
    const timeout = AbortSignal.timeout(patience);
    const response = await this.#fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
    if (!response.ok) throw await this.#problemOf(response);
    return response;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { url } = this;
    try {
      return await fetch(`${url}${path}`, init);
    } catch (cause) {
      const reason = messageOf((cause as Error).cause ?? cause);
      if (reason === "bad port") throw blockedPort(url, cause);
      throw new ApiAway(
        `no API answers at ${url} (${reason}); start the fleet with \`${BEE} up\`, or name another with --api`,
        undefined,
        cause,
      );
    }
  }

  async #problemOf(response: Response): Promise<CommandError> {
    const { status } = response;
    const isOurs = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    if (!isOurs) {
      return new ApiProblem(
        status,
        `expected the API of a fleet at ${this.url}, got an answer ${status} of something else`,
      );
    }
    const problem = (await response.json()) as Partial<Record<"title" | "detail", string>>;
    return new ApiProblem(status, problem.detail ?? problem.title ?? `the API answered ${status}`);
  }
}

/** The fetch standard keeps HTTP clients away from the ports of some other protocols, such as 6000 and 6667. */
function blockedPort(url: string, cause: unknown): CommandError {
  return new CommandError(
    `expected the API at a port that HTTP clients may use, got ${url}, which the fetch standard blocks; choose another port with BEE_PORT or --api`,
    undefined,
    cause,
  );
}
