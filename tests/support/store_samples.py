"""Small submits, batches and endings for the tests of stores."""

from __future__ import annotations

import asyncio

import msgspec

from penstock.core.errors import StoreError
from penstock.core.events import RunFinished, RunStarted, TextDelta
from penstock.core.log import Batch, make_batch
from penstock.core.messages import (
    Attachment,
    AttachmentPart,
    Conversation,
    FoldedMessage,
    Message,
    Run,
    TextPart,
    TokenUsage,
)
from penstock.core.ports import Journal
from penstock.core.storage import Beginning, Ending
from penstock.core.usage import Cost, Timings


class TickingClock:
    """Time that goes on by one second whenever somebody looks."""

    def __init__(self) -> None:
        self.ticks = 1000.0

    def now(self) -> float:
        self.ticks += 1.0
        return self.ticks

    def monotonic(self) -> float:
        return self.now()


def make_conversation(conversation_id: str = "conv_1", *, owner: str = "ann", **values: object) -> Conversation:
    return Conversation(**{"id": conversation_id, "owner": owner, "created_at": 10.0, "updated_at": 10.0} | values)


def make_message(message_id: str, text: str = "hello", *, conversation_id: str = "conv_1", **values: object) -> Message:
    parts = (TextPart(text=text),)
    fields = {"id": message_id, "conversation_id": conversation_id, "role": "user", "parts": parts, "created_at": 20.0}
    return Message(**fields | values)


def make_beginning(
    number: int = 1, *, owner: str = "ann", conversation_id: str | None = "conv_1", **run: object
) -> Beginning:
    """One submit: its run ``run_N``, the user's message ``user_N``, the answer's id ``answer_N``."""
    run_id, user_id, answer_id = f"run_{number}", f"user_{number}", f"answer_{number}"
    fields = {
        "id": run_id,
        "owner": owner,
        "conversation_id": conversation_id,
        "message_id": answer_id,
        "parent_id": user_id if conversation_id else None,
        "model": "m",
        "status": "running",
        "created_at": 20.0 + number,
    }
    started = RunStarted(run_id=run_id, message_id=answer_id, model="m", provider="p", conversation_id=conversation_id)
    return Beginning(
        run=Run(**fields | run),
        first_batch=make_batch(0, [started]),
        conversation=make_conversation(conversation_id, owner=owner) if conversation_id else None,
        messages=(make_message(user_id, conversation_id=conversation_id),) if conversation_id else (),
    )


def make_attachment(number: int = 1, *, owner: str = "ann", **values: object) -> Attachment:
    fields = {
        "id": f"att_{number}",
        "owner": owner,
        "kind": "text",
        "name": "notes.txt",
        "media_type": "text/plain",
        "size_bytes": 100,
        "created_at": 15.0,
    }
    return Attachment(**fields | values)


def carry(*attachments: Attachment, beginning: Beginning | None = None) -> Beginning:
    """Give a submit whose message carries these files."""
    beginning = make_beginning() if beginning is None else beginning
    parts = tuple(
        AttachmentPart(
            attachment_id=one.id, kind=one.kind, name=one.name, media_type=one.media_type, size_bytes=one.size_bytes
        )
        for one in attachments
    )
    said = msgspec.structs.replace(beginning.messages[-1], parts=(TextPart(text="look"), *parts))
    return msgspec.structs.replace(beginning, messages=(*beginning.messages[:-1], said))


def make_delta(seq: int, text: str = "token ") -> Batch:
    return make_batch(seq, [TextDelta(part_id="text-0", text=text)])


def make_ending(number: int = 1, *, first_seq: int = 1, ended_at: float = 50.0, **values: object) -> Ending:
    """The end of the run that `make_beginning` began."""
    fields = {
        "run_id": f"run_{number}",
        "epoch": 1,
        "status": "finished",
        "ended_at": ended_at,
        "last_batch": make_batch(first_seq, [RunFinished(finish_reason="stop")]),
        "folded": FoldedMessage(
            usage=TokenUsage(input=3, output=5), cost=Cost(usd=0.01), timings=Timings(total_ms=12.5)
        ),
        "message": make_message(
            f"answer_{number}",
            "an answer",
            parent_id=f"user_{number}",
            role="assistant",
            status="finished",
            created_at=ended_at,
        ),
    }
    return Ending(**fields | values)


async def append(store: Journal, run_id: str, batch: Batch) -> StoreError | None:
    """Append and wait for what became of it."""
    outcome: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
    store.append(run_id, batch, outcome.set_result)
    return await outcome
