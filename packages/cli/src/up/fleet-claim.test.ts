import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identifyProcess } from "@bee/embedded";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { FleetClaim, findFleet } from "./fleet-claim.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bee-claim-"));
  file = join(folder, "fleet.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("tells other commands of the fleet while it runs", () => {
  expect(findFleet(folder)).toBeUndefined();
  const claim = new FleetClaim(folder);
  expect(claim.tookOver).toBe(false);
  expect(findFleet(folder)).toEqual({ supervisor: identifyProcess(process.pid) });
  claim.publish({ url: "http://127.0.0.1:3000", databaseUrl: "postgres://…" });
  expect(findFleet(folder)).toMatchObject({ url: "http://127.0.0.1:3000", databaseUrl: "postgres://…" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  claim.release();
  expect(findFleet(folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test("one fleet per directory: a second one is told who holds it and what to do", () => {
  const claim = new FleetClaim(folder);
  expect(() => new FleetClaim(folder)).toThrow(
    `expected ${folder} to be free, got a fleet that runs in it: process ${process.pid}; stop that one, or set BEE_DATA_DIR to another directory`,
  );
  claim.publish({ url: "http://127.0.0.1:3000" });
  expect(() => new FleetClaim(folder)).toThrow(`process ${process.pid} (http://127.0.0.1:3000);`);
  expect(readdirSync(folder)).toEqual(["fleet.json"]);
});

test("is taken over from a supervisor that died", async () => {
  const child = spawn("sleep", ["60"]);
  const record = JSON.stringify({ supervisor: identifyProcess(child.pid!) });
  writeFileSync(file, record);
  expect(() => new FleetClaim(folder)).toThrow(`process ${child.pid}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(findFleet(folder)).toBeUndefined();
  expect(new FleetClaim(folder).tookOver).toBe(true);
  expect(findFleet(folder)).toEqual({ supervisor: identifyProcess(process.pid) });
});

test("a pid that belongs to somebody else by now holds nothing", () => {
  writeFileSync(file, JSON.stringify({ supervisor: { pid: process.pid, startedAt: "long ago" } }));
  expect(findFleet(folder)).toBeUndefined();
  expect(new FleetClaim(folder).tookOver).toBe(true);
});

test("a record that was cut short holds nothing", () => {
  writeFileSync(file, '{"superv');
  expect(new FleetClaim(folder).tookOver).toBe(true);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ supervisor: identifyProcess(process.pid) });
});
