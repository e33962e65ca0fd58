import { type Fleet, fleetName } from "@bee/core";

/**
 * Every Redis key and channel of the fleet. All carry the same hash tag, so that they live on one node of a Redis
 * Cluster and scripts may touch several; gates are per domain and carry the domain's own tag.
 */
const TAG = "{bee}";

/** Prefix of BullMQ's keys. */
export const QUEUE_PREFIX = TAG;

/** Zset: worker ids by the time they were last seen (ms). */
export const workersKey = () => `${TAG}:workers`;

/** String with expiry: what a worker says of itself, as JSON. */
export const workerKey = (id: string) => `${TAG}:worker:${id}`;

/** Hash: how many database connections each worker may open, by its id. */
export const connectionsKey = () => `${TAG}:connections`;

/** Zset with expiry: pids of a fleet's workers that an owner has just started on a machine, by when (ms). */
export const spawnedKey = (fleet: Fleet, owner: string, host: string) =>
  `${TAG}:spawned:${fleetName(fleet)}:${owner}@${host}`;

/** String with expiry: the id of the process that holds a once-only duty. */
export const leaderKey = (duty: string) => `${TAG}:leader:${duty}`;

/** String: when Redis lost its data, by its own clock; missing when it has just lost it. */
export const epochKey = () => `${TAG}:epoch`;

/** String: the Redis server whose predecessor's losses were made good; missing when the data was wiped. */
export const lossMarkKey = () => `${TAG}:loss-mark`;

/** Hash: what the fleet has done, by name of the count. */
export const totalsKey = () => `${TAG}:totals`;

/** Hash with expiry: what of that a worker has told. */
export const toldKey = (worker: string) => `${TAG}:told:${worker}`;

/** String with expiry: what the scaler that leads a fleet says of it, as JSON. */
export const scalingKey = (fleet: Fleet) => `${TAG}:scaling:${fleetName(fleet)}`;

/** Set: the names of all fleets that ever had a scaler. */
export const fleetsKey = () => `${TAG}:fleets`;

/** Zset: regions by the time one of their workers was last seen (ms), until the last of these leaves in order. */
export const regionsKey = () => `${TAG}:regions`;

/** String with expiry: where workers reach the API, as JSON. */
export const apiAddressKey = () => `${TAG}:api`;

/** String with expiry: what the leader says of the fleet's checks of itself, as JSON. */
export const canaryKey = () => `${TAG}:canary`;

/** String with expiry: what a dry run has seen so far, as JSON. */
export const previewKey = (id: string) => `${TAG}:preview:${id}`;

/** Channel: orders to all workers, as JSON. */
export const controlChannel = () => `${TAG}:control`;

/** Hash with expiry: why and for how long a domain gets no requests. */
export const closingKey = (domain: string) => `${TAG}:closing:${domain}`;

/** String with expiry: who tries whether a domain is back. */
export const probeKey = (domain: string) => `${TAG}:probe:${domain}`;

/** String: when the closing of any domain was changed last, by Redis's clock. */
export const closingsVersionKey = () => `${TAG}:closings`;

/** String with expiry: the newest rule of a domain's gate, as JSON. */
export const gateRuleKey = (domain: string) => `{${domain}}:rule`;

/** String with expiry: how often somebody has asked within the window that runs. */
export const turnsKey = (who: string) => `${TAG}:turns:${who}`;

/** Counter: how often a rule took another's place at any gate. */
export const rulesVersionKey = () => `${TAG}:rules`;

/** The limiter of a domain; Bottleneck derives its keys and channels from it. */
export const gateId = (domain: string) => `{${domain}}`;
/** Channel that Bottleneck gives the limiters of a domain. */
export const gateChannel = (domain: string) => `b_${gateId(domain)}`;
export const domainOfGate = (id: string) => id.slice(1, -1);
