import type { CacheVerdict } from "./cache-verdict.ts";

/**
 * Reads Cache-Status (RFC 9211): one member per cache, the one nearest to the visitor last:
 * `Origin; hit, "Edge 7"; fwd=miss; stored`. As between headers, a cache that passes everything on or says nothing does
 * not hide the one behind it.
 */
export function readCacheStatus(value: string): CacheVerdict {
  // Strings may hold commas and semicolons; what they say is for people. One that is not closed reaches to the end.
  const unquoted = value.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)/g, "name");
  // Netlify writes `hit, fwd=stale`, of which the latter is no cache.
  const members = unquoted.replace(/,\s*(?=fwd=)/g, ";").split(",");
  let verdict: CacheVerdict = "none";
  for (const member of members.reverse()) {
    const own = verdictOf(member);
    if (own === "none") continue;
    if (own !== "bypass") return own;
    verdict = own;
  }
  return verdict;
}

function verdictOf(member: string): CacheVerdict {
  if (!member.includes(";")) return "none";
  const parameters = new Map<string, string | undefined>();
  for (const part of member.split(";").slice(1)) {
    const [name, value] = part.trim().toLowerCase().split("=", 2);
    parameters.set(name!, value);
  }
  const forwarded = parameters.get("fwd");
  // A boolean: `hit` and `hit=?1` say yes, `hit=?0` says no.
  if (parameters.has("hit") && (parameters.get("hit") ?? "?1") === "?1") {
    // A stale copy that was served all the same, by its negative time to live or because it is being renewed.
    const stale = forwarded === "stale" || /^-\d*[1-9]/.test(parameters.get("ttl") ?? "");
    return stale ? "expired" : "hit";
  }
  if (forwarded === undefined) return "none";
  if (forwarded === "bypass" || forwarded === "method") return "bypass";
  return forwarded === "stale" ? "expired" : "miss";
}
