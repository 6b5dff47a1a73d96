"""The life of a run as the database sees it: begun once, ended once."""

from __future__ import annotations

from typing import Protocol

import msgspec
from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from penstock.core.errors import ConflictError, NotFoundError
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.core.storage import Beginning, Begun, Ending, LiveRun
from penstock.stores import attachments, conversations, messages
from penstock.stores.records import encode_json, make_row, read_record
from penstock.stores.tables import runs

_IS_LIVE: ColumnElement[bool] = runs.c.ended_at.is_(None)


class LogKeeper(Protocol):
    """Keeps a run's first and last batch in the same transaction as its row."""

    def open_log(self, connection: Connection, run_id: str, batch: Batch) -> None:
        """Keep the first batch."""
        ...

    def close_log(self, connection: Connection, run_id: str, batch: Batch, *, at: float) -> None:
        """Keep the last batch."""
        ...


def begin(connection: Connection, keeper: LogKeeper, beginning: Beginning) -> Begun:
    """Write a submit, or find the run of an earlier one with the same client message id."""
    run = beginning.run
    if run.conversation_id is not None:
        earlier = _enter_conversation(connection, beginning, run.conversation_id)
    else:
        earlier = _find_submit(connection, run)
    if earlier is not None:
        return Begun(run=earlier, is_new=False)
    connection.execute(insert(runs).values(make_row(run)))
    keeper.open_log(connection, run.id, beginning.first_batch)
    return Begun(run=run, is_new=True)


def _enter_conversation(connection: Connection, beginning: Beginning, conversation_id: str) -> Run | None:
    """Give the earlier run of this submit, or None after making everything ready for a new one."""
    run = beginning.run
    found = conversations.find(connection, conversation_id)
    if found is None and beginning.conversation is not None:
        conversations.add(connection, beginning.conversation)
    else:
        found = conversations.find_owned(connection, run.owner, conversation_id)
        earlier = _find_submit(connection, run)
        if earlier is not None:
            return earlier
        if found.deleted_at is not None:
            message = "The conversation was deleted: restore it, or start a new one."
            raise ConflictError(message, field="conversation_id")
    messages.require_parents(connection, conversation_id, beginning.messages, run.parent_id)
    messages.add(connection, beginning.messages)
    attachments.give(connection, run.owner, conversation_id, beginning.messages)
    conversations.touch(connection, conversation_id, at=run.created_at, is_answer=False)
    return None


def _find_submit(connection: Connection, run: Run) -> Run | None:
    if run.client_message_id is None:
        return None
    same = select(runs).where(
        runs.c.owner == run.owner,
        runs.c.client_message_id == run.client_message_id,
        runs.c.conversation_id.is_(None)
        if run.conversation_id is None
        else runs.c.conversation_id == run.conversation_id,
    )
    row = connection.execute(same).mappings().first()
    return None if row is None else read_record(Run, row)


def finish(connection: Connection, keeper: LogKeeper, ending: Ending) -> bool:
    """End the run if it is live at this epoch: the compare-and-set that makes terminals unique."""
    folded = ending.folded
    is_ours = connection.execute(
        update(runs)
        .where(runs.c.id == ending.run_id, runs.c.epoch == ending.epoch, _IS_LIVE)
        .values(
            status=ending.status,
            ended_at=ending.ended_at,
            upstream_closed=ending.upstream_closed,
            usage=encode_json(folded.usage),
            cost=encode_json(folded.cost),
            timings=encode_json(folded.timings),
        )
    )
    if is_ours.rowcount != 1:
        _require(connection, runs.c.id == ending.run_id, ending.run_id)
        return False
    keeper.close_log(connection, ending.run_id, ending.last_batch, at=ending.ended_at)
    if ending.message is not None:
        messages.add(connection, (ending.message,))
        conversations.touch(connection, ending.message.conversation_id, at=ending.ended_at, is_answer=True)
    return True


def _require(connection: Connection, where: ColumnElement[bool], run_id: str) -> Run:
    row = connection.execute(select(runs).where(where)).mappings().first()
    if row is None:
        message = f"There is no run {run_id}."
        raise NotFoundError(message, field="run_id")
    return read_record(Run, row)


def get(connection: Connection, owner: str, run_id: str) -> Run:
    """Give the owner's run; raises `NotFoundError`."""
    return _require(connection, (runs.c.id == run_id) & (runs.c.owner == owner), run_id)


def find_live(connection: Connection, owner: str, conversation_id: str) -> Run | None:
    """Give the newest run of the conversation that has no terminal."""
    newest = (
        select(runs)
        .where(runs.c.conversation_id == conversation_id, runs.c.owner == owner, _IS_LIVE)
        .order_by(runs.c.created_at.desc(), runs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(newest).mappings().first()
    return None if row is None else read_record(Run, row)


def list_of(connection: Connection, owner: str, conversation_id: str) -> list[Run]:
    """Give all runs of the conversation, oldest first."""
    found = (
        select(runs)
        .where(runs.c.conversation_id == conversation_id, runs.c.owner == owner)
        .order_by(runs.c.created_at, runs.c.id)
    )
    return [read_record(Run, row) for row in connection.execute(found).mappings()]


def request_stop(connection: Connection, owner: str, run_id: str, *, at: float) -> Run:
    """Note the first wish to stop on a run that is live."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.owner == owner, _IS_LIVE)
        .values(stop_requested_at=func.coalesce(runs.c.stop_requested_at, at))
    )
    return get(connection, owner, run_id)


def list_own(connection: Connection, instance: str) -> list[LiveRun]:
    """Give the live runs of the instance."""
    is_stop_requested = runs.c.stop_requested_at.is_not(None)
    own = select(runs.c.id, runs.c.owner, is_stop_requested).where(runs.c.instance == instance, _IS_LIVE)
    return [LiveRun(run_id, owner, bool(is_asked)) for run_id, owner, is_asked in connection.execute(own)]


def list_orphans(connection: Connection, is_lost: ColumnElement[bool]) -> list[Run]:
    """Give the live runs whose producer ``is_lost``, oldest first."""
    orphans = select(runs).where(_IS_LIVE, is_lost).order_by(runs.c.created_at, runs.c.id)
    return [read_record(Run, row) for row in connection.execute(orphans).mappings()]


def claim(connection: Connection, run: Run, instance: str, is_lost: ColumnElement[bool]) -> Run | None:
    """Make the instance the producer, at the next epoch, if the run lives at this one and its producer ``is_lost``."""
    claimed = msgspec.structs.replace(run, instance=instance, epoch=run.epoch + 1)
    written = connection.execute(
        update(runs)
        .where(runs.c.id == run.id, runs.c.epoch == run.epoch, _IS_LIVE, is_lost)
        .values(instance=claimed.instance, epoch=claimed.epoch)
    )
    return claimed if written.rowcount == 1 else None


def is_of_another(instance: str) -> ColumnElement[bool]:
    """Tell which runs are not the instance's own."""
    return runs.c.instance.is_distinct_from(instance)
