import { type FormEvent, useState } from "react";
import bee from "../assets/bee.svg";
import { ApiError, get, post } from "../data/api.ts";
import { noteSignedIn } from "../data/session.ts";
import type { Session } from "../data/wire.ts";

/** Takes a key once. It is not kept here: the browser gets a session, which no script can read. */
export function SignIn({ onSignedIn }: { readonly onSignedIn: (session: Session) => void }) {
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFault(undefined);
    try {
      await post("/v1/session", { key: key.trim() });
      noteSignedIn(true);
      onSignedIn(await get<Session>("/v1/session"));
    } catch (error) {
      setFault(error instanceof ApiError ? faultOf(error) : String(error));
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <form className="card" onSubmit={submit}>
        <div className="row">
          <img src={bee} alt="" width="36" height="36" />
          <h1>Blue Banded Bee</h1>
        </div>
        <div className="field">
          <label htmlFor="key">API key</label>
          <input
            id="key"
            type="password"
            autoComplete="current-password"
            placeholder="bee_…"
            required
            value={key}
            onChange={({ target }) => setKey(target.value)}
            aria-invalid={fault !== undefined}
            aria-describedby="key-hint"
          />
          <span
            id="key-hint"
            className={fault === undefined ? "hint" : "fault"}
            role={fault === undefined ? undefined : "alert"}
          >
            {fault ??
              "One that bee keys create made; the operator's own is in admin-key, in the fleet's data directory (.bee)."}
          </span>
        </div>
        <button type="submit" className="button primary" disabled={busy}>
          {busy ? "Signing in …" : "Sign in"}
        </button>
      </form>
    </main>
  );
}

function faultOf({ status, title, message }: ApiError): string {
  if (status === 401) return "This key is unknown, revoked or expired.";
  if (status === 429) return "Too many attempts. Wait a minute, then try again.";
  return status === 0 ? `${title}.` : message;
}
