import { createServer } from "node:net";

/** A port of the loopback address that nobody listens on: the preferred one if it is free. */
export async function freePort(preferred?: number): Promise<number> {
  const port = preferred && (await tryPort(preferred).catch(() => undefined));
  return port || tryPort(0);
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
