import type { KeyRecord } from "@bee/store";
import { expect, test } from "@jest/globals";
import { keysText } from "./keys-text.ts";
import { plain } from "./paint.ts";

const key = (changes: Partial<KeyRecord>): KeyRecord => ({
  id: "01a207a2-36d3-76e7-a6e9-21644bcea641",
  name: "Ada",
  plan: "standard",
  readOnly: false,
  ownerId: null,
  createdAt: new Date("2026-01-01T00:00:00Z"),
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  ...changes,
});

test("a table says what each key may do, until when, and when it was used last", () => {
  const keys = [
    key({ lastUsedAt: new Date("2026-01-02T03:04:05Z") }),
    key({ name: "screen", plan: "operator", readOnly: true, expiresAt: new Date("2026-03-01T00:00:00Z") }),
    key({ name: "old", expiresAt: new Date("2026-01-01T00:00:00Z") }),
    key({ name: "lost", revokedAt: new Date("2026-01-01T00:00:00Z") }),
  ];
  const text = keysText(keys, { width: 100, paint: plain }, new Date("2026-02-01T00:00:00Z"));
  expect(text.replaceAll("01a207a2-36d3-76e7-a6e9-21644bcea641", "<id>")).toBe(
    [
      "id                                    plan                 state             last used         name",
      "<id>  standard             good              2026-01-02 03:04  Ada",
      "<id>  operator, read-only  until 2026-03-01  never             screen",
      "<id>  standard             expired           never             old",
      "<id>  standard             revoked           never             lost",
      "",
    ].join("\n"),
  );
});
