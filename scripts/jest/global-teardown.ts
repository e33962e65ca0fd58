import { rm } from "node:fs/promises";
import type { EmbeddedStore } from "@bee/embedded";

interface TestStores {
  readonly directory: string;
  readonly postgres: EmbeddedStore;
}

export default async function tearDown(): Promise<void> {
  const { beeTestStores } = globalThis as unknown as { beeTestStores: TestStores };
  await beeTestStores.postgres.stop();
  await rm(beeTestStores.directory, { recursive: true, force: true });
}
