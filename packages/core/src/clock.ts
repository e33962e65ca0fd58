/** Milliseconds since the epoch; injected wherever a decision depends on time, so that tests own the time. */
export type Clock = () => number;
