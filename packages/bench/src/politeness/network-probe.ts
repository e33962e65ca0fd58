/** `network-probe.ts <port>`: asks the simulated web again and again, each time on a new connection, and says when. */
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { monotonicMs } from "@bee/testkit";
import { PROBE_HOST } from "./network.ts";

const EVERY_MS = 25;

const port = Number(process.argv[2]);
for (;;) {
  await new Promise<void>((resolve) => {
    const path = `/?sent=${monotonicMs()}`;
    request({ port, path, headers: { host: PROBE_HOST }, agent: false }, (answer) => answer.resume())
      .on("close", resolve)
      .on("error", () => process.exit())
      .end();
  });
  await delay(EVERY_MS);
}
