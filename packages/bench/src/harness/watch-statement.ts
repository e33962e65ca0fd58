import type { Database } from "@bee/store";

export interface WatchedStatement {
  /** The database to use: what runs on it is watched, also in transactions. */
  readonly db: Database;
  /** Milliseconds that each run took, as the process saw it. */
  readonly durations: readonly number[];
  /** The plan of the last run, with its parameters, line by line. */
  explainLast(): Promise<string[]>;
}

type Plugin = Parameters<Database["withPlugin"]>[0];
type QueryId = Parameters<Plugin["transformQuery"]>[0]["queryId"];
type Compiled = ReturnType<ReturnType<Database["getExecutor"]>["compileQuery"]>;

/** Watches the one statement that contains a text, among all that the store's functions run. */
export function watchStatement(db: Database, text: string): WatchedStatement {
  const begun = new WeakMap<QueryId, number>();
  const durations: number[] = [];
  let last: Compiled | undefined;
  const plugin: Plugin = {
    transformQuery({ node, queryId }) {
      const compiled = db.getExecutor().compileQuery(node, queryId);
      if (compiled.sql.includes(text)) {
        last = compiled;
        begun.set(queryId, performance.now());
      }
      return node;
    },
    async transformResult({ queryId, result }) {
      const at = begun.get(queryId);
      if (at !== undefined) durations.push(performance.now() - at);
      return result;
    },
  };
  return {
    db: db.withPlugin(plugin),
    durations,
    async explainLast() {
      if (last === undefined) throw new Error(`expected a statement with "${text}" to have run, got none`);
      const { rows } = await db.executeQuery<Record<string, string>>({ ...last, sql: `explain ${last.sql}` });
      return rows.map((row) => Object.values(row)[0]!);
    },
  };
}
