import * as z from "zod";
import { ALERT_NAMES, type AlertName, type AlertRule, DEFAULT_ALERT_RULES, SEVERITIES } from "./alert.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { expecting, show } from "./expectation.ts";
import { isWebhookSecret } from "./webhook-signature.ts";

/** Where alerts are told, besides the log. */
export type ChannelSettings =
  | { readonly type: "webhook"; readonly url: string; readonly secret: string }
  | { readonly type: "slack"; readonly url: string }
  | {
      readonly type: "email";
      readonly smtp: string;
      readonly from: string;
      readonly to: readonly string[];
    };

/** An alert as it is watched. */
export interface WatchedAlert extends AlertRule {
  /** Names of the channels that are told. */
  readonly channels: readonly string[];
}

export interface AlertSettings {
  /** Those that are watched. */
  readonly alerts: Readonly<Partial<Record<AlertName, WatchedAlert>>>;
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly remindMs: number;
}

/** More often it would be noise: who was told knows it. */
const LEAST_REMIND_MS = 3_600_000;
const MOST_REMIND_MS = 7 * 24 * 3_600_000;
const MOST_FOR_MS = 24 * 3_600_000;

const duration = (least: number, most: number, example: string) => {
  const what = `a duration from ${formatDuration(least)} to ${formatDuration(most)} such as ${example}`;
  return z.string({ error: expecting(what) }).transform((text, context) => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= least && ms <= most) return ms;
    context.addIssue(expecting(what)({ input: text }));
    return z.NEVER;
  });
};

const url = (example: string, ...schemes: string[]) => {
  // What was got may hold a password.
  const error = `expected a URL such as ${example}`;
  return z
    .string({ error })
    .max(2_048, { error: "expected at most 2048 characters" })
    .refine((text) => schemes.includes(URL.parse(text)?.protocol ?? ""), { error });
};

const webUrl = url("https://example.com/hook", "https:", "http:");

/** No line breaks: they would begin another header. */
const mailAddress = z
  .string()
  .max(320)
  .regex(/^[^\r\n]*[^\s@<]+@[^\s@>]+>?$/, { error: expecting("a mail address such as ops@example.com") });

const channel = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("webhook"),
      url: webUrl,
      secret: z.string().refine(isWebhookSecret, {
        error: "expected whsec_ and 24 to 64 bytes in base64, as `openssl rand -base64 32` prints them",
      }),
    }),
    z.strictObject({ type: z.literal("slack"), url: webUrl }),
    z.strictObject({
      type: z.literal("email"),
      smtp: url("smtp://user:password@mail.example.com:587", "smtp:", "smtps:"),
      from: mailAddress,
      to: z.array(mailAddress).min(1).max(50),
    }),
  ],
  { error: "expected a type of webhook, slack or email" },
);

const limit = z.number().min(0);

const watched = z.strictObject({
  enabled: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
  above: limit.optional(),
  backTo: limit.optional(),
  for: duration(0, MOST_FOR_MS, "2m").optional(),
  channels: z.array(z.string()).max(50).optional(),
});

const CHANNEL_NAME = /^[a-z0-9-]{1,40}$/;

const watchedByName = Object.fromEntries(ALERT_NAMES.map((name) => [name, watched.optional()])) as Record<
  AlertName,
  z.ZodOptional<typeof watched>
>;

/** The file that `BEE_ALERTS` names. */
export const alertSettingsSchema = z
  .strictObject({
    channels: z.record(z.string(), channel).default({}),
    remindEvery: duration(LEAST_REMIND_MS, MOST_REMIND_MS, "4h").default(LEAST_REMIND_MS),
    alerts: z.strictObject(watchedByName).default({}),
  })
  .transform(({ channels, remindEvery, alerts }, context): AlertSettings => {
    const all = Object.keys(channels);
    for (const name of all.filter((name) => !CHANNEL_NAME.test(name))) {
      const message = `expected a name of lower-case letters, digits and hyphens, got ${show(name)}`;
      context.addIssue({ code: "custom", message, path: ["channels", name] });
    }
    const entries: [AlertName, WatchedAlert][] = [];
    for (const name of ALERT_NAMES) {
      const preset = DEFAULT_ALERT_RULES[name];
      const { enabled = true, for: forMs = preset.forMs, ...given } = alerts[name] ?? {};
      if (!enabled) continue;
      const { severity = preset.severity, above = preset.above, channels: told = all } = given;
      // Who moves the one threshold keeps the proportion of the two.
      const backTo = given.backTo ?? preset.backTo * (above / (preset.above || 1));
      const complain = (field: string, message: string) =>
        context.addIssue({ code: "custom", message, path: ["alerts", name, field] });
      if (backTo > above)
        complain("backTo", `expected at most ${above}, above which it fires, got ${backTo}`);
      for (const unknown of told.filter((channel) => !all.includes(channel))) {
        complain("channels", `expected names of channels, got ${show(unknown)}, which none of them has`);
      }
      entries.push([name, Object.freeze({ severity, above, backTo, forMs, channels: told })]);
    }
    return Object.freeze({ alerts: Object.fromEntries(entries), channels, remindMs: remindEvery });
  });

/** Without a file: every alert with its default rule, told in the log alone. */
export const DEFAULT_ALERT_SETTINGS: AlertSettings = alertSettingsSchema.parse({});
