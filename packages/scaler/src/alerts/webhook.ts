import { type AlertNotice, type ChannelSettings, messageOf, signWebhook, webhookBody } from "@bee/core";
import { type Channel, DELIVERY_MS } from "./channel.ts";
import { detailOf, headlineOf } from "./notice-text.ts";

type Settings<T extends ChannelSettings["type"]> = Extract<ChannelSettings, { readonly type: T }>;

/** A signed POST of the notice (Standard Webhooks), with the same body as the webhooks of keys. */
export function webhookChannel({ url, secret }: Settings<"webhook">): Channel {
  return ({ id, notice }, signal) => {
    const body = webhookBody(notice.type, notice.timestamp, notice.data);
    const timestamp = Math.floor(Date.now() / 1_000);
    return post(url, body, signWebhook(secret, { id, timestamp, body }), signal);
  };
}

/** Slack's incoming webhooks, and what is compatible with them. */
export function slackChannel({ url }: Settings<"slack">): Channel {
  return ({ notice }, signal) => post(url, JSON.stringify({ text: slackText(notice) }), {}, signal);
}

/** In Slack's markup these three begin links and mentions. */
function slackText(notice: AlertNotice): string {
  const text = `*${headlineOf(notice)}*\n${detailOf(notice)}`;
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The operator chose the address, so it may be a private one; where a redirect leads, somebody else has chosen. */
async function post(
  url: string,
  body: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const response = await send(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(DELIVERY_MS)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}

async function send(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    // fetch says only that it failed; its cause says why.
    throw new Error(messageOf((error as Error).cause ?? error));
  }
}
