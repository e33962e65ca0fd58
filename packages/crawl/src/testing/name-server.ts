import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach } from "@jest/globals";

/** What a name server answers to a question: addresses of its family, that the name does not exist, an error, or nothing. */
export type DnsAnswer = readonly string[] | "no-such-name" | "server-failure" | "silence";

const A = 1;
const RESPONSE_CODES = { "no-such-name": 3, "server-failure": 2 } as const;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A name server on loopback, just enough of RFC 1035 to answer A and AAAA; its address for `servers`. */
export async function serveNames(answer: (name: string, type: "A" | "AAAA") => DnsAnswer): Promise<string> {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const { name, end } = nameIn(query);
    const type = query.readUInt16BE(end) === A ? "A" : "AAAA";
    const reply = answer(name, type);
    if (reply !== "silence") socket.send(response(query.subarray(0, end + 4), reply, type), port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  stops.push(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

function response(question: Buffer, answer: Exclude<DnsAnswer, "silence">, type: "A" | "AAAA"): Buffer {
  const addresses = typeof answer === "string" ? [] : answer;
  const header = Buffer.from(question);
  header.writeUInt16BE(0x8180 | (typeof answer === "string" ? RESPONSE_CODES[answer] : 0), 2);
  header.writeUInt16BE(addresses.length, 6);
  header.fill(0, 8, 12);
  return Buffer.concat([header, ...addresses.map((address) => record(address, type))]);
}

/** A pointer to the name in the question, type, class IN, no lifetime, the address. */
function record(address: string, type: "A" | "AAAA"): Buffer {
  const bytes =
    type === "A"
      ? Buffer.from(address.split(".").map(Number))
      : Buffer.from(address.replaceAll(":", ""), "hex");
  const head = Buffer.from([0xc0, 12, 0, type === "A" ? A : 28, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
  return Buffer.concat([head, bytes]);
}
