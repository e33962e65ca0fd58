import { type ApiOptions, findApi } from "../client/find-api.ts";
import { FLEET_FIELDS } from "../client/wire.ts";
import { EXIT } from "../exit-codes.ts";
import { fleetText } from "../show/fleet-text.ts";
import { screenOf } from "../show/screen.ts";
import { printJson } from "./print-json.ts";

/** Shows who works, what waits, and why the fleet has its size. */
export async function fleet({ json, ...options }: ApiOptions & { readonly json?: boolean }): Promise<number> {
  const state = await findApi(options).get("/v1/fleet", FLEET_FIELDS);
  if (json) printJson(state);
  else process.stdout.write(fleetText(state, screenOf(process.stdout)));
  return EXIT.fine;
}
