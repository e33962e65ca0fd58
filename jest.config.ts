import type { Config } from "jest";

const config: Config = {
  testEnvironment: "node",
  roots: ["<rootDir>/packages", "<rootDir>/scripts"],
  testMatch: ["**/*.test.ts"],
  extensionsToTreatAsEsm: [".ts"],
  transform: { "\\.ts$": "<rootDir>/scripts/jest/strip-types.mjs" },
  globalSetup: "<rootDir>/scripts/jest/global-setup.ts",
  globalTeardown: "<rootDir>/scripts/jest/global-teardown.ts",
  // Real processes and stores need their time to start on a busy machine; waiting is by events, not by this clock.
  testTimeout: 30_000,
};

export default config;
