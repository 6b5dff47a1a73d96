"""The ports: what the run engine needs from the world, each kept by one contract suite in ``tests/contracts``.

Every method that takes an ``owner`` sees only that owner's rows: another owner's id behaves exactly like an unknown one
(`NotFoundError`). Stores raise `StoreError` for faults of the database and `CallerError`s for faults of the call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from penstock.core.errors import StoreError
from penstock.core.events import Event, Usage
from penstock.core.log import Batch
from penstock.core.messages import (
    Attachment,
    Conversation,
    FoldedMessage,
    Message,
    Run,
    TokenUsage,
)
from penstock.core.offers import Offer, StopAnswer
from penstock.core.requests import ModelRequest, Options
from penstock.core.storage import Beginning, Begun, Claim, ConversationPage, Ending, Expired, LiveRun, LogEnd
from penstock.core.usage import Cost


class Clock(Protocol):
    """Time, passed in."""

    def now(self) -> float:
        """Unix seconds: for records."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for durations and deadlines."""
        ...


class Ids(Protocol):
    """Fresh ids of the form ``[A-Za-z0-9_-]{1,64}``, sortable by time of making."""

    def make(self, kind: str) -> str:
        """Give a new id; ``kind`` (``run``, ``msg``, ``conv``) is its prefix."""
        ...


# --- model services ---------------------------------------------------------------------------------------------------


class ModelStream(Protocol):
    """One answer as it is made. Iterating gives one tuple of events per socket read, `StepStarted` first.

    It ends normally only after `StepFinished`. It raises `UpstreamEndedError` when the bytes end without a proof of
    completion, and `ProviderError` for everything that the service refuses or breaks. No event is a `Run*` one.
    """

    def __aiter__(self) -> AsyncIterator[tuple[Event, ...]]:
        """Iterate over batches; to be done once."""
        ...

    async def close(self) -> bool:
        """Close the call upstream at once, also while it is silent; idempotent.

        True when the socket to the service is closed or was never opened, False when that could not be confirmed.
        """
        ...


@runtime_checkable
class ResumableStream(ModelStream, Protocol):
    """An answer that the service goes on making when nobody listens: an instance that dies need not end it."""

    @property
    def resume_token(self) -> str | None:
        """All that `ResumingProvider.resume` needs to go on behind the batch given last; None while it can't.

        It is read after every batch and kept beside it, in the same transaction. What the decoder has to remember (the
        parts that are open) belongs in it.
        """
        ...

    async def leave(self) -> None:
        """Close the socket and leave the service to its work; `close` would cancel that too."""
        ...


class Provider(Protocol):
    """A model service."""

    @property
    def name(self) -> str:
        """The provider's stable name, ``azure_openai`` for one."""
        ...

    def open(self, request: ModelRequest) -> ModelStream:
        """Prepare a call; nothing is sent before the stream is iterated. Retries happen inside, before the content."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@runtime_checkable
class ResumingProvider(Provider, Protocol):
    """A model service that goes on by itself, so that another instance can take a run over."""

    def resume(self, token: str) -> ModelStream:
        """Prepare to go on with an answer. The stream begins inside the step and the parts that are open there."""
        ...


class Prices(Struct, frozen=True, omit_defaults=True):
    """US dollars per million tokens; None is unknown."""

    input_usd: float | None = None
    output_usd: float | None = None
    cached_usd: float | None = None


class ModelInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the picker shows of a model."""

    id: str
    """How clients name it."""
    name: str
    provider: str
    context_window: int | None = None
    prices: Prices | None = None
    capabilities: tuple[str, ...] = ()
    """Of ``text``, ``images``, ``tools``, ``reasoning``."""
    is_default: bool = False
    is_emulated: bool = False
    """Answers come from the bundled emulator, not from a model."""


class Model(Struct, frozen=True):
    """A configured model: what it shows, who answers for it, and by what name."""

    info: ModelInfo
    provider: Provider
    service_name: str
    """The provider's own name for it: a deployment."""
    defaults: Options = Options()
    is_own_code: bool = False
    """The host program's own code answers: it is asked what people ask, and nothing else."""


