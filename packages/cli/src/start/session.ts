import type { Config, StopStack } from "@bee/core";
import type { StopRequest } from "../process/stop-request.ts";
import type { Steps } from "./steps.ts";

export interface StartOptions {
  /** The program that serves the demo site. */
  readonly demoSite: string;
}

/** What every part of `npm start` may need. */
export interface Session extends StartOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly steps: Steps;
  readonly stop: StopRequest;
  readonly started: StopStack;
}
