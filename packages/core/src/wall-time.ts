const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether clocks of this zone can be read: an IANA name, as `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show, as the milliseconds at which clocks in UTC show it. */
export function wallOf(time: number, zone: string): number {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(time)
      .map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second } = parts;
  const shown = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  return Date.parse(shown) + (((time % 1_000) + 1_000) % 1_000);
}

/**
 * When the clocks of a zone show that. What they show twice is meant the first time; what they leave out comes as much
 * later as they are put forward: 02:30 is 03:30 on that day.
 */
export function timeOfWall(wall: number, zone: string): number {
  const offsetAt = (time: number) => wallOf(time, zone) - time;
  const before = offsetAt(wall - DAY_MS);
  const after = offsetAt(wall + DAY_MS);
  const early = wall - before;
  if (offsetAt(early) === before) return early;
  const late = wall - after;
  return offsetAt(late) === after ? late : early;
}

const DAY_MS = 86_400_000;

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  });
  formats.set(zone, format);
  return format;
}