class Catalog(Protocol):
    """The configured models."""

    def list(self) -> Sequence[ModelInfo]:
        """All models, the default one first."""
        ...

    def find(self, model_id: str | None) -> Model:
        """Give the model, the default one for None; raises `CallerError` (field ``model``) for an unknown id."""
        ...


class Accountant(Protocol):
    """Tokens and money."""

    def estimate(self, request: ModelRequest, message: FoldedMessage) -> Usage:
        """Count the tokens from the text, labelled ``estimated``, or ``lower_bound`` when reasoning was invisible."""
        ...

    def price(self, usage: TokenUsage, *, model: str | None, provider: str) -> Cost:
        """Price the tokens; ``usd`` is None when the model has no known price."""
        ...


# --- storage ----------------------------------------------------------------------------------------------------------


class Journal(Protocol):
    """The log, made for appending."""

    def append(self, run_id: str, batch: Batch, committed: Callable[[StoreError | None], None]) -> None:
        """Keep a batch of a run that was begun or claimed here; returns at once.

        ``committed`` is called on the event loop when the batch survives a killed process, or with the error that
        prevents it. Batches of one run commit in the order of the calls; batches of all runs that wait together commit
        as one group. A batch of an earlier epoch than the run's is refused with the code ``run_lost``.
        """
        ...

    async def read(self, run_id: str, *, after: int = -1, limit: int | None = None) -> list[Batch]:
        """Give what is kept with offsets greater than ``after``; raises `GoneError` once it was swept."""
        ...

    async def find_end(self, run_id: str) -> LogEnd:
        """Tell how far the log goes; raises `NotFoundError`, and `GoneError` once it was swept."""
        ...


