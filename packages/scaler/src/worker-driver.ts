import type { Stoppable } from "@bee/core";
import type { Runnable, WorkerTroubles } from "@bee/queue";

/** The workers of the fleet that nobody has asked to stop, and how full they are. */
export interface Survey {
  readonly current: number;
  /** Of the workers that have got to work: slots taken in all, slots that one can use, and how many they are. */
  readonly slots: { readonly busy: number; readonly usable: number; readonly workers: number };
}

/** How the scaler gets and loses workers. Workers that others started are counted, and left to them. */
export interface WorkerDriver extends Stoppable {
  /** Forgets what it asked for when its scaler last led. */
  begin?(): void;
  survey(): Promise<Survey>;
  /** @returns how many were started, or asked for. */
  add(workers: number): number;
  /** Asks the idlest to stop; each finishes or hands back what it has. @returns how many were asked. */
  retire(workers: number): Promise<number>;
  /** Ends those that live and do not work. @returns how many. */
  endStuck(runnable: Runnable): Promise<number>;
  troubles(): WorkerTroubles;
}
