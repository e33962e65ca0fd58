import type { Config } from "jest";

const config: Config = {
  testEnvironment: "node",
  roots: ["<rootDir>/packages", "<rootDir>/scripts"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/scripts/jest/strip-types.mjs" },
  globalSetup: "<rootDir>/scripts/jest/global-setup.ts",
  globalTeardown: "<rootDir>/scripts/jest/global-teardown.ts",
  // Most tests wait for processes and stores: Jest's own choice, one less than the cores, would leave the machine idle.
  maxWorkers: "100%",
  // Real processes and stores need their time to start on a busy machine; waiting is by events, not by this clock.
  testTimeout: 30_000,
};

export default config;
