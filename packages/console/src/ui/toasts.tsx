import { useSyncExternalStore } from "react";
import { ApiError } from "../data/api.ts";

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: "ok" | "broken";
}

let toasts: readonly Toast[] = [];
let next = 0;
const listeners = new Set<() => void>();
const SHOWN_MS = 6_000;

function change(to: readonly Toast[]): void {
  toasts = to;
  for (const listener of listeners) listener();
}

export function say(text: string, tone: Toast["tone"] = "ok"): void {
  const toast = { id: next++, text, tone };
  // What went well is said one at a time; what did not stays until it could be read.
  change([...toasts.filter((before) => before.tone === "broken").slice(-2), toast]);
  setTimeout(() => change(toasts.filter(({ id }) => id !== toast.id)), SHOWN_MS);
}

/** Does something and says what came of it. @returns whether it was done. */
export async function attempt(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work();
    say(done);
    return true;
  } catch (error) {
    say(error instanceof ApiError ? `${error.title}: ${error.message}` : String(error), "broken");
    return false;
  }
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <p key={id} className={`notice tone-${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
