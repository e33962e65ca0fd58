import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";

const inRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

test("the image gives Node what a worker is given that was spawned", async () => {
  const dockerfile = await readFile(inRoot("docker/Dockerfile"), "utf8");
  const { nodeArguments } = await import("../../packages/cli/src/process/node-arguments.ts");
  const flags = nodeArguments("worker").filter((argument) => argument.startsWith("--"));
  expect(/NODE_OPTIONS=(\S+)/.exec(dockerfile)?.[1]).toBe(flags.join(" "));
});

test("the image is made without what only BuildKit understands", async () => {
  const dockerfile = await readFile(inRoot("docker/Dockerfile"), "utf8");
  expect(dockerfile).not.toMatch(/^# syntax=|--mount=|--chmod=|--link|<<[A-Z]/m);
});

describe("the health check", () => {
  let folder: string;
  let pulse: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pulse-"));
    pulse = join(folder, "pulse");
  });
  afterEach(() => rm(folder, { recursive: true }));

  function check() {
    const { status, stdout } = spawnSync("sh", [inRoot("docker/healthcheck.sh")], {
      encoding: "utf8",
      env: { ...process.env, BEE_PULSE: pulse },
    });
    return { status, said: stdout.trim() };
  }

  test("is bad before the process has started", () => {
    expect(check()).toEqual({ status: 1, said: "not started yet" });
  });

  test("is good while the process that listens nowhere touches its pulse, and bad when it has not for long", async () => {
    await writeFile(pulse, "");
    expect(check()).toEqual({ status: 0, said: "" });
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(pulse, longAgo, longAgo);
    expect(check()).toMatchObject({ status: 1, said: expect.stringMatching(/^no sign of life for 6\d s$/) });
  });

  test("of an API that nobody reaches is bad", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await writeFile(pulse, `http://127.0.0.1:${port}`);
    expect(check().status).toBe(1);
  });
});
