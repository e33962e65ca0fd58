import { createHmac } from "node:crypto";

/** A message as it is signed. */
export interface SignedMessage {
  /** The same for each try to deliver it, so that a receiver can tell that it has it already. */
  readonly id: string;
  /** Seconds since the epoch, of this try: a receiver refuses what is too old. */
  readonly timestamp: number;
  readonly body: string;
}

const PREFIX = "whsec_";
/** Bytes, by the scheme. */
const SECRET_BYTES = { least: 24, most: 64 };

/** Whether a text is a secret of the scheme: `whsec_` and 24 to 64 bytes in base64. */
export function isWebhookSecret(text: string): boolean {
  if (!text.startsWith(PREFIX)) return false;
  const encoded = text.slice(PREFIX.length);
  const key = Buffer.from(encoded, "base64");
  const isBase64 = key.toString("base64").replace(/=+$/, "") === encoded.replace(/=+$/, "");
  return isBase64 && key.length >= SECRET_BYTES.least && key.length <= SECRET_BYTES.most;
}

/**
 * The headers that let a receiver know who sent a message and when (standardwebhooks.com, version 1.0.0): the signature
 * is `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.
 * @param secret as {@link isWebhookSecret} accepts it.
 */
export function signWebhook(secret: string, { id, timestamp, body }: SignedMessage): Record<string, string> {
  const key = Buffer.from(secret.slice(PREFIX.length), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${signature}`,
  };
}
