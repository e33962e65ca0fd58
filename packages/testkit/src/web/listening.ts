import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Starts a server, on the loopback address unless told otherwise, and returns its port; 0 means any free one. */
export async function listen(server: Server, port = 0, address = "127.0.0.1"): Promise<number> {
  server.listen(port, address);
  try {
    await once(server, "listening");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new Error(
      `expected to listen on ${address}:${port}, got ${code}: choose another port, or 0 for any`,
      {
        cause,
      },
    );
  }
  return (server.address() as AddressInfo).port;
}

/** Stops a server and closes its sockets, busy ones too: a test must not wait for a client that went away. */
export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
