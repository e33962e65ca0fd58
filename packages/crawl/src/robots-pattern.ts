/**
 * A path with its percent-encoding in one form (RFC 9309 section 2.2.2): unreserved characters plain, everything else
 * encoded in upper case, so that rule and URL compare octet by octet. `*` and `$` stay as they are.
 */
function normalize(text: string): string {
  return text
    .replace(/%[0-9a-f]{2}/gi, (encoded) => {
      const char = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(char) ? char : encoded.toUpperCase();
    })
    .replace(/[^\x21-\x7e]+/gu, (chars) => encodeURIComponent(chars.toWellFormed()));
}

/** A path as patterns match it. A literal `*` or `$` is encoded, as a rule must write it to mean it (section 2.2.3). */
export function normalizePath(path: string): string {
  return normalize(path).replace(/[*$]/g, (char) => (char === "*" ? "%2A" : "%24"));
}

/** The path of an Allow or Disallow line: a prefix in which `*` stands for any characters and a last `$` for the end. */
export class RobotsPattern {
  /** Length of the rule as written, in octets: the longest rule that matches decides. */
  readonly octets: number;
  /** The rule in the form in which rules are compared. */
  readonly text: string;
  readonly #pieces: readonly string[];
  readonly #anchored: boolean;

  constructor(text: string) {
    const pattern = normalize(text);
    this.text = pattern;
    this.octets = pattern.length;
    this.#anchored = pattern.endsWith("$");
    // A `$` before the end is itself, and paths have it encoded. `**` means what `*` means, without an empty piece.
    const body = (this.#anchored ? pattern.slice(0, -1) : pattern).replaceAll("$", "%24");
    this.#pieces = body.replace(/\*+/g, "*").split("*");
  }

  /** What a path must begin with. */
  get prefix(): string {
    return this.#pieces[0]!;
  }

  /** Whether every path matches that begins with the prefix. */
  get isPlain(): boolean {
    return this.#pieces.length === 1 && !this.#anchored;
  }

  /**
   * Whether a normalised path matches. Each piece between the stars is taken where it first occurs, which is enough
   * for patterns without alternatives and never goes back: linear, where a backtracking matcher needs seconds for
   * half a megabyte of stars.
   */
  matches(path: string): boolean {
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    if (!path.startsWith(pieces[0]!)) return false;
    let at = pieces[0]!.length;
    if (last === 0) return !this.#anchored || path.length === at;
    for (let i = 1; i < (this.#anchored ? last : pieces.length); i++) {
      const found = path.indexOf(pieces[i]!, at);
      if (found === -1) return false;
      at = found + pieces[i]!.length;
    }
    return !this.#anchored || (path.endsWith(pieces[last]!) && path.length - pieces[last]!.length >= at);
  }
}
