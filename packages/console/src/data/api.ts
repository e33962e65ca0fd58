/** An answer that is an error, in the words of the API. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  /** What is wrong with which field, by its JSON pointer. */
  readonly faults: Readonly<Record<string, string>>;

  constructor(status: number, title: string, detail: string, faults: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.title = title;
    this.faults = faults;
  }
}

interface Problem {
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Told when the session is over. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      0,
      "The API does not answer",
      "Is the fleet running? This page tries again by itself.",
    );
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = await problemIn(response);
  if (response.status === 401 && path !== "/v1/session") onSignedOut();
  const faults = Object.fromEntries((problem.errors ?? []).map(({ pointer, detail }) => [pointer, detail]));
  throw new ApiError(response.status, problem.title, problem.detail ?? problem.title, faults);
}

async function problemIn(response: Response): Promise<Problem> {
  try {
    return (await response.json()) as Problem;
  } catch {
    return { title: `The API answered ${response.status}` };
  }
}

export const get = <T>(path: string, signal?: AbortSignal) => request<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body?: unknown) => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, body);
export const remove = <T>(path: string) => request<T>("DELETE", path);

/** A path with those parameters that have a value. */
export function withQuery(
  path: string,
  parameters: Readonly<Record<string, string | null | undefined>>,
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}
