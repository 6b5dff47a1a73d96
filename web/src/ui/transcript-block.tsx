// A few messages that are rendered together, and only when one of them has changed.

import type { ReadonlySignal } from "@preact/signals";
import { Component } from "preact";
import type { Entry } from "../chat/transcript";
import { Answer } from "./answer";
import { Question } from "./question";
import type { TurnActions } from "./turn-actions";

/** Messages in a block. A message never moves to another one, so what is shown of it stays. */
export const BLOCK_SIZE = 10;

interface EntryProps {
  entry: Entry;
  live: ReadonlySignal<Entry | null>;
  isEdited: boolean;
  actions: TurnActions;
}

class EntryView extends Component<EntryProps> {
  override shouldComponentUpdate(next: EntryProps): boolean {
    const { entry, isEdited, actions } = this.props;
    return next.entry !== entry || next.isEdited !== isEdited || next.actions !== actions;
  }

  override render({ entry, live, isEdited, actions }: EntryProps) {
    if (entry.message.role !== "user") return <Answer entry={entry} live={live} actions={actions} />;
    return <Question entry={entry} isEdited={isEdited} actions={actions} />;
  }
}

interface BlockProps {
  entries: readonly Entry[];
  live: ReadonlySignal<Entry | null>;
  /** The newest block is always laid out; the others only near the view. */
  isLast: boolean;
  editedId: string | null;
  actions: TurnActions;
}

export class TranscriptBlock extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    const { entries, isLast, editedId, actions } = this.props;
    const isSame =
      next.isLast === isLast &&
      next.editedId === editedId &&
      next.actions === actions &&
      next.entries.length === entries.length;
    return !isSame || next.entries.some((entry, index) => entry !== entries[index]);
  }

  override render({ entries, live, isLast, editedId, actions }: BlockProps) {
    return (
      <div class={isLast ? "block block-last" : "block"}>
        {entries.map((entry) => (
          <EntryView
            key={entry.key}
            entry={entry}
            live={live}
            isEdited={entry.message.id === editedId}
            actions={actions}
          />
        ))}
      </div>
    );
  }
}
