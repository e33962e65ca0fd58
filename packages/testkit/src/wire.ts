import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A wire to a store that a test can cut, silence and mend. */
export interface Wire {
  readonly url: string;
  /** Connections break off, new ones are refused. */
  cut(): Promise<void>;
  /** Connections stay, and nothing comes through: as behind a cut cable. */
  silence(): void;
  mend(): Promise<void>;
  stop(): Promise<void>;
}

export async function layWire(storeUrl: string): Promise<Wire> {
  const store = new URL(storeUrl);
  const sockets = new Set<Socket>();
  let silent = false;
  const keep = (socket: Socket) => {
    sockets.add(socket.once("close", () => sockets.delete(socket)));
    // Its other end is closed with it.
    socket.on("error", () => {});
    if (silent) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(Number(store.port), store.hostname);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
    keep(near);
    keep(far);
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const url = new URL(storeUrl);
  url.host = `127.0.0.1:${port}`;
  const cut = async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    url: url.href,
    cut,
    silence() {
      silent = true;
      for (const socket of sockets) socket.pause();
    },
    async mend() {
      silent = false;
      for (const socket of sockets) socket.resume();
      if (!server.listening) await listen(port);
    },
    stop: async () => (server.listening ? cut() : undefined),
  };
}
