import type { RobotsLine } from "./robots-line.ts";
import { RobotsPattern } from "./robots-pattern.ts";

/** A line of Allow or Disallow, ready to be matched. */
export interface IndexedRule {
  readonly line: RobotsLine;
  readonly pattern: RobotsPattern;
}

/**
 * So many rules with wildcards are tried for one path, 5 ms at worst. A file that holds more for one path was written
 * by nobody, and each of its pages would have to be matched against 40,000 rules.
 */
export const MAX_TRIED = 2_000;

/** More rules with wildcards may match a path than are tried. */
export const TOO_MANY = Symbol("too many rules");

/**
 * The rules of one crawler by the text that they begin with: a path meets those alone that begin as it does, so that
 * a check among 40,000 plain rules costs as many look-ups as the path has letters, at most.
 */
export class RobotsRuleIndex {
  /** Rules without a wildcard by their text, and among equal ones the one that decides. */
  readonly #plain = new Map<string, IndexedRule>();
  /** The others, each text once, by the part before their first wildcard. */
  readonly #wild = new Map<string, Map<string, IndexedRule>>();
  /** Lengths of the keys, so that only prefixes are looked up that there are. */
  readonly #lengths = new Set<number>();

  add(line: RobotsLine): void {
    const pattern = new RobotsPattern(line.value);
    const rule = { line, pattern };
    this.#lengths.add(pattern.prefix.length);
    if (pattern.isPlain) {
      keepDecisive(this.#plain, pattern.prefix, rule);
      return;
    }
    const same = this.#wild.get(pattern.prefix) ?? new Map<string, IndexedRule>();
    this.#wild.set(pattern.prefix, same);
    keepDecisive(same, pattern.text, rule);
  }

  /** The rule that decides on a normalised path: the longest that matches, and Allow among equals (section 2.2.2). */
  decisive(path: string): IndexedRule | typeof TOO_MANY | undefined {
    let best: IndexedRule | undefined;
    let tried = 0;
    for (const length of this.#lengths) {
      if (length > path.length) continue;
      const prefix = path.slice(0, length);
      const plain = this.#plain.get(prefix);
      if (plain !== undefined && decides(plain, best)) best = plain;
      const wild = this.#wild.get(prefix);
      if (wild === undefined) continue;
      tried += wild.size;
      if (tried > MAX_TRIED) return TOO_MANY;
      for (const rule of wild.values()) {
        if (decides(rule, best) && rule.pattern.matches(path)) best = rule;
      }
    }
    return best;
  }
}

function keepDecisive(rules: Map<string, IndexedRule>, key: string, rule: IndexedRule): void {
  if (decides(rule, rules.get(key))) rules.set(key, rule);
}

/** Whether a rule counts more than another that matches as well. */
function decides(rule: IndexedRule, other: IndexedRule | undefined): boolean {
  if (other === undefined) return true;
  const longer = rule.pattern.octets - other.pattern.octets;
  if (longer !== 0) return longer > 0;
  const [a, b] = [rule.line, other.line];
  return a.field === b.field ? a.number < b.number : a.field === "allow";
}
