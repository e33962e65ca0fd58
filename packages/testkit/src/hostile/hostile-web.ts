import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Behaviour } from "./behaviour.ts";

/** Servers that misbehave, one a host name, on one port of the loopback address. */
export interface HostileWeb {
  readonly port: number;
  /** Connections that clients have not closed. */
  readonly open: number;
  /** Resolves once there is none any more. */
  quiet(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param behaviours by host name. robots.txt and sitemaps are not found there, as on a site that has none, unless
 * a path such as `host/robots.txt` has a behaviour of its own.
 */
export async function startHostileWeb(behaviours: ReadonlyMap<string, Behaviour>): Promise<HostileWeb> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // Clients go away in the middle of everything.
    socket.on("error", () => {});
    // Each piece that comes is a request; what comes of a TLS handshake is for its behaviour alone.
    socket.on("data", function answer(received: Buffer) {
      // A behaviour that does not listen must still hear that its client has left.
      if (received[0] === TLS_HANDSHAKE) socket.off("data", answer).resume();
      const [host, path] = targetOf(received, behaviours);
      const extra = path === "/robots.txt" || path === "/sitemap.xml";
      const behaviour = behaviours.get(host + path) ?? (extra ? notFound : behaviours.get(host));
      behaviour?.(socket, received);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return sockets.size;
    },
    async quiet() {
      while (sockets.size > 0) await Promise.all([...sockets].map(closed));
    },
    async stop() {
      const end = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await end;
    },
  };
}

/** The first byte of a handshake. */
const TLS_HANDSHAKE = 0x16;

function notFound(socket: Socket): void {
  socket.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

/** The Host header names it, or the server name that stands plainly in the first bytes of a TLS handshake. */
function targetOf(bytes: Buffer, behaviours: ReadonlyMap<string, Behaviour>): [host: string, path: string] {
  const text = bytes.toString("latin1");
  const path = /^GET ([^ ?]+)/.exec(text)?.[1] ?? "/";
  const header = /^host: ([^:\r\n]+)/im.exec(text)?.[1]?.toLowerCase();
  return [header ?? [...behaviours.keys()].find((host) => text.includes(host)) ?? "", path];
}
