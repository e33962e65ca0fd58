import type { Stoppable } from "@bee/core";
import type { Runnable } from "@bee/queue";

/** The workers of the fleet that nobody has asked to stop, and how full they are. */
export interface Survey {
  readonly current: number;
  readonly slots: { readonly busy: number; readonly usable: number };
}

/** What went wrong with workers of late. */
export interface WorkerTroubles {
  /** Workers in a row that ended before they worked. */
  readonly failedStarts: number;
  /** Workers replaced in the last five minutes because they lived and did not work. */
  readonly stuck: number;
}

/** How the scaler gets and loses workers. Workers that others started are counted, and left to them. */
export interface WorkerDriver extends Stoppable {
  survey(): Promise<Survey>;
  /** @returns how many were started, or asked for. */
  add(workers: number): number;
  /** Asks the idlest to stop; each finishes or hands back what it has. @returns how many were asked. */
  retire(workers: number): Promise<number>;
  /** Ends those that live and do not work. @returns how many. */
  endStuck(runnable: Runnable): Promise<number>;
  /** Missing where somebody else looks after the workers. */
  troubles?(): WorkerTroubles;
}
