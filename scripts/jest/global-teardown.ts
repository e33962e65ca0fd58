import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { EmbeddedStore } from "@bee/embedded";

interface TestRun {
  readonly postgres: EmbeddedStore;
  readonly clearUp: ChildProcess;
}

export default async function tearDown(): Promise<void> {
  const { postgres, clearUp } = (globalThis as unknown as { beeTestRun: TestRun }).beeTestRun;
  await postgres.stop();
  clearUp.ref();
  clearUp.stdin?.end();
  if (clearUp.exitCode === null) await once(clearUp, "exit");
}
