import type { ClientRequest, IncomingMessage } from "node:http";

/**
 * An answer that is complete stays so, whatever the server says after it: a body longer than announced, a body of a
 * 304. Every browser shows such a page, but Node reports the bytes behind it as an error of the request, where they
 * come in the same packet. It has closed the connection then, so nothing of them is taken for the next answer.
 */
export function hearNoMore(request: ClientRequest): void {
  const emit = request.emit.bind(request) as (event: string, ...values: unknown[]) => boolean;
  let answer: IncomingMessage | undefined;
  request.emit = (event: string, ...values: unknown[]) => {
    if (event === "response") answer = values[0] as IncomingMessage;
    return event === "error" && answer?.complete === true ? true : emit(event, ...values);
  };
}
