import type { ComponentChildren } from "preact";
import type { Trouble } from "../chat/trouble";

interface NoticeProps {
  trouble: Trouble;
  /** It just happened: then those who listen to the page hear it at once. One that is read from the record is quiet. */
  isNew?: boolean;
  children?: ComponentChildren;
}

/** An error or a notice in words, with the next step. What can be done stands outside of what is read out. */
export function Notice({ trouble, isNew = true, children }: NoticeProps) {
  const isAlert = isNew && trouble.tone === "error";
  return (
    <div class={`notice notice-${trouble.tone}`}>
      <div role={isAlert ? "alert" : undefined}>
        <p class="notice-title">{trouble.title}</p>
        {trouble.detail !== "" && <p>{trouble.detail}</p>}
        <p class="notice-step">{trouble.nextStep}</p>
      </div>
      {children !== undefined && <div class="notice-actions">{children}</div>}
    </div>
  );
}
