// A few messages that are rendered together, and only when one of them has changed.

import { Component } from "preact";
import type { Entry } from "../chat/transcript";
import { Answer } from "./answer";
import { Question } from "./question";
import type { TurnActions } from "./turn-actions";

/** Messages in a block. A message never moves to another one, so what is shown of it stays. */
export const BLOCK_SIZE = 10;

interface EntryProps {
  entry: Entry;
  canAsk: boolean;
  isEdited: boolean;
  actions: TurnActions;
}

class EntryView extends Component<EntryProps> {
  override shouldComponentUpdate(next: EntryProps): boolean {
    const { entry, canAsk, isEdited, actions } = this.props;
    return (
      next.entry !== entry || next.canAsk !== canAsk || next.isEdited !== isEdited || next.actions !== actions
    );
  }

  override render({ entry, canAsk, isEdited, actions }: EntryProps) {
    if (entry.message.role !== "user") return <Answer entry={entry} canAsk={canAsk} actions={actions} />;
    return <Question entry={entry} canAsk={canAsk} isEdited={isEdited} actions={actions} />;
  }
}

interface BlockProps {
  entries: readonly Entry[];
  /** The newest block is always laid out; the others only near the view. */
  isLast: boolean;
  canAsk: boolean;
  editedId: string | null;
  actions: TurnActions;
}

export class TranscriptBlock extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    const { entries, isLast, canAsk, editedId, actions } = this.props;
    const isSame =
      next.isLast === isLast &&
      next.canAsk === canAsk &&
      next.editedId === editedId &&
      next.actions === actions &&
      next.entries.length === entries.length;
    return !isSame || next.entries.some((entry, index) => entry !== entries[index]);
  }

  override render({ entries, isLast, canAsk, editedId, actions }: BlockProps) {
    return (
      <div class={isLast ? "block block-last" : "block"}>
        {entries.map((entry) => (
          <EntryView
            key={entry.key}
            entry={entry}
            canAsk={canAsk}
            isEdited={entry.message.id === editedId}
            actions={actions}
          />
        ))}
      </div>
    );
  }
}
