import { expect, test } from "@jest/globals";
import { redact, redactText } from "./redact.ts";

const KEY = `bee_${"k".repeat(43)}`;

test.each([
  ["postgres://bee:hunter2@127.0.0.1:5432/bee", "postgres://bee:***@127.0.0.1:5432/bee"],
  ["redis://:hunter2@127.0.0.1:6379/0 is away", "redis://:***@127.0.0.1:6379/0 is away"],
  [`the key ${KEY} is unknown`, "the key bee_*** is unknown"],
  ["https://example.com/a:b@c", "https://example.com/a:b@c"],
  ["bee_worker_started", "bee_worker_started"],
])("%j", (text, expected) => {
  expect(redactText(text)).toBe(expected);
});

test("fields that are named like secrets are hidden, at any depth", () => {
  expect(
    redact({ url: "/", headers: { authorization: "Bearer x", accept: "*/*" }, adminKey: "x", key: 1 }),
  ).toEqual({
    url: "/",
    headers: { authorization: "***", accept: "*/*" },
    adminKey: "***",
    key: 1,
  });
});

test("errors become plain values, with their causes, and lose their secrets too", () => {
  const cause = Object.assign(new Error("connect redis://:pw@h/"), { code: "ECONNREFUSED" });
  const logged = redact({ error: new Error("away", { cause }) }) as { error: Record<string, unknown> };
  expect(logged.error).toMatchObject({
    name: "Error",
    message: "away",
    cause: { message: "connect redis://:***@h/", code: "ECONNREFUSED" },
  });
  expect(logged.error["stack"]).toContain("redact.test.ts");
});

test("nothing that JSON refuses is left", () => {
  const loop: Record<string, unknown> = { big: 1n, at: new Date(0) };
  loop["self"] = loop;
  expect(() => JSON.stringify(redact(loop))).not.toThrow();
  expect(redact({ big: 1n, at: new Date(0), none: null })).toEqual({
    big: "1",
    at: "1970-01-01T00:00:00.000Z",
    none: null,
  });
});
