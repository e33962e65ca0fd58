import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningCache, startProgram } from "./program.ts";

/** Starts Varnish with its built-in rules in front of an origin; what is too old is not served any more. */
export async function startVarnish(binary: string, originPort: number): Promise<RunningCache> {
  const directory = await mkdtemp(join(tmpdir(), "bee-varnish-"));
  const port = await freePort();
  const rules = join(directory, "rules.vcl");
  await writeFile(rules, vcl(originPort));
  const args = ["-F", "-n", join(directory, "work"), "-f", rules, "-a", `127.0.0.1:${port}`, "-T", "none"];
  // No other user to become, and little memory and few threads: it serves one test.
  const small = ["-j", "none", "-s", "malloc,16m", "-p", "thread_pools=1", "-p", "thread_pool_min=10"];
  const stop = await startProgram(binary, [...args, ...small], port);
  return {
    port,
    async stop() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function vcl(originPort: number): string {
  return `
vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "${originPort}"; }
sub vcl_backend_response {
  set beresp.grace = 0s;
  set beresp.keep = 0s;
}
`;
}
