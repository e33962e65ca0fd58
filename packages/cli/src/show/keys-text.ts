import type { KeyRecord } from "@bee/store";
import type { Screen } from "./screen.ts";
import { type Cell, formatTable } from "./table.ts";

/** The keys as a table. */
export function keysText(keys: readonly KeyRecord[], screen: Screen, now: Date): string {
  const head = ["id", "plan", "state", "last used", "name"].map((text): Cell => ({ text, style: "dim" }));
  const rows = keys.map((key): Cell[] => [
    key.id,
    key.readOnly ? `${key.plan}, read-only` : key.plan,
    stateOf(key, now),
    key.lastUsedAt === null ? "never" : minuteOf(key.lastUsedAt),
    key.name,
  ]);
  return `${formatTable([head, ...rows], { ...screen, flexible: [4] }).join("\n")}\n`;
}

function stateOf({ revokedAt, expiresAt }: KeyRecord, now: Date): Cell {
  if (revokedAt !== null) return { text: "revoked", style: "red" };
  if (expiresAt === null) return "good";
  if (expiresAt <= now) return { text: "expired", style: "red" };
  return `until ${expiresAt.toISOString().slice(0, 10)}`;
}

function minuteOf(moment: Date): string {
  return moment.toISOString().slice(0, 16).replace("T", " ");
}
