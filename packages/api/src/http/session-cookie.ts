import type { CookieOptions, Request, Response } from "express";

const NAME = "bee_session";

/** What signs the request's browser in. */
export function readSessionCookie(request: Request): string | undefined {
  for (const pair of (request.get("cookie") ?? "").split(";")) {
    const [name = "", value = ""] = pair.trim().split("=", 2);
    if (name === NAME && value !== "") return value;
  }
  return undefined;
}

export function setSessionCookie(request: Request, response: Response, secret: string, expires: Date): void {
  response.cookie(NAME, secret, { ...attributesFor(request), expires });
}

export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(NAME, attributesFor(request));
}

/** Lax and not Strict: a link to a report, followed from a mail, shall open it. Orders are checked for their origin. */
function attributesFor(request: Request): CookieOptions {
  return { path: "/", httpOnly: true, sameSite: "lax", secure: request.secure };
}
