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
_ANYTHING: Final = "*/*"
_QUALITY: Final = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def choose(
    dialects: Sequence[Dialect],
    *,
    query_name: str | None,
    accept: str | None,
    body: Mapping[str, Json] | None,
    default: Dialect,
    is_bare: bool = False,
) -> Dialect:
    """Choose the dialect of the answer; ``default`` is one of the ``dialects``.

    Where several dialects share a media type (``text/event-stream``), the body's shape decides among them, then the
    default if it is one of them, then the first. ``is_bare``: the path does not say that it streams, so that dialects
    whose clients mean the whole answer by it give that. Raises `CallerError` (code ``not_acceptable``), naming the
    wires, for an unknown name and for an ``Accept`` that no dialect satisfies.
    """
    if query_name is None and body is None and (accept or _ANYTHING) in {_ANYTHING, *default.accepts}:
        return default  # what nearly all who come back say
    if query_name is not None:
        return choose_named(dialects, query_name, accept=accept)
    ranges = _read_accept(accept or _ANYTHING)
    forms = [*_recognised_wholes(dialects, body), *dialects]
    for media_range in ranges:
        matching = [dialect for dialect in forms if _is_match(dialect, media_range)]
        if matching:
            return _decide(matching, body, default)
    if accept and _ANYTHING not in ranges:
        raise _refuse(dialects, f"Nothing here answers `Accept: {accept[:200]}`", "accept")
    is_whole_wanted = body is not None and body.get("stream") is False
    streamed = [dialect for dialect in dialects if not dialect.is_whole]
    shaped = next((dialect for dialect in streamed if body is not None and dialect.recognise(body)), None)
    if shaped is not None and shaped.whole is not None and (is_whole_wanted or (is_bare and shaped.is_whole_when_bare)):
        return shaped.whole
    return _decide(dialects, body, default)


def choose_named(dialects: Sequence[Dialect], name: str, *, accept: str | None, is_bare: bool = False) -> Dialect:
    """Choose the dialect of that name; among its forms ``Accept`` decides, where it names the type of one."""
    named = [dialect for dialect in dialects if dialect.name == name]
    if not named:
        raise _refuse(dialects, f"There is no wire {name[:100]!r}", "wire")
    for media_range in _read_accept(accept or ""):
        for dialect in named:
            if media_range in dialect.accepts:
                return dialect
    if is_bare and named[0].is_whole_when_bare and named[0].whole is not None:
        return named[0].whole
    return named[0]


def _recognised_wholes(dialects: Sequence[Dialect], body: Mapping[str, Json] | None) -> list[Dialect]:
    """Give the whole forms of the dialects that the body can only be of: more fitting than any other document."""
    if body is None:
        return []
    return [dialect.whole for dialect in dialects if dialect.whole is not None and dialect.recognise(body)]


def _refuse(dialects: Sequence[Dialect], reason: str, field: str) -> CallerError:
    types: dict[str, list[str]] = {dialect.name: [] for dialect in dialects}
    for dialect in dialects:
        types[dialect.name] += dialect.accepts[:1]
    names = ", ".join(f"{name} ({', '.join(accepts)})" if accepts else name for name, accepts in types.items())
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
