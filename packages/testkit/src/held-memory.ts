import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Megabytes that are really held: what a collection leaves, on the heap and in buffers. */
export function heldMegabytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1024 / 1024;
}

const ROUNDS = 20;
const ROUND_MS = 50;

/** The same when all is over: buffers of sockets that were just closed take more than one collection to go. */
export async function heldAtRest(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    least = Math.min(least, heldMegabytes());
    await delay(ROUND_MS);
  }
  return least;
}

/** Follows what is held while something goes on, and knows the most it grew by; every `interval`th call looks. */
export class HeldMemory {
  readonly #start = heldMegabytes();
  readonly #interval: number;
  #calls = 0;
  peak = 0;

  constructor(interval: number) {
    this.#interval = interval;
  }

  look(): void {
    if (this.#calls++ % this.#interval === 0) this.peak = Math.max(this.peak, heldMegabytes() - this.#start);
  }
}
