import { expect, test } from "@jest/globals";
import { addressInHost, isAllowedAddress, isNetwork } from "./address.ts";

/** An address as it comes out of a URL: the parser knows more spellings than any check should. */
function inUrl(host: string): string {
  const address = addressInHost(new URL(`http://${host}/`).hostname);
  if (address === null) throw new Error(`expected an address, got the name ${host}`);
  return address;
}

test.each([
  "1.1.1.1",
  "93.184.216.34",
  "8.8.8.8",
  "[2606:2800:220:1:248:1893:25c8:1946]",
  "[2a00:1450::1]",
  "[::ffff:8.8.8.8]",
])("%s is public", (host) => {
  expect(isAllowedAddress(inUrl(host), [])).toBe(true);
});

test.each([
  // Spellings of loopback.
  ...[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "①②⑦.⓪.⓪.①",
    "127.0.0.1.",
  ],
  // This host, private, shared, link-local and the metadata services that live there.
  ...[
    "0",
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "169.254.169.254",
  ],
  // Protocol assignments, documentation, benchmarks, multicast, reserved, broadcast.
  ...[
    "192.0.0.1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
  ],
  // IPv6: unspecified, loopback, unique local, link-local, site-local, multicast, documentation, discard.
  ...[
    "[::]",
    "[::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[100::1]",
  ],
  // IPv4 inside IPv6: mapped, compatible, NAT64 (well-known and local), 6to4, Teredo, translated.
  ...[
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::10.0.0.1]",
    "[::169.254.169.254]",
    "[64:ff9b::7f00:1]",
  ],
  ...[
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::]",
    "[2001::1]",
    "[::ffff:0:127.0.0.1]",
    "[5f00::1]",
  ],
  // Space that nobody has been given.
  ...["[1::1]", "[4000::1]", "[::1:0:0:1]"],
])("%s is not", (host) => {
  expect(isAllowedAddress(inUrl(host), [])).toBe(false);
});

test.each(["", "localhost", "127.1", "0x7f.1", "2130706433", "1.1.1.1.", "[::1]", " 1.1.1.1", "1.1.1.1/8"])(
  "%p is no address at all",
  (text) => {
    expect(isAllowedAddress(text, ["0.0.0.0/0", "::/0"])).toBe(false);
  },
);

test("an allowed network is allowed, in every spelling, and nothing beside it", () => {
  const allowed = ["127.0.0.0/8", "fd00::/8"];
  for (const host of ["127.0.0.1", "127.255.0.1", "2130706433", "[::ffff:127.0.0.1]", "[fd00::1]"]) {
    expect(isAllowedAddress(inUrl(host), allowed)).toBe(true);
  }
  for (const host of ["10.0.0.1", "[::1]", "[fc00::1]", "[::127.0.0.1]"])
    expect(isAllowedAddress(inUrl(host), allowed)).toBe(false);
});

test("a zone does not make a link-local address public", () => {
  expect(isAllowedAddress("fe80::1%eth0", [])).toBe(false);
});

test("tells addresses in hosts from names", () => {
  expect(addressInHost("[::1]")).toBe("::1");
  expect(addressInHost("127.0.0.1")).toBe("127.0.0.1");
  for (const name of ["example.com", "localhost", "1.example", "[", ""])
    expect(addressInHost(name)).toBeNull();
});

test.each([
  ["127.0.0.0/8", true],
  ["10.0.0.1/32", true],
  ["fd00::/8", true],
  ["127.0.0.1", false],
  ["127.0.0.0/33", false],
  ["localhost/8", false],
  ["", false],
])("%p is a network: %p", (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});
