/** A decision as `GET /v1/fleet` tells of it. */
export interface Decision {
  readonly at: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly inputs: {
    readonly activeJobs: number;
    readonly pendingPages: number;
    readonly runnable: { readonly tasks: number; readonly oldestMs: number };
  };
}

export interface Worker {
  readonly pid: number;
  readonly region: string;
  readonly state: string;
}

/** The part of `GET /v1/fleet` that is looked at. */
export interface Fleet {
  readonly workers: readonly Worker[];
  readonly desired: number;
  /** The newest first. */
  readonly decisions: readonly Decision[];
}

export interface Job {
  readonly id: string;
  readonly status: string;
  readonly region: string;
  readonly counts: {
    readonly total: number;
    readonly pending: number;
    readonly released: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly skipped: number;
    readonly cancelled: number;
  };
}
