/** Ways to show a key. Browsers can send only Basic (any user name, the key as password). */
export type Scheme = "Bearer" | "Basic";

export type Credentials =
  | { readonly type: "secret"; readonly scheme: Scheme; readonly secret: string }
  /** Why there is no secret, as the detail of an error. */
  | { readonly type: "none"; readonly problem: string };

/** The key in an Authorization header, shown in one of the accepted ways. */
export function readCredentials(header: string | undefined, accepted: readonly Scheme[]): Credentials {
  const expected = `expected an Authorization header of the form "${accepted.join(" … or ")} …"`;
  if (header === undefined) return { type: "none", problem: `${expected}, got none` };
  const [, name = "", token = ""] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? [];
  const scheme = accepted.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const secret = scheme === "Basic" ? passwordIn(token) : token;
  if (scheme === undefined || secret === "")
    return { type: "none", problem: `${expected}, got another form` };
  return { type: "secret", scheme, secret };
}

/** RFC 7617: base64 of `user:password`; a password may hold colons, a user name may not. */
function passwordIn(token: string): string {
  const pair = Buffer.from(token, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon === -1 ? "" : pair.slice(colon + 1);
}
