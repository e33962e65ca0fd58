import { once } from "node:events";
import { type ChannelSettings, within } from "@bee/core";
import { createTransport } from "nodemailer";
import { type Channel, DELIVERY_MS } from "./channel.ts";
import { detailOf, headlineOf } from "./notice-text.ts";

/** A mail for each notice, over a connection of its own: alerts are rare. */
export function emailChannel({
  smtp,
  from,
  to,
}: Extract<ChannelSettings, { readonly type: "email" }>): Channel {
  const transport = createTransport({
    url: smtp,
    connectionTimeout: DELIVERY_MS,
    greetingTimeout: DELIVERY_MS,
    socketTimeout: DELIVERY_MS,
    dnsTimeout: DELIVERY_MS,
  });
  return async ({ id, notice }, signal) => {
    const { name, firedAt, reading, threshold } = notice.data;
    const sent = transport.sendMail({
      from,
      to: [...to],
      subject: `Blue Banded Bee: ${headlineOf(notice)}`,
      messageId: `<${id}@blue-banded-bee>`,
      text: `${detailOf(notice)}\n\n${name}: ${reading}, fires above ${threshold}\nsince ${firedAt}\n`,
    });
    const over = new AbortController();
    try {
      await within(2 * DELIVERY_MS, "the mail server", Promise.race([sent, givenUp(signal, over.signal)]));
    } finally {
      over.abort();
    }
  };
}

/** nodemailer takes no signal: its socket is left to its own timeouts. */
async function givenUp(signal: AbortSignal, over: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort", { signal: over });
  throw signal.reason;
}
