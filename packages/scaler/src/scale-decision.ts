import { count, desiredWorkers, type ScalingBounds } from "@bee/core";

/** What the fleet has to do, and what it does it with. */
export interface Demand {
  readonly activeJobs: number;
  /** Pages of theirs in the frontier: they wait for their domains, not for workers. */
  readonly pendingPages: number;
  /** Tasks that any worker could carry out now, and how long at least one of them has been waiting. */
  readonly runnable: { readonly tasks: number; readonly oldestMs: number };
  /** Slots that are taken, over the fleet, how many a worker can use, and how many workers have got to work. */
  readonly slots: { readonly busy: number; readonly usable: number; readonly workers: number };
}

export interface ScaleInput extends Demand {
  readonly current: number;
  readonly bounds: ScalingBounds;
  readonly scaleDownDelayMs: number;
  /** How long fewer than `current` would have done, without a break. */
  readonly lowerForMs: number;
  /** The most workers that were wished for within the last `scaleDownDelayMs`. */
  readonly lately: number;
  /** Since workers were last added: they need a moment before they relieve the others. */
  readonly sinceUpMs: number;
}

export interface ScaleDecision {
  /** Workers to have; `current` when nothing changes. */
  readonly to: number;
  /** Workers that the demand of this moment asks for. */
  readonly wish: number;
  /** Whether all work that waits does so for its domains, and so asks for nobody. */
  readonly waitsForDomains: boolean;
  readonly reason: string;
}

/** Work that waits longer for a slot says that there are too few of them. */
const PATIENCE_MS = 5_000;
/** Workers that were added and are not at work by then are not waited for: containers may take so long to start. */
const ARRIVAL_MS = 30_000;
/** Fewer workers must not be fuller than this, or they would soon be too few again. */
const FULL = 0.8;

/**
 * What to do now: up at once; down only after the demand has been lower for the whole delay, and no further than to the
 * most that was asked for within it. The jobs decide by the scaling law (founding plan); runnable work that waits for a
 * slot asks for more than that, a step at a time; and those who are busy stay, also when the law alone would have fewer.
 * Pages that wait for their domains ask for nothing.
 */
export function decideScale(input: ScaleInput): ScaleDecision {
  const { workers: wish, why } = wishOf(input);
  const waitsForDomains = input.pendingPages > 0 && !isShortOfSlots(input);
  const { to, how } = course(input, wish);
  const reason = `${why}, ${how}${waitsForDomains && to <= input.current ? domainsOf(input) : ""}`;
  return { to, wish, waitsForDomains, reason };
}

/** From the number of workers that there are to the one that is wished for. */
function course({ current, bounds, scaleDownDelayMs, lowerForMs, lately }: ScaleInput, wish: number) {
  if (wish >= current) return { to: wish, how: `${current} live` };
  // The maximum waits for nothing: it was lowered, or others started workers.
  const most = Math.min(current, bounds.max);
  if (lowerForMs < scaleDownDelayMs) {
    const how =
      most < current ? `${current} live, more than the maximum of ${most}` : `${current} stay for now`;
    return { to: most, how };
  }
  const to = Math.min(most, Math.max(wish, lately));
  const seconds = (ms: number) => `${Math.round(ms / 1_000)} s`;
  const meanwhile = to > wish ? `, up to ${to} were needed in the last ${seconds(scaleDownDelayMs)}` : "";
  return { to, how: `${current} live, too many for ${seconds(lowerForMs)}${meanwhile}` };
}

interface Wish {
  readonly workers: number;
  readonly why: string;
}

/** The largest of what the jobs, the queues and the slots ask for. */
function wishOf(input: ScaleInput): Wish {
  const law = { workers: desiredWorkers(input.activeJobs, input.bounds), why: whyLaw(input) };
  return [law, wishOfQueues(input), wishOfSlots(input)].reduce((most, wish) =>
    wish.workers > most.workers ? wish : most,
  );
}

function isShortOfSlots({ runnable }: ScaleInput): boolean {
  return runnable.oldestMs > PATIENCE_MS;
}

function wishOfQueues(input: ScaleInput): Wish {
  if (!isShortOfSlots(input)) return { workers: 0, why: "" };
  const { runnable, current, bounds } = input;
  const waiting = `${count(runnable.tasks, "task")} wait for a slot, some for ${Math.round(runnable.oldestMs / 1_000)} s`;
  const more = isHelpOnItsWay(input) ? 0 : bounds.perJob;
  return { workers: Math.min(bounds.max, current + more), why: waiting };
}

/** Whether the workers that were added last have not had the time to relieve the others. */
function isHelpOnItsWay({ current, slots, sinceUpMs }: ScaleInput): boolean {
  return sinceUpMs < (slots.workers < current ? ARRIVAL_MS : PATIENCE_MS);
}

/** Never more than there are: to be busy is no reason to grow. */
function wishOfSlots({ slots, current, bounds }: ScaleInput): Wish {
  const needed = slots.usable === 0 ? 0 : Math.ceil(slots.busy / (FULL * slots.usable));
  return {
    workers: Math.min(needed, current, bounds.max),
    why: `${count(slots.busy, "busy slot")} fill ${count(needed, "worker")}`,
  };
}

/** What decides: a bound, where it does and not the jobs. */
function whyLaw({ activeJobs, bounds }: ScaleInput): string {
  const { min, max, perJob } = bounds;
  const wish = desiredWorkers(activeJobs, bounds);
  const jobs = activeJobs === 0 ? "no active job" : count(activeJobs, "active job");
  if (activeJobs === 0 || (wish === min && activeJobs * perJob < min))
    return `${jobs}, the minimum is ${min}`;
  if (wish === max) return `${jobs}, the maximum is ${max}`;
  return `${jobs} ${activeJobs === 1 ? "asks" : "ask"} for ${count(wish, "worker")}`;
}

/** Why a backlog is no reason to have more workers, or to keep them. */
function domainsOf({ pendingPages }: ScaleInput): string {
  return `; ${count(pendingPages, "page")} ${pendingPages === 1 ? "waits for its domain" : "wait for their domains"}, which more workers would not make faster`;
}
