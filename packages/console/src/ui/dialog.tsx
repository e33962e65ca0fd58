import { type ReactNode, type SyntheticEvent, useEffect, useEffectEvent, useId, useRef } from "react";

/** A dialog of the browser's own: it keeps the focus, closes with Escape and gives the focus back. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  const ended = useEffectEvent(onClose);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    const onEnd = () => ended();
    element.addEventListener("close", onEnd);
    return () => {
      // The browser tells of an end a moment later: by then another dialog may be open, which is not to be closed by it.
      element.removeEventListener("close", onEnd);
      element.close();
    };
  }, []);
  // For the same reason Escape closes it here, and not by the event that follows.
  const onCancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={dialog} aria-labelledby={name} onCancel={onCancel}>
      <div className="stack">
        <h2 id={name}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
