import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ask } from "../web/ask.ts";
import { type Control, startControl } from "./control.ts";
import { type DemoSite, startDemoSite } from "./demo-site.ts";

let site: DemoSite;
let control: Control;

beforeEach(async () => {
  site = await startDemoSite({ originDelayMs: 0 });
  control = await startControl(site);
  await ask(site.url);
  await site.log.idle();
});
afterEach(async () => {
  await control.stop();
  await site.stop();
});

async function call(method: string, path: string): Promise<{ status: number; json: unknown }> {
  const reply = await fetch(new URL(path, control.url), { method });
  return { status: reply.status, json: await reply.json() };
}

test("shows and forgets the log, and does not appear in it", async () => {
  const { status, json } = await call("GET", "/log");
  expect(status).toBe(200);
  expect(json).toEqual(site.log.entries);
  expect(json).toMatchObject([{ path: "/", cache: "stored" }]);
  expect((await call("DELETE", "/log")).status).toBe(200);
  expect((await call("GET", "/log")).json).toEqual([]);
});

test("purges the edge", async () => {
  expect((await call("POST", "/purge")).status).toBe(200);
  expect((await ask(site.url)).headers["cache-status"]).toBe("garden-edge; fwd=uri-miss; stored");
});

test("tells what a right report says", async () => {
  expect((await call("GET", "/expected")).json).toEqual(site.expected);
});

test("names what it can do when asked for something else", async () => {
  expect(await call("GET", "/purge")).toEqual({
    status: 404,
    json: { expected: ["GET /log", "DELETE /log", "POST /purge", "GET /expected"], got: "GET /purge" },
  });
});
