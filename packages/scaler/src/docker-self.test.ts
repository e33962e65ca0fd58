import { hostname } from "node:os";
import { expect, test } from "@jest/globals";
import { ownContainerId } from "./docker-self.ts";

const ID = "0366ac7fba60db5bcd23ff59e42a4f42c66abcee3cee93daf239a2f5a2ce724c";

test("a container knows its id by the files that Docker mounts into it, whatever its host name", () => {
  const mounts = [
    "78 79 0:66 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/AB",
    `97 79 254:0 /docker/data/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw`,
  ].join("\n");
  expect(ownContainerId(mounts)).toBe(ID);
});

test("without these the host name has to do, which is the beginning of the id", () => {
  expect(ownContainerId("22 27 0:21 / /proc rw,relatime - proc proc rw")).toBe(hostname());
});
