import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { BeeError, type Config } from "@bee/core";

const RETRY_MS = 100;

/**
 * Looks whether the API will be able to listen, before anything is started for it.
 * @param patienceMs how long to wait for a port that is about to be free.
 * @throws BeeError `cannot-start` when it will not.
 */
export async function requireFreePort(address: Pick<Config, "host" | "port">, patienceMs = 0): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const code = await tryToListen(address);
    if (code === undefined) return;
    if (code !== "EADDRINUSE" || performance.now() > deadline) throw notFree(address, code);
    await delay(RETRY_MS);
  }
}

/** The error code of a try to listen there; undefined when it went well. */
export async function tryToListen({
  host,
  port,
}: Pick<Config, "host" | "port">): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

function notFree({ host, port }: Pick<Config, "host" | "port">, code: string): BeeError {
  const got = code === "EADDRINUSE" ? "something that listens there" : code;
  return new BeeError(
    "cannot-start",
    `expected port ${port} of ${host} to be free for the API, got ${got}; stop that, or set BEE_HOST and BEE_PORT to another address`,
  );
}
