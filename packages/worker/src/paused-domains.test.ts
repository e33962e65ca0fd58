import { silentLog } from "@bee/core";
import { beforeEach, expect, test } from "@jest/globals";
import { DomainPausedError, PausedDomains } from "./paused-domains.ts";

let now = 0;
let paused: string[] = [];
let reads = 0;
let read: () => Promise<string[]>;
let domains: PausedDomains;

beforeEach(() => {
  now = 10_000;
  paused = [];
  reads = 0;
  read = async () => paused;
  domains = new PausedDomains({
    readPaused: () => {
      reads += 1;
      return read();
    },
    log: silentLog,
    now: () => now,
  });
});

const request = (domain = "a.test", before: () => void = () => {}) =>
  domains.unlessPaused(domain, async (check) => {
    before();
    check();
    return "sent";
  });

test("a domain that is paused gets no request, and others do", async () => {
  paused = ["a.test"];
  await expect(request()).rejects.toThrow(DomainPausedError);
  await expect(request()).rejects.toThrow("a.test was paused by an operator");
  expect(await request("b.test")).toBe("sent");
});

test("one that is paused during the wait at its gate gets none either", async () => {
  await expect(request("a.test", () => domains.hear("a.test", true))).rejects.toThrow(DomainPausedError);
});

test("many requests share a look at Postgres, and what it said holds for half a second", async () => {
  await Promise.all([request(), request("b.test"), request("c.test")]);
  now += 499;
  await request();
  expect(reads).toBe(1);
  now += 1;
  await request();
  expect(reads).toBe(2);
});

test("what was missed is read", async () => {
  expect(await request()).toBe("sent");
  paused = ["a.test"];
  now += 500;
  await expect(request()).rejects.toThrow(DomainPausedError);
  paused = [];
  now += 500;
  expect(await request()).toBe("sent");
});

test("a read that began before something was heard does not undo it, a later one does", async () => {
  read = async () => {
    domains.hear("a.test", true);
    return [];
  };
  await expect(request()).rejects.toThrow(DomainPausedError);
  read = async () => [];
  now += 500;
  expect(await request()).toBe("sent");
});

test("while Postgres is away what is known holds", async () => {
  paused = ["a.test"];
  await expect(request()).rejects.toThrow(DomainPausedError);
  read = () => Promise.reject(new Error("connection refused"));
  now += 1_000;
  await expect(request()).rejects.toThrow(DomainPausedError);
  expect(await request("b.test")).toBe("sent");
});
