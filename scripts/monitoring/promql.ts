import { parser } from "@prometheus-io/lezer-promql";

/** A metric that an expression names, with the labels that it asks of it. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** @throws Error when the expression is no PromQL. */
export function selectorsIn(expression: string): Selector[] {
  const selectors: { metric: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter({ name, type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`expected PromQL, got ${expression} with an error at ${from}`);
      if (name === "VectorSelector") selectors.push({ metric: /^[\w:]+/.exec(text)?.[0] ?? "", labels: [] });
      if (name === "LabelName" && selectors.length > 0 && isInMatcher(expression, from)) {
        selectors.at(-1)!.labels.push(text);
      }
    },
  });
  return selectors;
}

/** Labels also stand behind `by` and `on`. */
function isInMatcher(expression: string, at: number): boolean {
  return (
    expression.lastIndexOf("{", at) >
    Math.max(expression.lastIndexOf("}", at), expression.lastIndexOf("(", at))
  );
}
