/** A number that was measured, and what it must be for the promise to hold. */
export interface Figure {
  readonly what: string;
  readonly got: number;
  /** Empty for a bare ratio or count. */
  readonly unit: string;
  readonly must: { readonly atMost: number } | { readonly atLeast: number };
}

/** One measurement: says what it does while it does it, and gives its figures. */
export interface Measure {
  /** One line for the list of measures. */
  readonly about: string;
  run(say: (line: string) => void): Promise<Figure[]>;
}

export function holds({ got, must }: Figure): boolean {
  return "atMost" in must ? got <= must.atMost : got >= must.atLeast;
}

export function figureText(figure: Figure): string {
  const { what, got, unit, must } = figure;
  const number = (value: number) => `${readable(value)}${unit === "" ? "" : ` ${unit}`}`;
  const limit = "atMost" in must ? `at most ${number(must.atMost)}` : `at least ${number(must.atLeast)}`;
  return `${holds(figure) ? "ok    " : "MISSED"}  ${what}: ${number(got)} (${limit})`;
}

function readable(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}
