/** A whole answer of the origin, as the edge holds it. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/** What a look into the cache found. */
export type Lookup = Fresh | { readonly found: "stale" | "nothing" };

export interface Fresh {
  readonly found: "fresh";
  readonly answer: WholeAnswer;
  readonly ageSeconds: number;
}

interface Kept {
  readonly answer: WholeAnswer;
  readonly storedAt: number;
  readonly freshSeconds: number;
}

/** The edge's memory: whole answers by path, each for as long as its Cache-Control permits. */
export class EdgeCache {
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  look(path: string): Lookup {
    const kept = this.#kept.get(path);
    if (kept === undefined) return { found: "nothing" };
    const ageSeconds = Math.floor((this.#now() - kept.storedAt) / 1000);
    if (ageSeconds >= kept.freshSeconds) return { found: "stale" };
    return { found: "fresh", answer: kept.answer, ageSeconds };
  }

  keep(path: string, answer: WholeAnswer, freshSeconds: number): void {
    this.#kept.set(path, { answer, storedAt: this.#now(), freshSeconds });
  }

  purge(): void {
    this.#kept.clear();
  }
}

/**
 * For how many seconds a shared cache may keep an answer with this Cache-Control; 0 when it may not. Stricter than
 * RFC 9111, which lets caches guess: the demo's edge keeps only what is expressly `public` with a `max-age`.
 */
export function permittedSeconds(cacheControl: string): number {
  const directives = cacheControl
    .toLowerCase()
    .split(",")
    .map((directive) => directive.trim());
  const forbidden = directives.some((directive) => /^(private|no-store|no-cache)\b/.test(directive));
  if (forbidden || !directives.includes("public")) return 0;
  const maxAge = directives.find((directive) => directive.startsWith("max-age="));
  return Number.parseInt(maxAge?.slice("max-age=".length) ?? "", 10) || 0;
}
