import type { Key } from "@bee/store";
import type { Response } from "express";

/** Who a request comes from, once its key is known. */
export type Caller = Key;

export function rememberCaller(response: Response, caller: Caller): void {
  response.locals["caller"] = caller;
}

/** The caller, if the request got as far as showing a valid key. */
export function findCaller(response: Response): Caller | undefined {
  return response.locals["caller"] as Caller | undefined;
}

/** The caller, behind `requireKey`. */
export function callerOf(response: Response): Caller {
  return findCaller(response)!;
}

/** Whose jobs a caller sees: its own, or its owner's; all (undefined) for operators. */
export function scopeOf(caller: Caller): string | undefined {
  return caller.plan === "operator" ? undefined : (caller.ownerId ?? caller.id);
}
