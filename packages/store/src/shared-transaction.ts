import { isStoreAway } from "@bee/core";
import type { Database } from "./database.ts";
import { type DomainResult, type DomainWork, inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";

/**
 * Rows that those write who share a transaction; who writes more has one of its own. A thousand pages hold the rows of
 * their domains for 25 ms, and everybody else's who is in it.
 */
const MOST_ROWS = 200;

interface Sharer {
  readonly names: readonly string[];
  readonly rows: number;
  readonly work: (held: DomainWork) => Promise<unknown>;
  readonly resolve: (result: DomainResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The same as {@link inDomains} for the small changes of a process that makes many: those that come while one is under
 * way share the next transaction, for most of its statements hold domains, release and count for all who are in it. Alone
 * nobody waits.
 *
 * Each gets what was released of its domains; of one that several name, the first of them. When one fails, each is carried
 * out by itself: their work may run twice, of which one is kept.
 * @param rows how many the work writes, about.
 */
export function inSharedDomains<T>(
  db: Database,
  names: readonly string[],
  rows: number,
  work: (held: DomainWork) => Promise<T>,
): Promise<DomainResult<T>> {
  const sharing = sharings.get(db) ?? new Sharing(db);
  sharings.set(db, sharing);
  return sharing.join(names, rows, work);
}

const sharings = new WeakMap<Database, Sharing>();

class Sharing {
  readonly #db: Database;
  readonly #waiting: Sharer[] = [];
  #running = false;

  constructor(db: Database) {
    this.#db = db;
  }

  join<T>(
    names: readonly string[],
    rows: number,
    work: (held: DomainWork) => Promise<T>,
  ): Promise<DomainResult<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<DomainResult<T>>();
    this.#waiting.push({ names, rows, work, resolve: resolve as Sharer["resolve"], reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#carryOut(this.#next());
    this.#running = false;
  }

  /** In the order in which they came. */
  #next(): Sharer[] {
    let rows = 0;
    const beyond = this.#waiting.findIndex((sharer) => {
      rows += sharer.rows;
      return rows > MOST_ROWS;
    });
    return this.#waiting.splice(0, beyond === -1 ? this.#waiting.length : Math.max(1, beyond));
  }

  async #carryOut(sharers: readonly Sharer[]): Promise<void> {
    try {
      const names = [...new Set(sharers.flatMap((sharer) => sharer.names))];
      const { value, release, completedJobs } = await inDomains(this.#db, names, async (held) => {
        const values: unknown[] = [];
        for (const sharer of sharers) values.push(await sharer.work(within(held, sharer.names)));
        return values;
      });
      const taken = new Set<string>();
      for (const [i, { names, resolve }] of sharers.entries()) {
        const own = new Set(names.filter((name) => !taken.has(name)));
        for (const name of own) taken.add(name);
        resolve({ value: value[i], release: partOf(release, own), completedJobs });
      }
    } catch (error) {
      if (sharers.length === 1 || isStoreAway(error)) for (const { reject } of sharers) reject(error);
      else for (const sharer of sharers) await this.#carryOut([sharer]);
    }
  }
}

/** Nobody sees the domains of the others. */
function within(held: DomainWork, names: readonly string[]): DomainWork {
  const own = new Set(names);
  return { ...held, domains: held.domains.filter(({ name }) => own.has(name)) };
}

function partOf({ visits, wakes, expansions }: Release, domains: ReadonlySet<string>): Release {
  return {
    visits: visits.filter(({ task }) => domains.has(task.domain)),
    wakes: wakes.filter(({ domain }) => domains.has(domain)),
    expansions: expansions.filter(({ domain }) => domains.has(domain)),
  };
}
