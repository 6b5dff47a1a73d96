import type { ComponentChildren } from "preact";
import type { Trouble } from "../chat/trouble";

/** An error or a notice in words, with the next step. */
export function Notice({ trouble, children }: { trouble: Trouble; children?: ComponentChildren }) {
  return (
    <div class={`notice notice-${trouble.tone}`} role={trouble.tone === "error" ? "alert" : undefined}>
      <p class="notice-title">{trouble.title}</p>
      {trouble.detail !== "" && <p>{trouble.detail}</p>}
      <p class="notice-step">{trouble.nextStep}</p>
      {children !== undefined && <div class="notice-actions">{children}</div>}
    </div>
  );
}
