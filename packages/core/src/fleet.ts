/** A fleet: the workers of one region and class. It has queues of its own; gates, circuits and Postgres are everybody's. */
export interface Fleet {
  readonly region: string;
  readonly workerClass: string;
}

/** `eu/general`: what keys and people call it. Neither part may hold a slash. */
export function fleetName({ region, workerClass }: Fleet): string {
  return `${region}/${workerClass}`;
}

export function fleetNamed(name: string): Fleet {
  const [region = "", workerClass = ""] = name.split("/");
  return { region, workerClass };
}

export function isSameFleet(a: Fleet, b: Fleet): boolean {
  return a.region === b.region && a.workerClass === b.workerClass;
}

/** Things of several fleets, by fleet, each fleet where its first thing stood. */
export function byFleet<T extends Fleet>(
  things: readonly T[],
): { readonly fleet: Fleet; readonly of: T[] }[] {
  const groups = new Map<string, { readonly fleet: Fleet; readonly of: T[] }>();
  for (const thing of things) {
    const { region, workerClass } = thing;
    const name = fleetName(thing);
    const group = groups.get(name) ?? { fleet: { region, workerClass }, of: [] };
    group.of.push(thing);
    groups.set(name, group);
  }
  return [...groups.values()];
}
