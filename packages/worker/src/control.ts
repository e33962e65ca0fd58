import type { Breakers, ControlMessage, Gates } from "@bee/queue";
import type { PausedDomains } from "./paused-domains.ts";
import type { StoppedJobs } from "./stopped-jobs.ts";

export interface ControlledParts {
  readonly stoppedJobs: StoppedJobs;
  readonly pausedDomains: PausedDomains;
  readonly gates: Gates;
  readonly breakers: Breakers;
}

/** Passes what all workers are told on to the part that it is for. */
export function obey(parts: ControlledParts, message: ControlMessage): void {
  const { stoppedJobs, pausedDomains, gates, breakers } = parts;
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
    case "domain-closing":
    case "domain-failed":
    case "domain-answered":
      breakers.hear(message);
      break;
  }
}
