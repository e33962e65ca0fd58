import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { validate } from "dockerfile-utils";
import { parse } from "yaml";

const inDocker = (path: string) => new URL(`../../docker/${path}`, import.meta.url);
const read = (path: string) => readFileSync(inDocker(path), "utf8");

describe("the Dockerfile", () => {
  const dockerfile = read("Dockerfile");
  const faults = (text: string) => validate(text).map(({ message }) => message);

  test("is without faults", () => {
    expect(faults(dockerfile)).toEqual([]);
    expect(faults("FORM node\nCMD a\nCMD b\n")).not.toEqual([]);
  });

  test("what runs is not root, and leaves no lists of packages behind", () => {
    const [, ...stages] = dockerfile.split(/^FROM /m);
    const users = new Map(
      stages.map((stage) => [/ AS (\S+)/.exec(stage)?.[1], /^USER (\S+)/m.exec(stage)?.[1]]),
    );
    expect(stages.at(-1)).toMatch(/^base AS fleet\n/);
    expect(users.get("base")).toBe("node");
    for (const install of dockerfile.match(/^RUN apt-get[\s\S]*?[^\\]$/gm) ?? []) {
      expect(install).toMatch(/--no-install-recommends[\s\S]*rm -rf \/var\/lib\/apt\/lists/);
    }
  });
});

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks: readonly string[] | Record<string, unknown>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly string[];
  readonly healthcheck?: object;
  readonly [setting: string]: unknown;
}

describe("the composition", () => {
  const { services, networks, volumes } = parse(read("compose.yml"), { merge: true }) as {
    readonly services: Readonly<Record<string, Service>>;
    readonly networks: object;
    readonly volumes: object;
  };
  const all = Object.entries(services);

  test("has a limit of memory, a restart policy, and an image of a fixed version for everything", () => {
    for (const [name, { image, mem_limit, restart }] of all) {
      const version = /:-[^}]*:[\w.-]+\}$/.test(image) || image.includes("blue-banded-bee");
      expect({ name, version, mem_limit, restart }).toEqual({
        ...{ name, version: true },
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        restart: name === "migrate" ? "no" : "unless-stopped",
      });
    }
  });

  test("names only networks, volumes, files and services that there are", () => {
    for (const [, { networks: ofService, volumes: mounts = [], depends_on = {} }] of all) {
      const names = Array.isArray(ofService) ? ofService : Object.keys(ofService);
      expect(Object.keys(networks)).toEqual(expect.arrayContaining(names));
      for (const mount of mounts) {
        const [source = ""] = mount.split(":");
        if (source.startsWith("./"))
          expect({ source, is: existsSync(inDocker(source)) }).toEqual({ source, is: true });
        else expect(Object.keys(volumes)).toContain(source);
      }
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(Object.keys(services)).toContain(needed);
        if (condition === "service_healthy") expect(services[needed]).toHaveProperty("healthcheck");
      }
    }
  });

  test("publishes nothing beyond this machine unless told to", () => {
    const ports = all.flatMap(([, { ports = [] }]) => ports);
    expect(ports.length).toBeGreaterThan(1);
    for (const port of ports) expect(port).toMatch(/^\$\{[A-Z_]+:-127\.0\.0\.1:\d+\}:\d+$/);
  });

  test("is the whole fleet without a profile, and monitoring and the demo with theirs", () => {
    const of = (profile?: string) =>
      all.filter(([, { profiles }]) => profiles?.[0] === profile).map(([name]) => name);
    expect(of()).toEqual(["redis", "postgres", "migrate", "api", "scaler", "worker"]);
    expect(of("monitoring")).toEqual(["prometheus", "grafana"]);
    expect(of("demo")).toEqual(["demo-site"]);
  });

  test("Prometheus is given the alerts, and Grafana its dashboard, where their configuration looks for them", () => {
    expect(parse(read("prometheus/prometheus.yml")).rule_files).toEqual(["/etc/prometheus/alerts.yml"]);
    const { path } = parse(read("grafana/provisioning/dashboards/bee.yml")).providers[0].options;
    expect(services["grafana"]!.volumes).toContainEqual(`./grafana/dashboards:${path}:ro`);
    const [{ uid }] = parse(read("grafana/provisioning/datasources/prometheus.yml")).datasources;
    const used = read("grafana/dashboards/blue-banded-bee.json").match(/"uid": "bee-prometheus"/g);
    expect(uid).toBe("bee-prometheus");
    expect(used!.length).toBeGreaterThan(20);
  });
});
