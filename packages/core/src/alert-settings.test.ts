import { expect, test } from "@jest/globals";
import { ALERT_NAMES, DEFAULT_ALERT_RULES } from "./alert.ts";
import { DEFAULT_ALERT_SETTINGS } from "./alert-settings.ts";
import { parseConfig } from "./config.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const read = (content: unknown) =>
  parseConfig({ BEE_ALERTS: "alerts.json" }, () =>
    typeof content === "string" ? content : JSON.stringify(content),
  ).alerts;

function faults(content: unknown): string {
  try {
    read(content);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("expected it to be refused");
}

test("without a file every alert is watched by its default rule, and only the log is told", () => {
  expect(Object.keys(DEFAULT_ALERT_SETTINGS.alerts)).toEqual(ALERT_NAMES);
  expect(DEFAULT_ALERT_SETTINGS).toMatchObject({ channels: {}, remindMs: 3_600_000 });
  for (const name of ALERT_NAMES) {
    expect(DEFAULT_ALERT_SETTINGS.alerts[name]).toEqual({ ...DEFAULT_ALERT_RULES[name], channels: [] });
    const { above, backTo } = DEFAULT_ALERT_RULES[name];
    expect(backTo).toBeLessThanOrEqual(above);
  }
  expect(read({})).toEqual(DEFAULT_ALERT_SETTINGS);
});

test("the founding plan's severities hold", () => {
  expect(DEFAULT_ALERT_RULES.queue_depth_high.severity).toBe("warning");
  expect(DEFAULT_ALERT_RULES.response_time_high.severity).toBe("critical");
});

test("thresholds, channels and times are the operator's", () => {
  const channels = {
    pager: { type: "webhook", url: "http://10.0.0.7:8080/hook", secret: SECRET },
    chat: { type: "slack", url: "https://hooks.example.com/services/T0" },
    mail: {
      type: "email",
      smtp: "smtp://bee:hidden@mail.example.com:587",
      from: "Bee <bee@example.com>",
      to: ["ops@example.com"],
    },
  };
  const settings = read({
    channels,
    remindEvery: "4h",
    alerts: {
      queue_depth_high: { above: 100, backTo: 10, for: "5s", severity: "critical", channels: ["pager"] },
      response_time_high: { above: 10_000 },
      no_progress: { enabled: false },
    },
  });
  expect(settings.channels).toEqual(channels);
  expect(settings.remindMs).toBe(4 * 3_600_000);
  expect(settings.alerts.queue_depth_high).toEqual({
    severity: "critical",
    above: 100,
    backTo: 10,
    forMs: 5_000,
    channels: ["pager"],
  });
  expect(settings.alerts.response_time_high).toMatchObject({
    above: 10_000,
    backTo: 6_000,
    channels: ["pager", "chat", "mail"],
  });
  expect(settings.alerts).not.toHaveProperty("no_progress");
});

const withChannel = (channel: unknown) => ({ channels: { a: channel } });
const alert = (rule: unknown) => ({ alerts: { queue_depth_high: rule } });

test.each<[unknown, string]>([
  ['{"channels": "secret-of-mine', "BEE_ALERTS: expected a JSON file"],
  [[], "at the top: expected an object"],
  [{ alert: {} }, "expected one of channels, remindEvery or alerts, got alert"],
  [{ alerts: { queue_high: {} } }, "at alerts.queue_high: expected one of queue_depth_high, "],
  [alert({ above: "5" }), 'at alerts.queue_depth_high.above: expected a number, got "5"'],
  [alert({ above: -1 }), "expected at least 0, got -1"],
  [
    alert({ above: 5, backTo: 6 }),
    "at alerts.queue_depth_high.backTo: expected at most 5, above which it fires, got 6",
  ],
  [alert({ for: "soon" }), 'expected a duration from 0s to 1d such as 2m, got "soon"'],
  [alert({ for: 5 }), "expected a duration from 0s to 1d such as 2m, got 5"],
  [alert({ severity: "bad" }), 'expected one of warning or critical, got "bad"'],
  [alert({ channels: ["pager"] }), 'expected names of channels, got "pager", which none of them has'],
  [{ remindEvery: "10m" }, 'at remindEvery: expected a duration from 1h to 7d such as 4h, got "10m"'],
  [withChannel({ type: "pigeon" }), "at channels.a.type: expected a type of webhook, slack or email"],
  [
    withChannel({ type: "webhook", url: "https://x.example" }),
    "at channels.a.secret: expected a string, got nothing",
  ],
  [
    withChannel({ type: "webhook", url: "ftp://x.example", secret: SECRET }),
    "at channels.a.url: expected a URL such as",
  ],
  [
    withChannel({ type: "email", smtp: "smtp://x", from: "a@b", to: [] }),
    "at channels.a.to: expected at least 1 entry, got 0",
  ],
  [
    withChannel({ type: "email", smtp: "smtp://x", from: "a@b", to: ["a@b\nBcc: c@d"] }),
    "expected a mail address",
  ],
  [{ channels: { "My pager": { type: "slack", url: "https://x.example" } } }, "lower-case letters"],
])("refuses %j", (content, fault) => {
  expect(faults(content)).toContain(fault);
});

test("no fault shows a secret", () => {
  const secret = "whsec_tooshort";
  const said = [
    '{"secret": "whsec_tooshort", }',
    withChannel({ type: "webhook", url: "https://u:whsec_tooshort@", secret }),
    withChannel({ type: "slack", url: "whsec_tooshort" }),
    withChannel({ type: "email", smtp: "http://u:whsec_tooshort@x", from: "a@b", to: ["a@b"] }),
  ].map(faults);
  expect(said.join("\n")).not.toContain("tooshort");
});
