import type { IncomingMessage } from "node:http";

/** The host a request asks for, in lower case and without port: the key of virtual hosts. */
export function hostNameOf(request: IncomingMessage): string {
  return (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
}
