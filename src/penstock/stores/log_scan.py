"""Reading the logs of many runs in one pass over the journal of SQLite."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, RowMapping, Select, literal, select

from penstock.core.errors import GoneError, NotFoundError, StoreError
from penstock.core.log import Batch, read_batch
from penstock.core.storage import LogEnd
from penstock.stores.framing import mask_of, read_frames
from penstock.stores.tables import journal, logs


class LogRead(Struct, frozen=True):
    """What one reader wants of one run."""

    run_id: str
    after: int = -1
    limit: int | None = None
    """At most so many batches."""
    from_row: int = 0
    """No earlier row holds what is wanted: the last row of the page before this one."""


class LogPage(Struct, frozen=True):
    """The batches, and the row of the last one."""

    batches: list[Batch]
    last_row: int


LogAnswer = LogPage | NotFoundError | GoneError | StoreError
"""What one reader gets."""


class _Gatherer:
    """Takes the frames of one run that one reader wants."""

    def __init__(self, read: LogRead) -> None:
        self.read = read
        self.last_row = read.from_row
        self._frames: list[tuple[int, bytes]] = []

    @property
    def is_full(self) -> bool:
        return self.read.limit is not None and len(self._frames) >= self.read.limit

    def offer(self, row: int, first_seq: int, lines: bytes) -> None:
        # A batch has one line more than newlines: one that the reader knows wholly is not even decoded.
        if first_seq + lines.count(b"\n") > self.read.after and not self.is_full:
            self._frames.append((first_seq, lines))
            self.last_row = row

    def answer(self) -> LogAnswer:
        try:
            batches = [read_batch(first_seq, lines).after(self.read.after) for first_seq, lines in self._frames]
        except msgspec.DecodeError as error:
            message = f"The log of run {self.read.run_id} is damaged: {error}."
            return StoreError(message, code="store_corrupt", is_retryable=False)
        return LogPage(batches, self.last_row)


def read_logs(connection: Connection, reads: Sequence[LogRead]) -> list[LogAnswer]:
    """Read many logs; gives an answer for each, in order."""
    run_ids = {read.run_id for read in reads}
    rows = connection.execute(select(logs).where(logs.c.run_id.in_(run_ids))).mappings()
    spans: dict[str, RowMapping] = {row["run_id"]: row for row in rows}
    gatherers = [_Gatherer(read) if _is_kept(spans.get(read.run_id)) else None for read in reads]
    _gather(connection, spans, [gatherer for gatherer in gatherers if gatherer is not None and not gatherer.is_full])
    return [
        _missing(read.run_id, spans.get(read.run_id)) if gatherer is None else gatherer.answer()
        for read, gatherer in zip(reads, gatherers, strict=True)
    ]


def find_log_end(connection: Connection, run_id: str) -> LogEnd:
    """Tell how far a log goes: a closed one ends in its last row, a live one is read through."""
    span = connection.execute(select(logs).where(logs.c.run_id == run_id)).mappings().first()
    if span is None or span["is_swept"]:
        raise _missing(run_id, span)
    is_closed = span["last_row"] is not None
    from_row = span["last_row"] if is_closed else span["first_row"]
    [answer] = read_logs(connection, [LogRead(run_id, from_row=from_row)])
    if not isinstance(answer, LogPage):
        raise answer
    return LogEnd(answer.batches[-1].next_seq if answer.batches else 0, is_closed)


def find_resume_token(connection: Connection, run_id: str) -> str | None:
    """Give what was kept beside the log's last batch that had one."""
    return connection.scalar(select(logs.c.resume_token).where(logs.c.run_id == run_id))


def _is_kept(span: RowMapping | None) -> bool:
    return span is not None and not span["is_swept"]


def _missing(run_id: str, span: RowMapping | None) -> NotFoundError | GoneError:
    return no_such_log(run_id) if span is None else swept_log(run_id)


def no_such_log(run_id: str) -> NotFoundError:
    """Give what a reader of an unknown log is told."""
    return NotFoundError(f"There is no run {run_id}.", field="run_id")


def swept_log(run_id: str) -> GoneError:
    """Give what a reader is told who comes after the retention time."""
    return GoneError(f"The log of run {run_id} was dropped after its retention time; its message is kept.")


def _gather(connection: Connection, spans: dict[str, RowMapping], gatherers: Sequence[_Gatherer]) -> None:
    """Go over the rows once, until nobody wants more."""
    wanted: defaultdict[bytes, list[_Gatherer]] = defaultdict(list)
    for gatherer in gatherers:
        wanted[gatherer.read.run_id.encode()].append(gatherer)
    if not wanted:
        return
    with connection.execute(
        _select_rows([(gatherer.read, spans[gatherer.read.run_id]) for gatherer in gatherers])
    ) as rows:
        for row, payload in rows:
            for run_id, first_seq, lines in read_frames(payload, wanted):
                _offer(wanted, run_id.encode(), (row, first_seq, lines))
            if not wanted:
                return


def _offer(wanted: dict[bytes, list[_Gatherer]], run_id: bytes, frame: tuple[int, int, bytes]) -> None:
    is_full = True
    for gatherer in wanted[run_id]:
        gatherer.offer(*frame)
        is_full = is_full and gatherer.is_full
    if is_full:
        del wanted[run_id]


def _select_rows(reads: Sequence[tuple[LogRead, RowMapping]]) -> Select[int, bytes]:
    mask = 0
    for read, _ in reads:
        mask |= mask_of(read.run_id)
    first = min(max(read.from_row, span["first_row"]) for read, span in reads)
    rows = select(journal.c.id, journal.c.payload).where(
        journal.c.id >= first, journal.c.mask.bitwise_and(literal(mask)) != 0
    )
    lasts: list[int | None] = [span["last_row"] for _, span in reads]
    if None not in lasts:
        rows = rows.where(journal.c.id <= max(last for last in lasts if last is not None))
    return rows.order_by(journal.c.id)
