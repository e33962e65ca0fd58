import type { Problem } from "../http/problem.ts";
import { checkAnswer } from "./check-answer.ts";

export interface AskOptions {
  readonly method?: string;
  /** Sent as Bearer; null sends no key. */
  readonly key?: string | null;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; any, because tests say by their expectations what they take it for. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly json: any;
}

export type Ask = (path: string, options?: AskOptions) => Promise<Answer>;

/** Asks one API as one caller, and holds every answer against the description of the API. */
export function asker(url: string, defaultKey: string | null): Ask {
  return async (path, options = {}) => {
    const {
      json,
      key = defaultKey,
      method = json === undefined && options.body === undefined ? "GET" : "POST",
    } = options;
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...options.headers,
      },
      body: json === undefined ? (options.body ?? null) : JSON.stringify(json),
    });
    const text = await response.text();
    const { status, headers } = response;
    const [type = ""] = (headers.get("content-type") ?? "").split(";");
    const parsed = /[/+]json/.test(type) && text !== "" ? JSON.parse(text) : undefined;
    checkAnswer({ method, path: path.split("?", 1)[0]!, status, type, json: parsed });
    return { status, headers, text, json: parsed };
  };
}

/** An answer as the problem that it must be. */
export function problemIn(answer: Answer): Problem & { readonly code: string } {
  const type = answer.headers.get("content-type") ?? "";
  if (!type.startsWith("application/problem+json"))
    throw new Error(`expected a problem, got ${type}: ${answer.text}`);
  const problem = answer.json as Problem;
  return { ...problem, code: problem.type.replace("urn:bee:problem:", "") };
}
