/**
 * Holds a manifest against the schema that Kubernetes publishes of its kind. Those schemas allow fields that they do not
 * know, which is how an API server drops what was mistyped; here that is a breach.
 */
import type { Manifest } from "./render.ts";

interface Model {
  validate(): void;
}

const MODULES = { "keda.sh": "@kubernetes-models/keda/keda.sh" } as Readonly<Record<string, string>>;

/** @returns what is wrong with the manifest, one sentence each; empty when nothing is. */
export async function breachesOf(manifest: Manifest): Promise<string[]> {
  const { apiVersion, kind } = manifest;
  const [group = "", version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const path = [MODULES[group] ?? ["kubernetes-models", group].filter(Boolean).join("/"), version, kind];
  const kinds = await import(path.join("/")).catch(() => ({}));
  const Kind: (new (data: object) => Model) | undefined = kinds[kind];
  if (Kind === undefined) return [`expected a kind that Kubernetes or KEDA has, got ${apiVersion} ${kind}`];
  const asked = new Asked();
  try {
    // The validator asks for every field that the schema names; what it has not asked for has no place there.
    Kind.prototype.validate.call(asked.watch(new Kind(manifest)));
  } catch (error) {
    return [(error as Error).message];
  }
  return asked.missing().map((field) => `the schema knows no ${field}`);
}

/** Which fields of an object, at any depth, somebody has asked for. */
class Asked {
  readonly #fields = new Map<object, { readonly path: string; readonly asked: Set<string> }>();
  readonly #watchers = new Map<object, object>();

  watch<T extends object>(object: T, path = ""): T {
    const known = this.#watchers.get(object);
    if (known !== undefined) return known as T;
    const asked = new Set<string>();
    this.#fields.set(object, { path, asked });
    const watcher = new Proxy(object, {
      get: (target, key, receiver) => {
        if (typeof key === "string") asked.add(key);
        const value = Reflect.get(target, key, receiver);
        const owned = typeof key === "string" && Object.hasOwn(target, key);
        return owned && typeof value === "object" && value !== null
          ? this.watch(
              value,
              Array.isArray(target) ? `${path}[${key}]` : [path, key].filter(Boolean).join("."),
            )
          : value;
      },
    });
    this.#watchers.set(object, watcher);
    return watcher;
  }

  missing(): string[] {
    return [...this.#fields].flatMap(([object, { path, asked }]) =>
      Object.keys(object)
        .filter((key) => !asked.has(key))
        .map((key) => [path, key].filter(Boolean).join(".")),
    );
  }
}
