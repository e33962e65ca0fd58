import { parseConfig } from "@bee/core";
import { expect, test } from "@jest/globals";
import { type OwnContainer, workerTemplate } from "./docker-template.ts";

const configWith = (variables: Record<string, string> = {}) =>
  parseConfig({ BEE_SCALE_DRIVER: "docker", ...variables }, () => "");

/** The scaler's container, as the engine tells of it. */
const OWN: OwnContainer = {
  Image: "sha256:083a",
  Config: {
    Env: [
      "DATABASE_URL=postgres://bee@postgres/bee",
      "REDIS_URL=redis://redis:6379",
      "BEE_RULES=/etc/bee/rules.json",
      "BEE_ADMIN_KEY=a-very-secret-key",
      "BEE_SCALE_DRIVER=docker",
      "BEE_DOCKER_MEMORY=256",
      "DOCKER_HOST=unix:///var/run/docker.sock",
      "NODE_OPTIONS=--max-semi-space-size=32",
    ],
    Labels: { "com.docker.compose.project": "shop" },
  },
  HostConfig: { LogConfig: { Type: "json-file", Config: { "max-size": "10m" } }, ExtraHosts: null },
  NetworkSettings: { Networks: { shop_stores: {}, shop_web: {} } },
  Mounts: [
    { Type: "bind", Source: "/run/user/1000/docker.sock", Destination: "/var/run/docker.sock" },
    { Type: "bind", Source: "/srv/rules.json", Destination: "/etc/bee/rules.json" },
    {
      Type: "volume",
      Name: "shop_data",
      Source: "/var/lib/docker/volumes/shop_data/_data",
      Destination: "/data",
    },
  ],
};

test("a worker gets the scaler's image, networks, environment and files, but neither its key nor its engine", () => {
  const template = workerTemplate(OWN, configWith());
  const spec = template.spec("shop-worker-1", "us");
  expect(template).toMatchObject({
    label: "blue-banded-bee.fleet=shop.default.general",
    prefix: "shop-worker",
    furtherNetworks: ["shop_web"],
  });
  expect(spec).toMatchObject({
    Hostname: "shop-worker-1",
    Image: "sha256:083a",
    Cmd: ["worker"],
    Env: [
      "DATABASE_URL=postgres://bee@postgres/bee",
      "REDIS_URL=redis://redis:6379",
      "BEE_RULES=/etc/bee/rules.json",
      "NODE_OPTIONS=--max-semi-space-size=32",
      "BEE_OWNER=us",
    ],
    Labels: { "blue-banded-bee.fleet": "shop.default.general" },
    HostConfig: {
      NetworkMode: "shop_stores",
      LogConfig: OWN.HostConfig.LogConfig,
      Mounts: [
        { Type: "bind", Source: "/srv/rules.json", Target: "/etc/bee/rules.json", ReadOnly: true },
        { Type: "volume", Source: "shop_data", Target: "/data", ReadOnly: true },
      ],
    },
  });
});

test("a worker may do no more than it must", () => {
  expect(workerTemplate(OWN, configWith()).spec("w", "us").HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Memory: 512 * 2 ** 20,
    RestartPolicy: { Name: "no" },
  });
});

test("what is set goes before what the scaler's container has", () => {
  const template = workerTemplate(
    OWN,
    configWith({
      BEE_DOCKER_FLEET: "blue",
      BEE_DOCKER_IMAGE: "registry.example/bee:2",
      BEE_DOCKER_NETWORK: "egress, stores",
      BEE_DOCKER_MEMORY: "768",
      BEE_REGION: "eu",
    }),
  );
  expect(template).toMatchObject({
    label: "blue-banded-bee.fleet=blue.eu.general",
    prefix: "blue-worker",
    furtherNetworks: ["stores"],
  });
  expect(template.spec("w", "us")).toMatchObject({
    Image: "registry.example/bee:2",
    HostConfig: { NetworkMode: "egress", Memory: 768 * 2 ** 20 },
  });
});