class Store(Journal, Protocol):
    """Conversations, messages, runs and their logs."""

    async def begin(self, beginning: Beginning) -> Begun:
        """Write the submit (synchronous to disk), or find the run that the same client message id started before.

        Raises `NotFoundError` when the conversation is another owner's, or a parent or an attachment of a message is
        not there for it, `ConflictError` when the conversation was deleted. Attachments become the conversation's.
        """
        ...

    async def finish(self, ending: Ending) -> bool:
        """End the run by compare-and-set (synchronous to disk); False when it had ended, or the epoch is another's."""
        ...

    async def get_run(self, owner: str, run_id: str) -> Run:
        """Give the run."""
        ...

    async def find_live_run(self, owner: str, conversation_id: str) -> Run | None:
        """Give the newest run of the conversation that has no terminal."""
        ...

    async def list_runs(self, owner: str, conversation_id: str) -> list[Run]:
        """Give all runs of a conversation, oldest first; none for an unknown one."""
        ...

    async def request_stop(self, owner: str, run_id: str, *, at: float) -> Run:
        """Note on the run row that a stop was asked for, and give the run."""
        ...

    async def renew_lease(self, instance: str, *, lease_s: float) -> list[LiveRun]:
        """Say that this instance lives for so many seconds more, and give the live runs that are its own."""
        ...

    async def end_lease(self, instance: str) -> None:
        """Say that this instance lives no more: its live runs are orphans at once."""
        ...

    async def list_orphans(self, instance: str) -> list[Run]:
        """Give the live runs whose instance lives no more, oldest first, as far as ``instance`` may judge.

        Who was away from a shared database itself must wait for as long as a lease lasts, so that the others, who were
        away too, can renew theirs.
        """
        ...

    async def claim_run(self, run: Run, instance: str) -> Claim | None:
        """Take an orphan over by compare-and-set; None when it has ended, or another was faster, or its instance lives.

        From then on the log takes nothing from its earlier producer, also when that wakes up again.
        """
        ...

    async def sweep(self, *, ended_before: float) -> int:
        """Drop journal rows in which every run ended before that time; gives how many rows went."""
        ...

    async def create_conversation(self, conversation: Conversation) -> Conversation:
        """Create it; raises `ConflictError` when the id is taken by this owner, `NotFoundError` when by another."""
        ...

    async def get_conversation(self, owner: str, conversation_id: str) -> Conversation:
        """Give one that is not deleted."""
        ...

    async def list_conversations(
        self, owner: str, *, query: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> ConversationPage:
        """List what is not deleted, pinned first and then newest first; ``query`` searches titles and text."""
        ...

    async def update_conversation(
        self, owner: str, conversation_id: str, *, version: int, changes: dict[str, object]
    ) -> Conversation:
        """Change ``title``, ``model``, ``system_prompt``, ``pinned``; raises `ConflictError` for an old ``version``.

        A title that is set this way is a person's.
        """
        ...

    async def suggest_title(
        self,
        owner: str,
        conversation_id: str,
        title: str,
        *,
        source: Literal["words", "model"],
        usage: TokenUsage | None = None,
        cost: Cost | None = None,
    ) -> Conversation:
        """Name it, unless a better source did: a person's title stays, and a model's is not replaced by first words.

        ``usage`` and ``cost`` of the suggestion are kept and added to those before, whether it is taken or not.
        """
        ...

    async def mark_seen(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        """Note that its owner looked at it; never earlier than noted before, and no new version."""
        ...

    async def delete_conversation(self, owner: str, conversation_id: str, *, at: float) -> Conversation:
        """Mark it deleted; deleting twice is no error."""
        ...

    async def restore_conversation(self, owner: str, conversation_id: str) -> Conversation:
        """Undo the deletion; it comes back where it was."""
        ...

    async def list_messages(self, owner: str, conversation_id: str) -> list[Message]:
        """Give the whole tree in order of creation (parents before children)."""
        ...

    async def add_attachment(self, attachment: Attachment, *, quota_bytes: int) -> Attachment:
        """Note an upload; raises `CallerError` (``quota_exceeded``) when the owner's would be more than that."""
        ...

    async def get_attachment(self, owner: str, attachment_id: str) -> Attachment:
        """Give one, if its conversation is not deleted."""
        ...

    async def delete_attachment(self, owner: str, attachment_id: str) -> None:
        """Forget one that was never sent; raises `ConflictError` for one that was."""
        ...

    async def list_expired(self, *, deleted_before: float, unsent_before: float, limit: int) -> Expired:
        """Give what can be dropped: at most ``limit`` conversations, and what was uploaded and not sent.

        A conversation with a live run waits for its end.
        """
        ...

    async def purge(self, expired: Expired) -> None:
        """Drop it for good; the runs stay, without the conversation, as a record of what was spent."""
        ...

    async def check(self) -> None:
        """Prove that the database can be written and is at this program's migration; raises `StoreError`."""
        ...

    async def close(self) -> None:
        """Commit what waits, and close."""
        ...


class Files(Protocol):
    """The bytes of attachments, beside the database. The rows in the store say whose they are."""

    async def save(self, file_id: str, data: bytes) -> None:
        """Keep the bytes; they survive a power cut afterwards."""
        ...

    async def read(self, file_id: str) -> bytes:
        """Give the bytes; raises `NotFoundError` when they are not there."""
        ...

    async def delete(self, file_id: str) -> None:
        """Drop the bytes; nothing happens when they are not there."""
        ...


# --- between instances ------------------------------------------------------------------------------------------------


class Bus(Protocol):
    """Live batches and stop signals between instances; never the record. What it loses is read from the journal."""

    @property
    def is_connected(self) -> bool:
        """Whether others can be reached now; False makes who watches look into the journal more often."""
        ...

    async def send_stop(self, run_id: str, *, owner: str) -> StopAnswer:
        """Ask whoever produces the owner's run to stop it, and wait a moment for its answer and for the end.

        The end may come without a word of it: "heard" says nothing against it.
        """
        ...

    def offer(self, run_id: str, offer: Offer) -> Callable[[], None]:
        """Say that the run is produced here; the result takes that back."""
        ...

    def watch(self, run_id: str, hear: Callable[[Batch | None], None]) -> Callable[[], None]:
        """Hear of a run that is produced elsewhere, until the result is called.

        ``hear`` is called on the event loop with batches, all of them durable, or with None: something may have come.
        """
        ...

    async def close(self) -> None:
        """Leave."""
        ...
