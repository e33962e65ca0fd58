import { get } from "./api.ts";
import type { Fleet, Job, JobSummary } from "./wire.ts";

export interface LiveEvents {
  job: JobSummary;
  "job-view": Job;
  fleet: Fleet;
  /** Null: one of those whose names are not for everybody. */
  domain: { readonly domain: string | null };
  /** What is shown may be old: read it anew. */
  reset: Record<string, never>;
}
type Name = keyof LiveEvents;

export type LiveState = "connecting" | "open" | "lost";

const NAMES: readonly Name[] = ["job", "job-view", "fleet", "domain", "reset"];
/** A page that nobody looks at gives its connection back: a browser has six for all its tabs. */
const HIDDEN_MS = 20_000;
const RETRY_MS = 3_000;

/**
 * The one stream of events of this page. A broken one is opened again from where it was, so nothing is missed; what
 * cannot be told again (a restart of everything) is a `reset`.
 */
class Live {
  state: LiveState = "connecting";
  #source: EventSource | undefined;
  #last: string | undefined;
  #job: string | undefined;
  #timer: number | undefined;
  #isOn = false;
  readonly #listeners = new Map<Name, Set<(data: never) => void>>();
  readonly #onState = new Set<() => void>();

  start(): void {
    this.#isOn = true;
    this.#open();
    document.addEventListener("visibilitychange", this.#onVisibility);
    // What the page before left open would count against the browser's few connections.
    addEventListener("pagehide", this.#close);
    addEventListener("pageshow", this.#onVisibility);
  }

  stop(): void {
    this.#isOn = false;
    this.#last = undefined;
    this.#close();
    document.removeEventListener("visibilitychange", this.#onVisibility);
    removeEventListener("pagehide", this.#close);
    removeEventListener("pageshow", this.#onVisibility);
  }

  on<N extends Name>(name: N, listener: (data: LiveEvents[N]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (data: never) => void);
    return () => void listeners.delete(listener as (data: never) => void);
  }

  onState(listener: () => void): () => void {
    this.#onState.add(listener);
    return () => void this.#onState.delete(listener);
  }

  /** One job with all that is known of it, while it is shown. */
  follow(job: string): () => void {
    this.#job = job;
    this.#open();
    return () => {
      if (this.#job !== job) return;
      this.#job = undefined;
      this.#open();
    };
  }

  #open(): void {
    if (!this.#isOn) return;
    this.#close();
    const query = new URLSearchParams();
    if (this.#last !== undefined) query.set("since", this.#last);
    if (this.#job !== undefined) query.set("job", this.#job);
    const source = new EventSource(`/v1/events?${query}`);
    this.#source = source;
    source.onopen = () => this.#become("open");
    source.onerror = () => this.#lost(source);
    for (const name of NAMES)
      source.addEventListener(name, (event) => {
        if (event.lastEventId !== "") this.#last = event.lastEventId;
        this.#tell(name, JSON.parse(event.data));
      });
  }

  /** The browser comes back by itself when a connection breaks, but not after an answer that is an error. */
  #lost(source: EventSource): void {
    this.#become("lost");
    if (source.readyState !== EventSource.CLOSED) return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(async () => {
      // Says whether we are still signed in, and signs us out where we are not.
      await get("/v1/jobs?limit=1").catch(() => {});
      if (this.#source === source) this.#open();
    }, RETRY_MS);
  }

  readonly #close = (): void => {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  };

  readonly #onVisibility = (): void => {
    clearTimeout(this.#timer);
    if (document.visibilityState === "hidden") this.#timer = window.setTimeout(this.#close, HIDDEN_MS);
    else if (this.#source === undefined) this.#open();
  };

  #become(state: LiveState): void {
    const isBack = state === "open" && this.state === "lost";
    this.state = state;
    for (const listener of this.#onState) listener();
    // Jobs are told again from where we were; of domains and alerts only who is there hears.
    if (isBack) this.#tell("domain", { domain: null });
  }

  #tell<N extends Name>(name: N, data: LiveEvents[N]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as (data: LiveEvents[N]) => void)(data);
  }
}

export const live = new Live();
