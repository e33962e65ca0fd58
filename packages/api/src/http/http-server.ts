import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { BeeError, messageOf } from "@bee/core";

/** Requests under way get this long to end when the process stops. */
const DRAIN_MS = 10_000;
const SWEEP_MS = 50;
/** A whole request must arrive within this, however slowly it drips. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the 60 s of common load balancers, so that it is they who close idle connections, and know it. */
const KEEP_ALIVE_MS = 65_000;

/** Listens, and stops without cutting off who is being served. */
export class HttpServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #stopping = false;

  constructor() {
    this.#server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket.once("close", () => this.#sockets.delete(socket)));
    });
  }

  /** From the first moment of stopping: the process is not ready any more. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** @returns where. @throws BeeError `cannot-start` when the address cannot be had. */
  async listen(handle: RequestListener, host: string, port: number): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.on("request", handle).once("error", reject).listen(port, host, resolve);
    try {
      await promise;
    } catch (cause) {
      throw cannotListen(host, port, cause);
    }
    return this.#server.address() as AddressInfo;
  }

  /** Accepts nobody new, waits for who is being served, and cuts off those who take too long. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    const sweep = setInterval(() => this.#closeIdle(), SWEEP_MS);
    const deadline = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    await promise;
    clearInterval(sweep);
    clearTimeout(deadline);
  }

  /** Connections kept alive are idle again after their last answer, and would stay. */
  #closeIdle(): void {
    this.#server.closeIdleConnections();
    // Browsers and pools open some ahead; for Node those are not idle but about to send.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }
}

function cannotListen(host: string, port: number, cause: unknown): BeeError {
  const { code } = cause as { code?: string };
  const got = code === "EADDRINUSE" ? "one that another process listens on" : messageOf(cause);
  return new BeeError(
    "cannot-start",
    `expected a free address at BEE_HOST ${host}, BEE_PORT ${port}, got ${got}; choose another port or stop that process`,
    { cause },
  );
}
