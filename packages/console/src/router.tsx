import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("popstate", listener);
  };
}

/** The path and the query of the page that is shown. */
export function useLocation(): string {
  return useSyncExternalStore(subscribe, () => location.pathname + location.search);
}

export function navigate(to: string, how: "push" | "replace" = "push"): void {
  if (to === location.pathname + location.search) return;
  if (how === "push") history.pushState(null, "", to);
  else history.replaceState(null, "", to);
  if (how === "push") scrollTo(0, 0);
  tell();
}

/** A link within the console; the browser's own ways to open links elsewhere stay. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { readonly href: string }) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}

/** One parameter of the query, kept in the address so that a view can be linked to. */
export function useParameter(name: string): readonly [string, (value: string) => void] {
  useLocation();
  const set = (value: string) => {
    const query = new URLSearchParams(location.search);
    if (value === "") query.delete(name);
    else query.set(name, value);
    navigate(query.size === 0 ? location.pathname : `${location.pathname}?${query}`, "replace");
  };
  return [new URLSearchParams(location.search).get(name) ?? "", set];
}
