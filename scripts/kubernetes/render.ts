/**
 * Renders a kustomization as `kubectl kustomize` does, so that the manifests can be checked where there is no kubectl.
 * It knows what docker/kubernetes uses and refuses the rest; where kubectl is, a test holds the two together.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { name: string; namespace?: string; labels?: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: what a manifest holds is what its schema is for
  readonly [part: string]: any;
}

interface Patch {
  readonly target: { readonly kind: string; readonly name: string };
  /** RFC 6902, in YAML. */
  readonly patch: string;
}

interface Image {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
}

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly images?: readonly Image[];
  readonly patches?: readonly Patch[];
}

const KNOWN = new Set(["apiVersion", "kind", "namespace", "resources", "images", "patches"]);
/** Kinds that belong to no namespace. */
const CLUSTER_WIDE = new Set(["Namespace"]);

/** @throws Error when a file is no YAML, or the kustomization says what is not known here. */
export function render(directory: string): Manifest[] {
  const file = join(directory, "kustomization.yaml");
  const [kustomization = {}] = readYaml(file) as Kustomization[];
  const unknown = Object.keys(kustomization).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`${file}: expected ${[...KNOWN].join(", ")}, got ${unknown}`);
  const { namespace, resources = [], images = [], patches = [] } = kustomization;
  const manifests = resources.flatMap((resource) => {
    const path = join(directory, resource);
    return statSync(path).isDirectory() ? render(path) : (readYaml(path) as Manifest[]);
  });
  for (const manifest of manifests) {
    if (namespace !== undefined && !CLUSTER_WIDE.has(manifest.kind)) manifest.metadata.namespace = namespace;
    for (const container of containersOf(manifest)) container.image = newImage(container.image, images);
  }
  for (const patch of patches) applyPatch(manifests, patch, file);
  return manifests;
}

export function containersOf(manifest: Manifest) {
  const { containers = [], initContainers = [] } = manifest["spec"]?.template?.spec ?? {};
  return [...containers, ...initContainers];
}

function readYaml(file: string): unknown[] {
  return parseAllDocuments(readFileSync(file, "utf8")).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message}`);
    // What the file says once and names again (`*labels`) is two things, each of which may be changed.
    return JSON.parse(JSON.stringify(document.toJS()));
  });
}

function newImage(image: string, images: readonly Image[]): string {
  const [, name, tag] = /^(.*?)(?::([^:/]*))?$/.exec(image)!;
  const found = images.find((one) => one.name === name);
  if (found === undefined) return image;
  const newTag = found.newTag ?? tag;
  return (found.newName ?? name) + (newTag === undefined ? "" : `:${newTag}`);
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

function applyPatch(manifests: readonly Manifest[], { target, patch }: Patch, file: string): void {
  const found = manifests.filter(
    ({ kind, metadata }) => kind === target.kind && metadata.name === target.name,
  );
  if (found.length === 0)
    throw new Error(`${file}: expected a ${target.kind} ${target.name} to patch, got none`);
  const [operations] = parseAllDocuments(patch).map((document) => document.toJS()) as [Operation[]];
  for (const manifest of found) for (const operation of operations) operate(manifest, operation);
}

function operate(manifest: Manifest, { op, path, value }: Operation): void {
  const keys = path
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop()!;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const parent = keys.reduce<any>((part, key) => part?.[key], manifest);
  if (parent === undefined || (op !== "add" && !(last in parent)))
    throw new Error(`expected ${path}, got none`);
  if (op === "remove" && Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (op === "remove") delete parent[last];
  else if (op === "add" && Array.isArray(parent))
    parent.splice(last === "-" ? parent.length : Number(last), 0, value);
  else if (op === "add" || op === "replace") parent[last] = value;
  else throw new Error(`expected add, replace or remove, got ${op}`);
}
