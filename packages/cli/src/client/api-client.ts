import { messageOf } from "@bee/core";
import { BEE } from "../command-name.ts";
import { CommandError } from "../exit-codes.ts";
import { type Fields, REPORT_FIELDS, type WireReport } from "./wire.ts";

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

  /**
   * @param fields by which the answer is known to be a fleet's.
   * @param signal gives up before the answer has come.
   */
  async get<T extends object>(path: string, fields: Fields<T>, signal?: AbortSignal): Promise<T> {
    return this.#read(await this.#request("GET", path, { signal }), fields);
  }

  /** What a job has found: of a million pages it takes a while. */
  async report(job: string): Promise<WireReport> {
    const answer = await this.#request("GET", `/v1/jobs/${job}/report`, { patience: LONG_ANSWER_MS });
    return this.#read(answer, REPORT_FIELDS);
  }

  /** A report's text, piece by piece as it comes. @param path of the job. */
  async streamReport(path: string, format: string): Promise<AsyncIterable<Uint8Array>> {
    const answer = await this.#request("GET", `${path}/report?format=${format}`, {
      patience: LONG_ANSWER_MS,
    });
    if (isHtml(answer) && format !== "html") throw this.#stranger("an HTML page");
    return answer.body!;
  }

  /** @param fields and signal as with `get`. */
  async post<T extends object>(
    path: string,
    fields: Fields<T>,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<T> {
    return this.#read(await this.#request("POST", path, { body, signal }), fields);
  }

  /** Removes what a path names. */
  async remove(path: string): Promise<void> {
    await this.#request("DELETE", path);
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

  async #read<T extends object>(response: Response, fields: Fields<T>): Promise<T> {
    const text = await this.#textOf(response);
    if (isHtml(response)) throw this.#stranger("an HTML page");
    if (text.trim() === "") throw this.#stranger("an empty answer");
    const value = parsed(text);
    if (value === undefined) throw this.#stranger("what is not JSON");
    if (!fields.every((field) => Object.hasOwn(value ?? {}, field)))
      throw this.#stranger("JSON of something else");
    return value as T;
  }

  async #textOf(response: Response): Promise<string> {
    try {
      return await response.text();
    } catch (cause) {
      const reason = messageOf((cause as Error).cause ?? cause);
      throw new ApiAway(
        `expected a whole answer of the API at ${this.url}, got a part of it (${reason})`,
        undefined,
        cause,
      );
    }
  }

  async #problemOf(response: Response): Promise<CommandError> {
    const { status } = response;
    const { title, detail } = problemIn(parsed(await this.#textOf(response)));
    const words = detail ?? title;
    if (words !== undefined) return new ApiProblem(status, words);
    const stranger = this.#stranger(
      isHtml(response) ? `an HTML page with status ${status}` : `an answer ${status} of something else`,
    );
    // Before a fleet that restarts there may be a proxy that says so in its own way.
    return status >= 500 ? new ApiProblem(status, stranger.message) : stranger;
  }

  #stranger(got: string): CommandError {
    return new CommandError(`expected the API of a fleet at ${this.url}, got ${got}`);
  }
}

function isHtml(response: Response): boolean {
  return /\bhtml\b/.test(response.headers.get("content-type") ?? "");
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemIn(value: unknown): { readonly title?: string; readonly detail?: string } {
  const { title, detail } = (value ?? {}) as Record<string, unknown>;
  return {
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof detail === "string" ? { detail } : {}),
  };
}

/** The fetch standard keeps HTTP clients away from the ports of some other protocols, such as 6000 and 6667. */
function blockedPort(url: string, cause: unknown): CommandError {
  return new CommandError(
    `expected the API at a port that HTTP clients may use, got ${url}, which the fetch standard blocks; choose another port with BEE_PORT or --api`,
    undefined,
    cause,
  );
}
