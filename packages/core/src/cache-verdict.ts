/**
 * What the cache says of an answer: `hit` came from the cache · `miss` did not, and may be kept now ·
 * `expired` the kept copy was too old and is being renewed · `bypass` this page is not kept · `none` no cache seen.
 */
export type CacheVerdict = "hit" | "miss" | "expired" | "bypass" | "none";
