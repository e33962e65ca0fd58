import type { Domain } from "@bee/store";

/** A domain as callers see it. */
export interface DomainView extends Omit<Domain, "name"> {
  readonly domain: string;
}

export function toDomainView({ name, ...domain }: Domain): DomainView {
  return { domain: name, ...domain };
}
