"""What the end of a run writes: the last batch, with usage and cost, and the message: the record from then on."""

from __future__ import annotations

import logging

import msgspec
from msgspec import Struct

from penstock.core.events import RunFailed, RunFinished, RunInterrupted, RunStopped, Terminal, Usage
from penstock.core.messages import FoldedMessage, Message, Run, RunStatus, TokenUsage
from penstock.core.ports import Accountant
from penstock.core.requests import ModelRequest
from penstock.core.storage import Ending
from penstock.runs.transcript import Transcript

_log = logging.getLogger(__name__)


class Bill(Struct, frozen=True, kw_only=True):
    """What is needed to say what the answer cost."""

    accountant: Accountant
    provider: str
    prompt: ModelRequest | None
    """None after a restart: the prompt is not known any more, and the tokens are a lower bound."""
    was_sent: bool
    """Whether the prompt may have reached the service."""
    upstream_closed: bool = False
    """Whether the call is known to be closed."""


def make_ending(run: Run, transcript: Transcript, terminal: Terminal, *, bill: Bill, at: float) -> Ending:
    """End the transcript with usage and terminal, and fold it into what is kept."""
    batch = transcript.end(_final_usage(transcript, bill), terminal)
    folded = transcript.message
    return Ending(
        run_id=run.id,
        epoch=run.epoch,
        status=status_of(terminal),
        ended_at=at,
        last_batch=batch,
        folded=folded,
        upstream_closed=bill.upstream_closed,
        message=None if run.conversation_id is None else _message(run, run.conversation_id, folded),
    )


def status_of(terminal: Terminal) -> RunStatus:
    """Give the status that a terminal means."""
    match terminal:
        case RunFinished():
            return "finished"
        case RunFailed():
            return "failed"
        case RunStopped():
            return "stopped"
        case RunInterrupted():
            return "interrupted"


def _final_usage(transcript: Transcript, bill: Bill) -> Usage | None:
    try:
        return _priced_usage(transcript, bill)
    except Exception:  # noqa: BLE001 - foreign tables price it; a defect there must not cost the answer its end
        _log.exception("The usage of a run could not be worked out; it stays unknown.")
        return None


def _priced_usage(transcript: Transcript, bill: Bill) -> Usage | None:
    folded = transcript.message
    usage = transcript.usage
    if usage is None or not (transcript.is_usage_final or transcript.is_complete):
        if not (bill.was_sent or transcript.has_step):
            return None
        usage = _estimate(usage, folded, bill)
    tokens = TokenUsage(
        input=usage.input,
        output=usage.output,
        total=usage.total,
        cached=usage.cached,
        cache_write=usage.cache_write,
        reasoning=usage.reasoning,
        source=usage.source,
    )
    cost = bill.accountant.price(tokens, model=folded.model, provider=bill.provider)
    return msgspec.structs.replace(usage, cost=cost)


def _estimate(known: Usage | None, folded: FoldedMessage, bill: Bill) -> Usage:
    """Count from the text what the service did not say; what it did say of the prompt stays."""
    prompt = bill.prompt or ModelRequest(model=folded.model or "", messages=())
    usage = bill.accountant.estimate(prompt, folded)
    if bill.prompt is None:
        usage = msgspec.structs.replace(usage, input=None, total=None, source="lower_bound")
    if known is None:
        return usage
    output = max(usage.output or 0, known.output or 0)
    given = usage.input if known.input is None else known.input
    return msgspec.structs.replace(
        usage,
        input=given,
        output=output,
        total=None if given is None else given + output,
        cached=known.cached,
        cache_write=known.cache_write,
    )


def _message(run: Run, conversation_id: str, folded: FoldedMessage) -> Message:
    return Message(
        id=run.message_id,
        conversation_id=conversation_id,
        parent_id=run.parent_id,
        role="assistant",
        parts=folded.parts,
        status="running" if folded.status == "pending" else folded.status,
        created_at=run.created_at,
        run_id=run.id,
        model=folded.model,
        provider=folded.provider,
        finish_reason=folded.finish_reason,
        detail=folded.detail,
        failure=folded.failure,
        filters=folded.filters,
        progress=folded.progress,
        usage=folded.usage,
        cost=folded.cost,
        timings=folded.timings,
    )
