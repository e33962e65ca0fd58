/**
 * One more process at a gate, to be stopped by tests: `gate-process.ts <redis URL> <deadline ms> <domain> <rule as JSON>
 * <requests>` makes its requests at once, of 20 ms each, and prints when each starts by the machine's monotonic clock.
 */
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { monotonicMs } from "@bee/testkit";
import { Gates } from "../gates.ts";
import { openRedis } from "../redis.ts";

const REQUEST_MS = 20;

const [url, deadlineMs, domain, rule, count] = process.argv.slice(2);
const redis = openRedis({ url: url!, name: "gate process", log: silentLog });
const gates = new Gates(redis, { deadlineMs: Number(deadlineMs), log: silentLog });
await gates.start({ begun: false });
const gate = { rule: JSON.parse(rule!), revision: 1 };
await Promise.all(
  Array.from({ length: Number(count) }, () =>
    gates.pass(domain!, gate, async () => {
      process.stdout.write(`${monotonicMs()}\n`);
      await delay(REQUEST_MS);
    }),
  ),
);
await gates.stop();
redis.disconnect();
