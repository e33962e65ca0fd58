import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer as createListener, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What somebody receives who is told alerts, and a way to wait for more of it. */
export interface Inbox<T> {
  readonly url: string;
  readonly received: readonly T[];
  /** What there is when there are so many. */
  atLeast(count: number): Promise<readonly T[]>;
  close(): Promise<void>;
}

class Box<T> {
  readonly received: T[] = [];
  #heard = Promise.withResolvers<void>();

  put(item: T): void {
    this.received.push(item);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  async atLeast(count: number): Promise<readonly T[]> {
    while (this.received.length < count) await this.#heard.promise;
    return this.received;
  }
}

/** @param answer the status of each answer; a promise of one may never come. */
export async function openWebhookInbox(
  answer: () => number | Promise<number> = () => 204,
): Promise<Inbox<Received>> {
  const box = new Box<Received>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    box.put({ headers: request.headers, body });
    response.writeHead(await answer()).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: box.received,
    atLeast: (count) => box.atLeast(count),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A mail server without TLS and passwords that keeps all mail, as it came. */
export async function openMailInbox(): Promise<Inbox<string>> {
  const box = new Box<string>();
  const server = new SMTPServer({
    disabledCommands: ["STARTTLS", "AUTH"],
    onData: (stream, _session, done) => {
      text(stream).then((mail) => {
        box.put(mail);
        done();
      }, done);
    },
  });
  const { server: listener } = server;
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    received: box.received,
    atLeast: (count) => box.atLeast(count),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** A mail server that takes a connection and never greets. */
export async function openSilentServer() {
  const sockets = new Set<Socket>();
  const connected = Promise.withResolvers<void>();
  const server = createListener((socket) => {
    sockets.add(socket.on("error", () => {}));
    connected.resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connected: connected.promise,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
