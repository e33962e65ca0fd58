import type { WireReport } from "../client/wire.ts";
import { BEE } from "../command-name.ts";

/** As the fleet says it of a server that does not answer as TLS servers do, or has none. */
const NO_TLS = /TLS handshake failed|connection was refused/;

/** What may be amiss with the call rather than with the site: a bare name means https, and some sites have none. */
export function hintsOf({ job, unreachable }: Pick<WireReport, "job" | "unreachable">): string[] {
  const reasons = [job.failure, ...unreachable.map(({ reason }) => reason)];
  if (!job.url.startsWith("https:") || !reasons.some((reason) => NO_TLS.test(reason ?? ""))) return [];
  return [`If the site speaks http, try: ${BEE} warm ${job.url.replace(/^https/, "http")}`];
}
