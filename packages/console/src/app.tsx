import { useEffect, useState } from "react";
import bee from "./assets/bee.svg";
import { type ApiError, get, remove, whenSignedOut } from "./data/api.ts";
import { live } from "./data/live.ts";
import { noteSignedIn, SessionContext, wasSignedIn } from "./data/session.ts";
import type { Session } from "./data/wire.ts";
import { SignIn } from "./pages/sign-in.tsx";
import { Shell } from "./shell.tsx";
import { Failure } from "./ui/states.tsx";
import { Toasts } from "./ui/toasts.tsx";

/** Who is signed in; `null` while nobody is, `undefined` while that is being found out. */
export function App() {
  const [session, setSession] = useState<Session | null>();
  const [error, setError] = useState<ApiError>();
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks again
  useEffect(() => {
    whenSignedOut(() => setSession(null));
    // Whoever never signed in here is not asked for: the browser would write a refusal into its console.
    if (!wasSignedIn()) return setSession(null);
    get<Session>("/v1/session").then(
      (found) => {
        setSession(found);
        setError(undefined);
      },
      (failure: ApiError) => (failure.status === 401 ? setSession(null) : setError(failure)),
    );
  }, [turn]);

  const isIn = session !== undefined && session !== null;
  useEffect(() => {
    if (!isIn) return;
    live.start();
    return () => live.stop();
  }, [isIn]);

  if (session === undefined) {
    return (
      <main className="sign-in">
        <img src={bee} alt="" width="48" height="48" />
        {error ? (
          <Failure error={error} onRetry={() => setTurn(turn + 1)} />
        ) : (
          <span className="sr-only">Loading</span>
        )}
      </main>
    );
  }
  const signOut = async () => {
    await remove("/v1/session").catch(() => {});
    noteSignedIn(false);
    setSession(null);
  };
  return (
    <>
      {session === null ? (
        <SignIn onSignedIn={setSession} />
      ) : (
        <SessionContext value={session}>
          <Shell onSignOut={signOut} />
        </SessionContext>
      )}
      <Toasts />
    </>
  );
}
