import type { ReadonlySignal } from "@preact/signals";
import { strings } from "../strings/language";
import { formatWait } from "../strings/numbers";
import { useCountdown } from "./use-countdown";

interface AgainButtonProps {
  label: string;
  /** When the service will take it again (milliseconds of the wall clock); before that the button counts down. */
  notBefore?: number | null;
  isPlain?: boolean;
  isDisabled?: ReadonlySignal<boolean>;
  onClick(): void;
}

/** Tries again. Pressing it early is a person's right; the countdown says when it makes sense. */
export function AgainButton({ label, notBefore, isPlain, isDisabled, onClick }: AgainButtonProps) {
  const seconds = useCountdown(notBefore ?? null);
  return (
    <button
      type="button"
      class={isPlain ? "button button-plain" : "button"}
      disabled={isDisabled ?? false}
      onClick={onClick}
    >
      {seconds > 0 ? strings().againIn(label, formatWait(seconds)) : label}
    </button>
  );
}
