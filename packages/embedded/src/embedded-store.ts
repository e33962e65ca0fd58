/** How a process ended: its exit code, or the signal that ended it; both null when only its absence was seen. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A Postgres or Redis that this process started and must stop. */
export interface EmbeddedStore {
  /** Where clients connect, with the password: not for logs. */
  readonly url: string;
  readonly pid: number;
  /** Resolves whenever the server ends, asked for or not. */
  readonly exited: Promise<Exit>;
  /** Ends the server in order and resolves when it is gone; stopping twice is stopping once. */
  stop(): Promise<void>;
}
