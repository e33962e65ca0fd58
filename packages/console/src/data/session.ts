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
