import { type Log, messageOf, within } from "@bee/core";
import { type FleetRegistry, HEARTBEAT_MS } from "@bee/queue";
import type { ConnectionShare } from "./connection-share.ts";
import type { FleetMember } from "./fleet-member.ts";

export interface HeartbeatOptions {
  readonly registry: FleetRegistry;
  readonly member: FleetMember;
  /** Claimed with each report, and set by its answer. */
  readonly share: ConnectionShare;
  readonly log: Log;
}

const LEAVE_MS = 2_000;

/** Tells the fleet that this worker lives and how much it has to do, and hears how many others there are. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.beat();
    this.#timer = setInterval(() => void this.beat(), HEARTBEAT_MS);
  }

  /** Leaves the fleet; while Redis is away the last report runs out by itself. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const { registry, member, log } = this.#options;
    const left = registry.leave(member.id, member.vitals.tally.news(), member.region);
    await within(LEAVE_MS, "Redis", left).catch((error) =>
      log.warn("the fleet was not told of the end", { error: messageOf(error) }),
    );
  }

  /** Tells it now. */
  async beat(): Promise<void> {
    const { registry, member, share, log } = this.#options;
    const sent = performance.now();
    try {
      const { tally } = member.vitals;
      const counts = tally.news();
      share.follow(await registry.report(member.report(), share.claim(), counts));
      tally.told(counts);
      member.redisMs = Math.round(performance.now() - sent);
    } catch (error) {
      log.warn("no heartbeat", { error: messageOf(error) });
    }
  }
}
