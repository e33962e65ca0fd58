import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import { createLogger } from "./logger.ts";

/** A stream that remembers, as a file or as a terminal. */
function sink(isTTY: boolean) {
  let text = "";
  const stream = new PassThrough().on("data", (chunk) => {
    text += chunk;
  });
  return { stream: Object.assign(stream, { isTTY }) as unknown as NodeJS.WriteStream, read: () => text };
}

test("away from a terminal, each line is a JSON value with who, when and what", async () => {
  const { stream, read } = sink(false);
  const log = createLogger({ name: "worker", level: "info", stream });
  log.info("ready", { slots: 200, pid: 7 });
  log.debug("not asked for");
  await log.flush();
  expect(read().endsWith("}\n")).toBe(true);
  expect(JSON.parse(read())).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    level: "info",
    process: { name: "worker", pid: process.pid },
    message: "ready",
    slots: 200,
    pid: 7,
  });
});

test("on a terminal, lines are short", async () => {
  const { stream, read } = sink(true);
  const log = createLogger({ name: "api", level: "debug", stream });
  log.warn("Redis is not reachable", { error: "ECONNREFUSED", tries: 3, none: undefined });
  await log.flush();
  expect(stripVTControlCharacters(read())).toMatch(
    new RegExp(
      `^\\d\\d:\\d\\d:\\d\\d api ${process.pid} *  ?Redis is not reachable error=ECONNREFUSED tries=3\\n$`,
    ),
  );
});

test.each([true, false])("errors are told, secrets are not (terminal: %p)", async (isTTY) => {
  const { stream, read } = sink(isTTY);
  const log = createLogger({ name: "api", level: "info", stream });
  log.error("cannot reach postgres://bee:hunter2@h/bee", {
    error: new Error("no"),
    headers: { cookie: "hunter2" },
  });
  await log.flush();
  expect(read()).toContain("logger.test.ts");
  expect(read()).not.toContain("hunter2");
});
