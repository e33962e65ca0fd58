import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@bee/core";
import { afterEach, expect, test } from "@jest/globals";
import express from "express";
import { answerProblems } from "../http/answer-problems.ts";
import { serveConsole } from "./console.ts";

let server: Server;
let folder: string;
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

/** A console of one page and one script, or one that is not built. */
async function start(isBuilt = true): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "bee-console-"));
  if (isBuilt) {
    mkdirSync(join(folder, "assets"));
    writeFileSync(join(folder, "index.html"), "<!doctype html><title>the console</title>");
    writeFileSync(join(folder, "assets", "main-abc.js"), "export {};");
  }
  const { assets, pages, home } = serveConsole(`${folder}/`);
  const app = express().use("/assets", assets).use(pages);
  app.get("/", home, (_request, response) => void response.json({ links: {} }));
  app.use(answerProblems(silentLog));
  server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const asked = (url: string, accept: string, method = "GET") => fetch(url, { method, headers: { accept } });
const BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

test.each(["/", "/jobs", "/jobs/01a20784-ed53-7797-b985-d13e61661cbe", "/fleet", "/domains/a.test"])(
  "%s is the console, which runs nothing that stands in it and loads nothing from elsewhere",
  async (path) => {
    const response = await asked((await start()) + path, BROWSER);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("the console");
    expect(response.headers.get("cache-control")).toBe("no-cache");
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; /);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  },
);

test("a program gets its links at /", async () => {
  const response = await asked(`${await start()}/`, "application/json");
  expect(await response.json()).toEqual({ links: {} });
  expect(response.headers.get("vary")).toMatch(/accept/i);
});

test("what is named by its content is kept for ever; the rest is no page of the console", async () => {
  const url = await start();
  const script = await asked(`${url}/assets/main-abc.js`, "*/*");
  expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  for (const path of ["/assets/none.js", "/jobs/a/b", "/v1/jobs", "/jobsite"])
    expect((await asked(url + path, BROWSER)).status).toBe(404);
  expect((await asked(`${url}/jobs`, BROWSER, "POST")).status).toBe(404);
});

test("one that is not built says what to do, and leaves programs their links", async () => {
  const url = await start(false);
  const page = await asked(`${url}/jobs`, BROWSER);
  expect([page.status, ((await page.json()) as { detail: string }).detail]).toEqual([
    503,
    "expected a built console, got none; scripts/bee builds it when it is run in the checkout",
  ]);
  expect(await (await asked(`${url}/`, "*/*")).json()).toEqual({ links: {} });
});
