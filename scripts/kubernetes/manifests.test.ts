import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { parseConfig } from "@bee/core";
import { describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { containersOf, type Manifest, render } from "./render.ts";
import { breachesOf } from "./schema.ts";

const KUBERNETES = join(import.meta.dirname, "../../docker/kubernetes");
const OVERLAYS = ["keda", "hpa", "trial"];

const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
const byName = (manifests: readonly Manifest[]) =>
  Object.fromEntries(manifests.map((manifest) => [nameOf(manifest), manifest]));
const noFile = () => {
  throw new Error("the configuration names no file");
};
const hasKubectl = spawnSync("kubectl", ["kustomize", "--help"]).status === 0;

describe.each(OVERLAYS)("the overlay %s", (overlay) => {
  const directory = join(KUBERNETES, "overlays", overlay);
  const manifests = render(directory);
  const all = byName(manifests);
  const deployments = manifests.filter(({ kind }) => kind === "Deployment");

  test("has nothing twice, and holds to the published schemas field by field", async () => {
    expect(Object.keys(all)).toHaveLength(manifests.length);
    for (const manifest of manifests) {
      expect({ of: nameOf(manifest), breaches: await breachesOf(manifest) }).toEqual({
        of: nameOf(manifest),
        breaches: [],
      });
    }
  });

  (hasKubectl ? test : test.skip)("is rendered by kubectl in the same way", () => {
    const rendered = execFileSync("kubectl", ["kustomize", directory], { encoding: "utf8" });
    expect(byName(parseAllDocuments(rendered).map((document) => document.toJS()))).toEqual(all);
  });

  test("every selector finds the pods it means", () => {
    const labels = deployments.map((deployment) => deployment["spec"].template.metadata.labels);
    const selectors = manifests.flatMap(({ kind, spec }) => {
      if (kind === "Service") return [spec.selector];
      return kind === "Deployment" || kind === "PodDisruptionBudget" ? [spec.selector.matchLabels] : [];
    });
    expect(selectors.length).toBeGreaterThan(6);
    for (const selector of selectors) {
      expect(
        labels.filter((ofPod) => Object.entries(selector).every(([k, v]) => ofPod[k] === v)),
      ).toHaveLength(1);
    }
  });

  test("every pod is confined, has limits, and an image of a fixed version", () => {
    for (const { spec } of deployments) {
      const pod = spec.template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
    }
    for (const container of deployments.flatMap(containersOf)) {
      expect(container).toMatchObject({
        image: expect.stringMatching(/^[a-z-]+:[\w.-]+$/),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        resources: { limits: { memory: expect.any(String) }, requests: { cpu: expect.any(String) } },
      });
    }
  });

  test("secrets are named, never written", () => {
    expect(manifests.filter(({ kind }) => kind === "Secret")).toEqual([]);
    const secret = deployments
      .flatMap(containersOf)
      .flatMap(({ env = [] }) => env)
      .filter(({ name }) => /_URL$|_KEY$|PASSWORD/.test(name));
    expect(secret.length).toBeGreaterThan(5);
    for (const variable of secret) expect(Object.keys(variable)).toEqual(["name", "valueFrom"]);
  });

  test("what the fleet is told is a configuration that it understands", () => {
    const { data } = all["ConfigMap bee"]!;
    expect(parseConfig(data, noFile)).toMatchObject({
      workers: { min: 3, max: 25 },
      scaleDriver: "external",
    });
  });
});

describe("the base", () => {
  const all = byName(render(join(KUBERNETES, "overlays/keda")));
  const podOf = (name: string) => all[`Deployment ${name}`]!["spec"].template.spec;

  test.each([
    // What a process takes to end at most, of which docs/kubernetes.md tells, and the wait before it.
    ["api", 20 + 5],
    ["worker", 25],
    ["scaler", 20],
  ])("%s has the time to end in order, and probes that tell whether it lives", (name, seconds) => {
    expect(podOf(name).terminationGracePeriodSeconds).toBeGreaterThan(seconds);
    expect(podOf(name).containers[0]).toMatchObject({ startupProbe: {}, livenessProbe: {} });
  });

  test("who follows the scaler's number stays within the fleet's own bounds, one worker for one", () => {
    const { data } = all["ConfigMap bee"]!;
    const [least, most] = [Number(data.BEE_MIN_WORKERS), Number(data.BEE_MAX_WORKERS)];
    const { spec } = all["ScaledObject worker"]!;
    expect(spec).toMatchObject({ minReplicaCount: least, maxReplicaCount: most });
    expect(spec.triggers[0].metadata).toMatchObject({ valueLocation: "workers", targetValue: "1" });
    const hpa = byName(render(join(KUBERNETES, "overlays/hpa")))["HorizontalPodAutoscaler worker"]!["spec"];
    expect(hpa).toMatchObject({ minReplicas: least, maxReplicas: most });
    expect(hpa.metrics[0].external.target).toEqual({ type: "AverageValue", averageValue: "1" });
    // A number of replicas in the manifest would undo the autoscaler's with each apply.
    expect(all["Deployment worker"]!["spec"]).not.toHaveProperty("replicas");
  });

  test("workers reach the web and nothing private", () => {
    const [{ to }] = all["NetworkPolicy web"]!["spec"].egress;
    const [{ ipBlock }] = to;
    expect(ipBlock.cidr).toBe("0.0.0.0/0");
    const closed = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"];
    expect(ipBlock.except).toEqual(expect.arrayContaining(closed));
    expect(all["NetworkPolicy nothing-else"]!["spec"]).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
    });
  });
});

describe("the check of the schema", () => {
  const pod = { metadata: { name: "one" }, apiVersion: "v1", kind: "Pod" };

  test("finds a field of the wrong type", async () => {
    const spec = { containers: [{ name: "one", ports: [{ containerPort: "http" }] }] };
    expect(await breachesOf({ ...pod, spec })).toEqual([expect.stringContaining("containerPort")]);
  });

  test("finds a field that there is not", async () => {
    const spec = { containers: [{ name: "one", livenesProbe: {} }], hostNetwork: false };
    expect(await breachesOf({ ...pod, spec })).toEqual([
      "the schema knows no spec.containers[0].livenesProbe",
    ]);
    expect(await breachesOf({ ...pod, spec: { containers: [] }, sepc: {} })).toEqual([
      "the schema knows no sepc",
    ]);
  });

  test("finds a kind that there is not", async () => {
    expect(await breachesOf({ ...pod, kind: "Pot" })).toEqual([expect.stringContaining("v1 Pot")]);
  });
});
