import { createContext, useContext } from "react";
import type { Session } from "./wire.ts";

export const SessionContext = createContext<Session | null>(null);

export interface Rights extends Session {
  /** Sees everything, and where the key is not read-only orders it, too. */
  readonly isOperator: boolean;
  readonly mayChange: boolean;
}

export function useSession(): Rights {
  const session = useContext(SessionContext)!;
  return { ...session, isOperator: session.plan === "operator", mayChange: !session.readOnly };
}

/** Only that there may be a session: what it is worth stands in a cookie that no script can read. */
const KEPT_AS = "bee-signed-in";
export const wasSignedIn = () => localStorage.getItem(KEPT_AS) !== null;
export function noteSignedIn(isIn: boolean): void {
  if (isIn) localStorage.setItem(KEPT_AS, "yes");
  else localStorage.removeItem(KEPT_AS);
}
