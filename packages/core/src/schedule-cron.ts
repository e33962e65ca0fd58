import { CronExpressionParser } from "cron-parser";
import { timeOfWall, wallOf } from "./wall-time.ts";

/** Minute, hour, day, month, weekday: numbers, names, lists, ranges and steps; `L` and `#` for days. */
const FIELDS = /^[\d*,/-]+ [\d*,/-]+ [\dL*,/-]+ [\dA-Za-z*,/-]+ [\dA-Za-z*,/#-]+$/;
/** Clocks are never put forward or back by more. */
const CHANGE_MS = 3 * 3_600_000;

/**
 * The first time after that one at which a cron expression is due. Hours that are named are wall-clock times: each
 * comes once, also on the days on which clocks are put forward or back. Where every hour is meant (`*`), it is elapsed
 * time that counts: hours that are left out have no runs, and one that comes twice has them twice.
 * @throws where the expression means nothing, or no day that ever comes.
 */
export function nextCron(cron: string, zone: string, after: number): number {
  if (cron.split(" ")[1]!.includes("*")) return iterate(cron, zone, after).next().getTime();
  // cron-parser leaves out the day where clocks skip midnight or half an hour, so it sees clocks that do not change.
  const walls = iterate(cron, "UTC", wallOf(after, zone) - CHANGE_MS);
  for (;;) {
    const time = timeOfWall(walls.next().getTime(), zone);
    if (time > after) return time;
  }
}

/** What is wrong with a cron expression; undefined where nothing is. */
export function faultOfCron(cron: string): string | undefined {
  if (!FIELDS.test(cron)) return "the five fields minute, hour, day, month and weekday, such as 30 3 * * 1-5";
  try {
    nextCron(cron, "UTC", 0);
    return undefined;
  } catch {
    return "a cron expression of moments that there are, such as 30 3 * * 1-5";
  }
}

function iterate(cron: string, tz: string, after: number) {
  return CronExpressionParser.parse(cron, { tz, currentDate: new Date(after) });
}
