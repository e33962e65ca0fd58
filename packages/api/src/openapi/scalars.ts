import * as z from "zod";

export const moment = z.string().meta({ format: "date-time" });
export const uuid = z.string().meta({ format: "uuid" });
export const count = z.int().min(0);
/** Milliseconds. */
export const milliseconds = z.number().min(0);
/** A list as every list is: its entries, and how the next page is asked for. */
export const nextCursor = z
  .string()
  .nullable()
  .describe("What `cursor` is to be for the next entries; null after the last.");

/** An object of so many pages for each name. */
export function countsOf<const K extends string>(names: readonly K[]) {
  return z.record(z.enum(names), count);
}
