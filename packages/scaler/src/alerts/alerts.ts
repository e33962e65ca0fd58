import {
  ALERT_NAMES,
  type AlertEvent,
  type AlertName,
  type AlertReading,
  type AlertSettings,
  type Log,
  nextAlert,
  type WatchedAlert,
} from "@bee/core";
import {
  type Alert,
  changeAlert,
  type Database,
  type FiringAlert,
  pruneAlerts,
  readAlertBoard,
} from "@bee/store";
import type { Readings } from "./readings.ts";

export interface AlertsOptions {
  readonly db: Database;
  readonly settings: AlertSettings;
  readonly read: () => Promise<Readings>;
  readonly log: Log;
}

/** Alerts that are over are kept for so long. */
const KEPT_DAYS = 30;
const PRUNE_MS = 3_600_000;

const SAID: Readonly<Record<AlertEvent, string>> = {
  firing: "an alert fires",
  reminder: "an alert still fires",
  resolved: "an alert is over",
};

/**
 * Raises alerts, and ends them. What fires is in Postgres, so whoever leads next goes on with it and tells nobody
 * twice; only for how long a reading has been asking for a change begins anew with a new leader.
 */
export class Alerts {
  readonly #options: AlertsOptions;
  /** Since when the readings of an alert's subject have asked for a change, by the database's clock. */
  #turning = new Map<string, number>();
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#turning = new Map();
  }

  async runOnce(): Promise<void> {
    const { db, settings, read } = this.#options;
    const readings = await read();
    const { firing, now } = await readAlertBoard(db);
    const turning = new Map<string, number>();
    for (const name of ALERT_NAMES) {
      const rule = settings.alerts[name];
      const fires = firing.filter((alert) => alert.name === name);
      if (rule === undefined) {
        for (const alert of fires) await this.#dismiss(alert);
        continue;
      }
      for (const { subject, value, detail } of complete(readings[name], fires)) {
        const fired = fires.find((alert) => alert.subject === subject);
        const key = `${name} ${subject}`;
        const before = {
          firing: fired !== undefined,
          turningSince: this.#turning.get(key) ?? null,
          toldAt: fired?.toldAt.getTime() ?? null,
        };
        const timing = { ...rule, remindMs: settings.remindMs };
        const { state, event } = nextAlert(timing, before, value, now.getTime());
        if (state.turningSince !== null) turning.set(key, state.turningSince);
        if (event !== null) await this.#tell(event, rule, { name, subject, value: value!, detail }, fired);
      }
    }
    this.#turning = turning;
    await this.#prune();
  }

  async #tell(
    event: AlertEvent,
    { severity, above: threshold, channels }: WatchedAlert,
    { name, subject, value, detail }: AlertReading & { readonly name: AlertName },
    fired: FiringAlert | undefined,
  ): Promise<void> {
    const change = { event, name, subject, severity, reading: value, threshold, detail };
    const alert = await changeAlert(this.#options.db, {
      ...change,
      toldAt: fired?.toldAt ?? null,
      // What fails is not told of its own failure.
      channels: name === "webhook_failing" ? channels.filter((channel) => channel !== subject) : channels,
    });
    if (alert !== undefined) this.#log(event, alert);
  }

  /** Nobody watches it any more, so nobody is told either. */
  async #dismiss({ toldAt, ...alert }: FiringAlert): Promise<void> {
    const change = { ...alert, event: "resolved", detail: "it is watched no more" } as const;
    await changeAlert(this.#options.db, { ...change, toldAt, channels: [], silent: true });
  }

  #log(event: AlertEvent, { name, subject, severity, detail, reading, threshold }: Alert): void {
    const level = event === "resolved" ? "info" : severity === "critical" ? "error" : "warn";
    const of = subject === "" ? {} : { subject };
    this.#options.log[level](SAID[event], { alert: name, ...of, severity, detail, reading, threshold });
  }

  async #prune(): Promise<void> {
    if (performance.now() - this.#prunedAt < PRUNE_MS) return;
    this.#prunedAt = performance.now();
    await pruneAlerts(this.#options.db, KEPT_DAYS);
  }
}

type Known = Omit<AlertReading, "value"> & { readonly value: number | null };

/** The readings, and of what fires and has none: unknown where nothing could be read, else nothing is wrong any more. */
function complete(readings: readonly AlertReading[] | null, fires: readonly FiringAlert[]): readonly Known[] {
  const missing = fires.filter(({ subject }) => !readings?.some((reading) => reading.subject === subject));
  const gone = missing.map(({ subject, detail }) =>
    readings === null
      ? { subject, value: null, detail }
      : { subject, value: 0, detail: `no longer: ${detail}` },
  );
  return [...(readings ?? []), ...gone];
}
