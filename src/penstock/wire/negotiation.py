"""Which dialect answers: ``?wire=``, then ``Accept`` (RFC 9110, section 12.5.1), the body's shape, the default.

It sees dialects only as a list: what they are called and which media types choose them, they say themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from penstock.core.errors import CallerError
from penstock.core.events import Json
from penstock.wire.dialect import Dialect

_CODE: Final = "not_acceptable"
_QUALITY: Final = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def choose(
    dialects: Sequence[Dialect],
    *,
    query_name: str | None,
    accept: str | None,
    body: Mapping[str, Json] | None,
    default: Dialect,
) -> Dialect:
    """Choose the dialect of the answer; ``default`` is one of the ``dialects``.

    Where several dialects share a media type (``text/event-stream``), the body's shape decides among them, then the
    default if it is one of them, then the first. Raises `CallerError` (code ``not_acceptable``), naming the wires, for
    an unknown name and for an ``Accept`` that no dialect satisfies.
    """
    if query_name is not None:
        return _find(dialects, query_name)
    ranges = _read_accept(accept or "*/*")
    for media_range in ranges:
        matching = [dialect for dialect in dialects if _is_match(dialect, media_range)]
        if matching:
            return _decide(matching, body, default)
    if accept and "*/*" not in ranges:
        raise _refuse(dialects, f"Nothing here answers `Accept: {accept[:200]}`", "accept")
    return _decide(dialects, body, default)


def _find(dialects: Sequence[Dialect], name: str) -> Dialect:
    for dialect in dialects:
        if dialect.name == name:
            return dialect
    raise _refuse(dialects, f"There is no wire {name[:100]!r}", "wire")


def _refuse(dialects: Sequence[Dialect], reason: str, field: str) -> CallerError:
    names = ", ".join(
        f"{dialect.name} ({dialect.accepts[0]})" if dialect.accepts else dialect.name for dialect in dialects
    )
    return CallerError(f"{reason}; choose one of: {names}.", field=field, code=_CODE)


def _decide(candidates: Sequence[Dialect], body: Mapping[str, Json] | None, default: Dialect) -> Dialect:
    for dialect in candidates:
        if body is not None and dialect.recognise(body):
            return dialect
    return default if default in candidates else candidates[0]


def _is_match(dialect: Dialect, media_range: str) -> bool:
    if media_range.endswith("/*"):
        return any(media_type.startswith(media_range[:-1]) for media_type in dialect.accepts)
    return media_range in dialect.accepts


def _read_accept(accept: str) -> list[str]:
    """Give the media ranges, most wanted first; those with a weight of zero are not wanted."""
    weighted: list[tuple[float, str]] = []
    for item in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in item.split(";"))
        weight = _read_weight(parameters)
        if media_range and weight > 0:
            weighted.append((weight, media_range))
    # The sort keeps the order of equals: between them the client's own order decides.
    weighted.sort(key=lambda pair: -pair[0])
    return [media_range for _, media_range in weighted]


def _read_weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _QUALITY.fullmatch(value.strip()) else 1.0
    return 1.0
