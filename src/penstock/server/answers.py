"""From a run to an HTTP answer: negotiation, resuming, and whole answers for dialects that are one document."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from penstock.core.errors import CallerError, NotFoundError
from penstock.core.events import Json, RunFailed
from penstock.core.log import Batch
from penstock.core.messages import Run
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id
from penstock.server.problems import format_retry_after
from penstock.server.services import Services, services_of
from penstock.server.streaming import START, Followed, Place, StreamingAnswer
from penstock.wire.dialect import Dialect, Encoder, StreamContext
from penstock.wire.negotiation import choose


def choose_dialect(
    request: Request, *, default: str, body: Mapping[str, Json] | None = None, is_bare: bool = False
) -> Dialect:
    """Choose the answer's dialect: by ``?wire=``, ``Accept``, the body's shape, then the default."""
    dialects = services_of(request).dialects
    return choose(
        dialects,
        query_name=request.query_params.get("wire"),
        accept=request.headers.get("accept"),
        body=body,
        default=find_dialect(services_of(request), default),
        is_bare=is_bare,
    )


def find_dialect(services: Services, name: str) -> Dialect:
    """Give the dialect of that name."""
    for dialect in services.dialects:
        if dialect.name == name:
            return dialect
    message = f"There is no wire named {name[:40]}."
    raise NotFoundError(message)


async def answer_run(
    request: Request, run: Run, dialect: Dialect, *, place: Place = START, switches: Mapping[str, str] | None = None
) -> Response:
    """Follow the run in that dialect, from the place on; ``switches`` stand before the query's."""
    after = place.after
    services = services_of(request)
    follower = await services.engine.follow(owner_of(request), run.id, after=after)
    if follower.is_ended and after >= 0:
        # All of it was seen: no content is what tells an EventSource to stop asking.
        return Response(status_code=204)
    if after >= 0 and not dialect.is_stateless:
        follower.close()
        follower = await services.engine.follow(owner_of(request), run.id)
    encoder = dialect.open(context_of(run, {**request.query_params, **(switches or {})}))
    headers = [("x-run-id", run.id)]
    if run.conversation_id is not None:
        headers.append(("x-conversation-id", run.conversation_id))
    if dialect.is_whole:
        return await _answer_whole(follower, dialect, encoder, headers)
    return StreamingAnswer(
        streams=services.streams,
        follower=follower,
        dialect=dialect,
        encoder=encoder,
        headers=headers,
        place=place,
    )


def offset_of(request: Request) -> int:
    """Give the offset that the reader has seen: ``Last-Event-ID``, which a reconnect sends, before ``?after=``."""
    for field, text in (
        ("Last-Event-ID", request.headers.get("last-event-id")),
        ("after", request.query_params.get("after")),
    ):
        if text is None or text == "":
            continue
        if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdecimal() or len(text) > 18:  # noqa: PLR2004 - digits of a 64-bit number
            message = f"{field} must be the offset of an event, a whole number."
            raise CallerError(message, field=field)
        return max(-1, int(text))
    return -1


async def find_run(request: Request, run_id: str) -> Run:
    """Give the caller's run, to be followed."""
    return await services_of(request).engine.find_run(owner_of(request), check_id(run_id, what="run"))


def context_of(run: Run, parameters: Mapping[str, str]) -> StreamContext:
    """Say what an encoder may need to know beside the run's events."""
    return StreamContext(
        run_id=run.id,
        message_id=run.message_id,
        model=run.model,
        created_at=run.created_at,
        conversation_id=run.conversation_id,
        parameters=parameters,
    )


async def _answer_whole(
    follower: Followed, dialect: Dialect, encoder: Encoder, headers: list[tuple[str, str]]
) -> Response:
    pieces: list[bytes] = []
    try:
        while not follower.is_ended:
            batches: list[Batch] = await follower.read()
            pieces.extend(encoder.encode(batch) for batch in batches)
            last = batches[-1].events[-1] if batches else None
            if isinstance(last, RunFailed) and last.retry_after_s is not None:
                headers.append(("retry-after", format_retry_after(last.retry_after_s)))
    finally:
        follower.close()
    response = Response(b"".join(pieces), status_code=encoder.status, media_type=dialect.media_type)
    response.headers.update({**dict(dialect.headers), **dict(headers), "Cache-Control": "no-store"})
    return response
