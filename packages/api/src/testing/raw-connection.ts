import { once } from "node:events";
import { connect } from "node:net";

/** A connection that speaks HTTP by hand, to send requests in pieces. */
export interface RawConnection {
  send(text: string): Promise<void>;
  /** Reads nothing more, as a reader does that hangs. */
  pause(): void;
  /** All that came until the server closed the connection. */
  readonly answer: Promise<string>;
}

export async function connectRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let received = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    received += chunk;
  });
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  socket.once("close", () => resolve(received));
  return {
    send: (text) => new Promise((sent) => socket.write(text, () => sent())),
    pause: () => void socket.pause(),
    answer,
  };
}
