import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { ApiError } from "./api.ts";
import { type LiveEvents, type LiveState, live } from "./live.ts";

export interface Resource<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** When the data came, by this machine's clock. */
  readonly at: number;
  readonly reload: () => void;
  readonly set: (change: (data: T) => T) => void;
}

/** Something that is read from the API: again when its path changes, and when it is asked to. */
export function useResource<T>(
  path: string | null,
  read: (path: string, signal: AbortSignal) => Promise<T>,
): Resource<T> {
  const [state, setState] = useState<{ path: string | null; data?: T; error?: ApiError; at: number }>({
    path: null,
    at: 0,
  });
  const [turn, setTurn] = useState(0);
  const reader = useRef(read);
  reader.current = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn reads the same path again
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    reader.current(path, abort.signal).then(
      (data) => !abort.signal.aborted && setState({ path, data, at: Date.now() }),
      (error: ApiError) =>
        !abort.signal.aborted &&
        setState((before) => ({
          path,
          at: before.at,
          error,
          ...(before.path === path && before.data !== undefined ? { data: before.data } : {}),
        })),
    );
    return () => abort.abort();
  }, [path, turn]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  const set = useCallback((change: (data: T) => T) => {
    setState((before) =>
      before.data === undefined ? before : { ...before, data: change(before.data), at: Date.now() },
    );
  }, []);
  const isCurrent = state.path === path;
  // A resource that failed is tried again: the fleet may have been restarted.
  const failed =
    isCurrent && state.error !== undefined && (state.error.status === 0 || state.error.status >= 500);
  useEffect(() => {
    if (!failed) return;
    const timer = setTimeout(reload, 5_000);
    return () => clearTimeout(timer);
  }, [failed, reload]);
  return {
    data: isCurrent ? state.data : undefined,
    error: isCurrent ? state.error : undefined,
    at: state.at,
    reload,
    set,
  };
}

export function useLive<N extends keyof LiveEvents>(name: N, listener: (data: LiveEvents[N]) => void): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => live.on(name, (data) => latest.current(data)), [name]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => live.onState(listener),
    () => live.state,
  );
}

/** Calls at most once in so many milliseconds, and once more at the end where there were calls meanwhile. */
export function useThrottled(call: () => void, everyMs: number): () => void {
  const latest = useRef(call);
  latest.current = call;
  const timer = useRef<number | undefined>(undefined);
  const wanted = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) {
      wanted.current = true;
      return;
    }
    const run = () => {
      latest.current();
      timer.current = window.setTimeout(() => {
        timer.current = undefined;
        if (!wanted.current) return;
        wanted.current = false;
        timer.current = undefined;
        run();
      }, everyMs);
    };
    run();
  }, [everyMs]);
}

/** A text that follows another after a pause: what is typed is not asked for letter by letter. */
export function useSettled(text: string, ms = 250): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return settled;
}

/** The time, moving while somebody shows it. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
