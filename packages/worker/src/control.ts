import type { ControlMessage, Gates } from "@bee/queue";
import type { PausedDomains } from "./paused-domains.ts";
import type { StoppedJobs } from "./stopped-jobs.ts";

export interface ControlledParts {
  readonly stoppedJobs: StoppedJobs;
  readonly pausedDomains: PausedDomains;
  readonly gates: Gates;
}

/** Passes what all workers are told on to the part that it is for. */
export function obey({ stoppedJobs, pausedDomains, gates }: ControlledParts, message: ControlMessage): void {
  switch (message.type) {
    case "job-stopped":
    case "job-resumed":
      stoppedJobs.hear(message.job, message.type === "job-stopped");
      break;
    case "domain-paused":
    case "domain-resumed":
      pausedDomains.hear(message.domain, message.type === "domain-paused");
      break;
    case "rule-changed":
      gates.hear(message.domain, message.inForce);
      break;
  }
}
