import type { ReactNode } from "react";
import type { ApiError } from "../data/api.ts";
import type { Resource } from "../data/hooks.ts";

export function Loading({ what }: { readonly what: string }) {
  return (
    <div className="loading" role="status" aria-label={`Loading ${what}`}>
      <span />
      <span />
      <span />
    </div>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="state">
      <svg
        className="sign"
        viewBox="0 0 40 40"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
      >
        <path d="M20 3 34.700 11.500v17L20 37 5.300 28.500v-17z" />
        <path d="M20 13 26 16.500v7L20 27l-6-3.500v-7z" opacity=".5" />
      </svg>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failure({ error, onRetry }: { readonly error: ApiError; readonly onRetry?: () => void }) {
  return (
    <div className="state" role="alert">
      <h2>{error.title}</h2>
      <p className="quiet">{error.message}</p>
      {onRetry && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** What a resource is at the moment: on its way, failed, or here, perhaps with the news that it may be old. */
export function Show<T>({
  of,
  what,
  children,
}: {
  readonly of: Resource<T>;
  readonly what: string;
  readonly children: (data: T) => ReactNode;
}) {
  if (of.data === undefined)
    return of.error === undefined ? (
      <Loading what={what} />
    ) : (
      <Failure error={of.error} onRetry={of.reload} />
    );
  return (
    <>
      {of.error && (
        <div className="notice" role="status">
          <p>
            <strong>{of.error.title}.</strong> What is shown may be old.
          </p>
          <button type="button" className="button tiny" onClick={of.reload}>
            Try again
          </button>
        </div>
      )}
      {children(of.data)}
    </>
  );
}
