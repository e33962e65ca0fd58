/**
 * Connections to Postgres over the whole fleet (founding plan): "2 per worker + 5 for the API, never above 50, half of
 * them idle; the pools follow the number of workers".
 */
export const CONNECTION_LIMIT = 50;

/** The plan's 5, per process: a fleet has one that serves and one that leads, and each further one takes as many again. */
export const API_CONNECTIONS = 3;
export const SCALER_CONNECTIONS = 2;

/** For a `bee` command beside the fleet, such as `bee migrate`. */
const COMMAND_CONNECTIONS = 1;

/** One settles, one reads. */
const MOST_PER_WORKER = 2;

/** For all workers of all fleets together: 44 beside one scaler, two fewer beside each further one. */
export function workersConnections(scalers = 1): number {
  return CONNECTION_LIMIT - API_CONNECTIONS - SCALER_CONNECTIONS * Math.max(1, scalers) - COMMAND_CONNECTIONS;
}

/** A worker cannot do without a connection, so there is room for no more workers than that. */
export const MAX_WORKERS = workersConnections();

/** Connections that each of so many workers may hold: beside one scaler 2 up to 22 workers, 1 beyond. */
export function connectionsPerWorker(workers: number, scalers = 1): number {
  return Math.max(1, Math.min(MOST_PER_WORKER, Math.floor(workersConnections(scalers) / workers)));
}

/** Connections that so many workers may hold, with their API and their scalers. */
export function fleetConnections(workers: number, scalers = 1): number {
  const others = API_CONNECTIONS + SCALER_CONNECTIONS * Math.max(1, scalers);
  return workers * connectionsPerWorker(workers, scalers) + others;
}

/** How many of a pool's connections stay open while nobody uses them: half. */
export function keptIdle(connections: number): number {
  return Math.floor(connections / 2);
}
