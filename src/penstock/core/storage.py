"""What goes into a store and what comes out of it, beside the records themselves; the port is in ``ports.py``."""

from __future__ import annotations

from msgspec import Struct

from penstock.core.log import Batch
from penstock.core.messages import Conversation, FoldedMessage, Message, Run, RunStatus


class Beginning(Struct, frozen=True, kw_only=True):
    """All that one submit writes, in one transaction."""

    run: Run
    first_batch: Batch
    """`RunStarted`: it is durable with the run."""
    conversation: Conversation | None = None
    """To be created when it does not exist; must be there, and the owner's, when it does."""
    messages: tuple[Message, ...] = ()
    """New messages in order (history of a new conversation, then the user's); empty for a regeneration."""


class Begun(Struct, frozen=True, kw_only=True):
    """The run, and whether this submit made it or repeated an earlier one."""

    run: Run
    is_new: bool


class Ending(Struct, frozen=True, kw_only=True):
    """All that the end of a run writes, in one transaction, if the run is still live at this epoch."""

    run_id: str
    epoch: int
    status: RunStatus
    ended_at: float
    last_batch: Batch
    """The events that end the open parts, the last usage, and the terminal."""
    upstream_closed: bool = False
    """Whether the call to the model service is known to be closed."""
    folded: FoldedMessage
    message: Message | None = None
    """The assistant message to keep; None for a run without a conversation."""


class SnippetPiece(Struct, frozen=True, omit_defaults=True):
    """A stretch of a found text: one that was looked for, or what stands around it."""

    text: str
    is_match: bool = False


class Match(Struct, frozen=True, omit_defaults=True):
    """Where in a conversation the query was found: in its title, or in the newest message that has it."""

    conversation_id: str
    snippet: tuple[SnippetPiece, ...]
    message_id: str | None = None
    """None is the title."""


class LiveRun(Struct, frozen=True):
    """What the database says of a run that an instance produces."""

    run_id: str
    owner: str
    is_stop_requested: bool


class LogEnd(Struct, frozen=True):
    """How far a log goes."""

    next_seq: int
    is_closed: bool
    """Whether its last event is a terminal."""


class Claim(Struct, frozen=True):
    """A run taken over from a producer that was lost, at its new epoch."""

    run: Run
    resume_token: str | None = None
    """Where the model service can go on, behind the last batch that was kept."""


class ConversationPage(Struct, frozen=True):
    """One page, pinned first and then newest first; ``next_cursor`` is None on the last."""

    conversations: tuple[Conversation, ...]
    next_cursor: str | None = None
    running: tuple[str, ...] = ()
    """Ids of those in which a run is live."""
    matches: tuple[Match, ...] = ()
    """For a query: where it was found in each."""


class Expired(Struct, frozen=True):
    """What nobody can have back: conversations past their undo time, and the attachments to drop."""

    conversation_ids: tuple[str, ...] = ()
    attachment_ids: tuple[str, ...] = ()
    """Those of the conversations, and those that were never sent."""
