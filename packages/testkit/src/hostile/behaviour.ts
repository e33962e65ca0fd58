import type { Socket } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";

/** What a server does on a connection when a request, or the beginning of a TLS handshake, has come. */
export type Behaviour = (socket: Socket, received: Buffer) => void;

/** Says this and leaves the connection open. */
export function says(...parts: readonly (string | Buffer)[]): Behaviour {
  return (socket) => {
    for (const part of parts) socket.write(part, "latin1");
  };
}

/** Says this and closes its side. */
export function ends(...parts: readonly (string | Buffer)[]): Behaviour {
  return (socket) => {
    for (const part of parts) socket.write(part, "latin1");
    socket.end();
  };
}

const PIECE = 64 * 1024;

/** Says this and then `more` for as long as somebody reads. */
export function floods(start: string, more: string): Behaviour {
  // In pieces of some size: who writes four bytes at a time keeps itself busy, not its client.
  const bytes = Buffer.alloc(Math.ceil(PIECE / more.length) * more.length, more, "latin1");
  const go = (socket: Socket) => {
    while (!socket.destroyed && socket.write(bytes));
    if (!socket.destroyed) socket.once("drain", () => go(socket));
  };
  return (socket) => {
    socket.write(start, "latin1");
    go(socket);
  };
}

/** Says this and then `drop` every 20 ms, so that no silence is ever long. */
export function drips(start: string, drop = "x"): Behaviour {
  return (socket) => {
    socket.write(start, "latin1");
    const timer = setInterval(() => socket.write(drop, "latin1"), 20);
    socket.once("close", () => clearInterval(timer));
  };
}

/** Says this and resets the connection. */
export function resets(start = ""): Behaviour {
  return (socket) => {
    if (start === "") socket.resetAndDestroy();
    else socket.write(start, "latin1", () => socket.resetAndDestroy());
  };
}

/** Shakes hands with a certificate, and behaves so behind it. */
export function behindTls(certificate: SecureContextOptions, behaviour: Behaviour): Behaviour {
  return (socket, received) => {
    // The handshake has begun with what was received.
    socket.pause().unshift(received);
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext(certificate),
    });
    // Clients leave in the middle of the handshake: that is what the tests are about.
    secure.on("error", () => {});
    secure.once("data", (request) => behaviour(secure, request));
  };
}
