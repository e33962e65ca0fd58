import * as z from "zod";
import { addressInHost, isInNetwork, isNetwork } from "./address.ts";
import { expecting } from "./expectation.ts";

const country = z
  .string()
  .regex(/^[a-z]{2}$/i, { error: expecting("two letters, the end of a country's names") })
  .toLowerCase();
const network = z.string().refine(isNetwork, { error: expecting("a network such as 192.0.2.0/24") });

/** What `BEE_REGIONS` says of a region: the endings of the names that are near it, and the networks. */
export const regionBookSchema = z.record(
  z.string(),
  z.strictObject({ countries: z.array(country).default([]), networks: z.array(network).default([]) }),
);

/** Which places are near which region, by region. */
export type RegionBook = Readonly<z.infer<typeof regionBookSchema>>;

export interface Place {
  readonly region: string;
  /** What of the host says so: `.fr`, or its address. */
  readonly because: string;
}

/** The region that a host's address or its country's ending suggests; the first that names it. Null where none does. */
export function placeOf(host: string, book: RegionBook): Place | null {
  const address = addressInHost(host);
  const ending = host.slice(host.lastIndexOf(".") + 1).toLowerCase();
  const isNear = ({ countries, networks }: RegionBook[string]) =>
    address === null ? countries.includes(ending) : networks.some((network) => isInNetwork(address, network));
  const region = Object.keys(book).find((name) => isNear(book[name]!));
  return region === undefined ? null : { region, because: address ?? `.${ending}` };
}
