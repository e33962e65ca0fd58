import { type FormEvent, useState } from "react";
import { ApiError, get, post, remove, withQuery } from "../data/api.ts";
import { useNow, useResource } from "../data/hooks.ts";
import { useSession } from "../data/session.ts";
import type { Key } from "../data/wire.ts";
import { ago, moment } from "../data/words.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Badge, Card, TableBox } from "../ui/parts.tsx";
import { Empty, Failure, Show } from "../ui/states.tsx";
import { attempt, say } from "../ui/toasts.tsx";

interface Keys {
  readonly keys: readonly Key[];
  readonly nextCursor: string | null;
}

const PLANS = ["standard", "premium", "operator"] as const;
const LASTS = { "": "for ever", "30": "30 days", "90": "90 days", "365": "a year" } as const;
const DAY_MS = 86_400_000;

/** The operator's key of the configuration and those of the fleet itself: they are not revoked, but configured. */
const BUILT_IN = /^00000000-/;

export function KeysPage() {
  const { isOperator, mayChange } = useSession();
  const list = useResource(isOperator ? withQuery("/v1/keys", { limit: "100" }) : null, (path, signal) =>
    get<Keys>(path, signal),
  );
  const [isNew, setNew] = useState(false);
  const [ending, setEnding] = useState<Key>();
  if (!isOperator)
    return (
      <Failure error={new ApiError(403, "Keys are the operators'", "Ask one of them for another key.")} />
    );
  const more = async () => {
    const cursor = list.data?.nextCursor;
    if (!cursor) return;
    const next = await get<Keys>(withQuery("/v1/keys", { limit: "100", cursor }));
    list.set((known) => ({ keys: [...known.keys, ...next.keys], nextCursor: next.nextCursor }));
  };
  return (
    <div className="stack">
      <div className="page-head" style={{ marginBottom: 0 }}>
        <div>
          <h1 tabIndex={-1}>Keys</h1>
          <p className="quiet">Who may use this fleet. Of a key only its hash is kept.</p>
        </div>
        <button type="button" className="button primary" disabled={!mayChange} onClick={() => setNew(true)}>
          New key
        </button>
      </div>
      <Card title="Keys" id="keys-table">
        <Show of={list} what="the keys">
          {({ keys, nextCursor }) =>
            keys.length === 0 ? (
              <Empty title="No key yet" />
            ) : (
              <>
                <KeyTable keys={keys} onRevoke={mayChange ? setEnding : undefined} />
                {nextCursor !== null && (
                  <div className="more">
                    <span />
                    <button type="button" className="button" onClick={more}>
                      Show more
                    </button>
                  </div>
                )}
              </>
            )
          }
        </Show>
      </Card>
      {isNew && <NewKey onClose={() => setNew(false)} onMade={list.reload} />}
      {ending && (
        <Revoke
          of={ending}
          onClose={() => setEnding(undefined)}
          onDone={() => {
            setEnding(undefined);
            list.reload();
          }}
        />
      )}
    </div>
  );
}

function KeyTable({
  keys,
  onRevoke,
}: {
  readonly keys: readonly Key[];
  readonly onRevoke: ((key: Key) => void) | undefined;
}) {
  const now = useNow(10_000);
  return (
    <TableBox label="Keys">
      <table className="cards">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col">Plan</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="sr-only">Orders</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const state = stateOf(key, now);
            return (
              <tr key={key.id}>
                <td className="head">{key.name}</td>
                <td data-label="State">
                  <Badge tone={state === "valid" ? "ok" : "cancelled"}>{state}</Badge>
                </td>
                <td data-label="Plan">
                  {key.plan}
                  {key.readOnly && <span className="quiet">, read-only</span>}
                </td>
                <td className="nowrap" data-label="Created">
                  {moment(key.createdAt)}
                </td>
                <td className="nowrap" data-label="Last used">
                  {key.lastUsedAt === null ? "never" : ago(key.lastUsedAt, now)}
                </td>
                <td className="nowrap" data-label="Expires">
                  {key.expiresAt === null ? "never" : moment(key.expiresAt)}
                </td>
                <td className="number">
                  {state === "valid" && onRevoke && !BUILT_IN.test(key.id) && (
                    <button type="button" className="button tiny danger" onClick={() => onRevoke(key)}>
                      Revoke<span className="sr-only"> {key.name}</span>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableBox>
  );
}

function stateOf({ revokedAt, expiresAt }: Key, now: number): "valid" | "revoked" | "expired" {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && Date.parse(expiresAt) <= now ? "expired" : "valid";
}

function Revoke({
  of,
  onClose,
  onDone,
}: {
  readonly of: Key;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const revoke = async () => {
    const done = await attempt(() => remove(`/v1/keys/${of.id}`), `The key “${of.name}” is revoked.`);
    if (done) onDone();
  };
  return (
    <Dialog title={`Revoke “${of.name}”?`} onClose={onClose}>
      <p>
        Whoever uses it is locked out at once, and the browsers that were signed in with it. Its jobs go on.
        It cannot be undone.
      </p>
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" className="button primary" onClick={revoke}>
          Revoke the key
        </button>
      </div>
    </Dialog>
  );
}

function NewKey({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: () => void }) {
  const [name, setName] = useState("");
  const [plan, setPlan] = useState<string>("standard");
  const [days, setDays] = useState("");
  const [readOnly, setReadOnly] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [error, setError] = useState<ApiError>();
  const make = async (event: FormEvent) => {
    event.preventDefault();
    const expires =
      days === "" ? {} : { expiresAt: new Date(Date.now() + Number(days) * DAY_MS).toISOString() };
    try {
      setSecret((await post<{ secret: string }>("/v1/keys", { name, plan, readOnly, ...expires })).secret);
      onMade();
    } catch (failure) {
      setError(failure as ApiError);
    }
  };
  if (secret !== undefined) return <Secret name={name} secret={secret} onClose={onClose} />;
  return (
    <Dialog title="New key" onClose={onClose}>
      <form className="stack" onSubmit={make}>
        <div className="field">
          <label htmlFor="key-name">Name</label>
          <input
            id="key-name"
            required
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
          <span className={error ? "fault" : "hint"} role={error ? "alert" : undefined}>
            {error?.message ?? "Who or what will use it."}
          </span>
        </div>
        <div className="columns">
          <div className="field">
            <label htmlFor="key-plan">Plan</label>
            <select id="key-plan" value={plan} onChange={({ target }) => setPlan(target.value)}>
              {PLANS.map((of) => (
                <option key={of}>{of}</option>
              ))}
            </select>
          </div>
          <div className="field">
            <label htmlFor="key-days">Valid</label>
            <select id="key-days" value={days} onChange={({ target }) => setDays(target.value)}>
              {Object.entries(LASTS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </div>
        </div>
        <label className="check">
          <input type="checkbox" checked={readOnly} onChange={({ target }) => setReadOnly(target.checked)} />
          Read-only: it may look, and change nothing
        </label>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary">
            Create the key
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Secret({
  name,
  secret,
  onClose,
}: {
  readonly name: string;
  readonly secret: string;
  readonly onClose: () => void;
}) {
  const copy = async () => {
    await navigator.clipboard?.writeText(secret);
    say("Copied.");
  };
  return (
    <Dialog title={`The key “${name}”`} onClose={onClose}>
      <p>It is shown this once. Whoever has it can use the fleet in its name.</p>
      <code className="secret">{secret}</code>
      <div className="actions">
        {navigator.clipboard && (
          <button type="button" className="button" onClick={copy}>
            Copy
          </button>
        )}
        <button type="button" className="button primary" onClick={onClose}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
