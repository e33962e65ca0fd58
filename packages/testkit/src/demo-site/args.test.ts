import { expect, test } from "@jest/globals";
import { parseMainArgs } from "./args.ts";

test("nothing given leaves everything to the site's defaults", () => {
  expect(parseMainArgs([])).toEqual({ withParent: false });
});

test("every option reaches the site", () => {
  const line =
    "--host 127.0.0.1 --listen 0.0.0.0 --port 8080 --log x.jsonl --slow-ms 100 --origin-delay-ms 0 --with-parent";
  expect(parseMainArgs(line.split(" "))).toEqual({
    host: "127.0.0.1",
    address: "0.0.0.0",
    port: 8080,
    logFile: "x.jsonl",
    slowMs: 100,
    originDelayMs: 0,
    withParent: true,
  });
});

test.each([
  ["--port=65536", 'expected --port to be a whole number from 0 to 65535, got "65536"'],
  ["--port=", 'expected --port to be a whole number from 0 to 65535, got ""'],
  ["--slow-ms=1e3", 'expected --slow-ms to be a whole number from 0 to 3600000, got "1e3"'],
  ["--colour=red", "Unknown option '--colour'"],
  ["garden", "Unexpected argument 'garden'"],
])("%s is refused", (argument, message) => {
  expect(() => parseMainArgs([argument])).toThrow(message);
});
