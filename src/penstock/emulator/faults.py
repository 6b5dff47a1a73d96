"""Every fault that the emulator has, by name: the table that drives it, the documentation and the tests.

A fault either refuses (a whole reply, no stream) or reshapes the plan of a healthy stream. One is asked for by a
deployment called ``fault-<name>[;k=v...]`` or by the header ``x-emulator-fault: <name>[;k=v...]``. Each takes
``times=N``: N times the fault, then once a healthy answer, and again from the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from penstock.emulator import refusals, reshaping
from penstock.emulator.plan import Plan
from penstock.emulator.refusals import Reply
from penstock.emulator.reshaping import Parameters


class Refuse(Struct, frozen=True):
    """The fault is a whole reply."""

    build: Callable[[Parameters], Reply]


class Reshape(Struct, frozen=True):
    """The fault bends a stream."""

    apply: Callable[[Plan, Parameters], Plan]


class Fault(Struct, frozen=True, kw_only=True):
    """One fault: what it is called, what happens, and its parameters with their defaults."""

    name: str
    what: str
    effect: Refuse | Reshape
    parameters: str = ""


def _always(build: Callable[[], Reply]) -> Refuse:
    return Refuse(lambda _parameters: build())


def _limited_ms(parameters: Parameters) -> Reply:
    wait_ms = parameters.whole("ms", 300)
    return refusals.rate_limited({"retry-after": "5", "retry-after-ms": str(wait_ms)}, 5)


def _limited_seconds(parameters: Parameters) -> Reply:
    seconds = parameters.whole("seconds", 1)
    return refusals.rate_limited({"retry-after": str(seconds)}, seconds)


def _limited_date(parameters: Parameters) -> Reply:
    seconds = parameters.whole("seconds", 2)
    return refusals.rate_limited({"retry-after": refusals.http_date(seconds)}, seconds)


def _limited_day(_parameters: Parameters) -> Reply:
    return refusals.rate_limited({"retry-after": "86400"}, 86400)


def _unavailable(parameters: Parameters) -> Reply:
    seconds = parameters.pairs.get("seconds")
    return refusals.unavailable({"retry-after": seconds} if seconds else {})


def _json_instead(_parameters: Parameters) -> Reply:
    message = {"content": "This is not a stream.", "refusal": None, "role": "assistant"}
    choice = {"finish_reason": "stop", "index": 0, "message": message}
    return refusals.json_reply(200, {"choices": [choice], "id": "chatcmpl-json", "object": "chat.completion"})


def _max_tokens() -> Reply:
    return refusals.unsupported_parameter("max_tokens", "Use 'max_completion_tokens' instead.")


def _no_usage() -> Reply:
    return refusals.invalid_request("Unrecognized request argument supplied: stream_options")


def _refuse(name: str, what: str, effect: Refuse, parameters: str = "") -> Fault:
    return Fault(name=name, what=what, effect=effect, parameters=parameters)


def _reshape(name: str, what: str, apply: Callable[[Plan, Parameters], Plan], parameters: str = "") -> Fault:
    return Fault(name=name, what=what, effect=Reshape(apply), parameters=parameters)


_REFUSALS = (
    _refuse(
        "filter-classic", "400 prompt blocked, `innererror.content_filter_result`", _always(refusals.filter_classic)
    ),
    _refuse(
        "filter-plural", "400 prompt blocked, `inner_error.content_filter_results`", _always(refusals.filter_plural)
    ),
    _refuse("filter-list", "400 prompt blocked, a list `content_filters`", _always(refusals.filter_list)),
    _refuse("filter-bare", "400 prompt blocked, no inner error", _always(refusals.filter_bare)),
    _refuse("filter-minimal", "400 prompt blocked, only code and message", _always(refusals.filter_minimal)),
    _refuse("unsupported-parameter", "400 for `max_tokens`, whatever was sent", _always(_max_tokens)),
    _refuse("no-usage-option", "400 for `stream_options`, as old API versions do", _always(_no_usage)),
    _refuse("context-length", "400 prompt too long", _always(lambda: refusals.context_length(131_072))),
    _refuse("401", "401 wrong key, `error` nested", _always(refusals.wrong_key)),
    _refuse("401-flat", "401 wrong token, `statusCode` and `message` at the top", _always(refusals.wrong_token)),
    _refuse("401-role", "401 the principal lacks the data role", _always(refusals.no_role)),
    _refuse("403", "403 by network rules", _always(refusals.forbidden)),
    _refuse("404", "404 `DeploymentNotFound`", _always(refusals.unknown_deployment)),
    _refuse("408", "408 `Timeout`", _always(refusals.timed_out)),
    _refuse("429", "429 with `retry-after-ms` beside a longer `retry-after: 5`", Refuse(_limited_ms), "`ms=300`"),
    _refuse("429-seconds", "429 with `retry-after` in seconds", Refuse(_limited_seconds), "`seconds=1`"),
    _refuse("429-date", "429 with `retry-after` as an HTTP date", Refuse(_limited_date), "`seconds=2`"),
    _refuse("429-day", "429 with `retry-after: 86400`", Refuse(_limited_day)),
    _refuse("429-busy", "429 for capacity, without `retry-after`", _always(refusals.overloaded)),
    _refuse("500", "500 `server_error`", _always(refusals.server_error)),
    _refuse("502", "502 with an HTML body", _always(refusals.bad_gateway)),
    _refuse("503", "503 `ServiceUnavailable`", Refuse(_unavailable), "`seconds=` adds `retry-after`"),
    _refuse("json", "200 with a JSON completion although a stream was asked for", Refuse(_json_instead)),
)

_BENT = (
    _reshape("stall-headers", "silence before the headers", reshaping.stall_before_headers, "`seconds=` (forever)"),
    _reshape("stall-first", "silence before the first token", reshaping.stall_before_token, "`seconds=` (forever)"),
    _reshape(
        "stall-middle", "silence between tokens", reshaping.stall_between_tokens, "`after=5` `seconds=` (forever)"
    ),
    _reshape("cut-fin", "the socket closed inside the body", reshaping.cut_fin, "`at=1500` bytes"),
    _reshape("cut-rst", "the connection reset inside the body", reshaping.cut_rst, "`at=1500` bytes"),
    _reshape("cut-clean", "the body ended properly inside an event", reshaping.cut_cleanly, "`at=1500` bytes"),
    _reshape("no-finish", "a proper end without finish reason and `[DONE]`", reshaping.end_without_finish, "`after=5`"),
    _reshape("error-frame", "an error under `error` in mid-stream", reshaping.error_frame, "`after=5`"),
    _reshape("error-flat", "an error without the key `error`", reshaping.error_frame_without_key, "`after=5`"),
    _reshape("error-event", "an error as `event: error`", reshaping.error_event, "`after=5`"),
    _reshape("error-preamble", "an error after 200 and the role chunk", reshaping.error_after_preamble),
    _reshape("filter-inline", "finish reason `content_filter` in mid-stream", reshaping.filter_inline, "`after=5`"),
    _reshape("filter-async", "the asynchronous filter blocks in mid-stream", reshaping.filter_block, "`after=5`"),
    _reshape("filter-late", "a chunk without `delta` after the stop", reshaping.annotation_after_stop),
    _reshape("filter-singular", "no opener; `content_filter_result.error`", reshaping.singular_filter_error),
    _reshape("malformed", "an event whose data is no JSON", reshaping.malformed_json, "`after=5`"),
    _reshape("huge-line", "one token of 10 MB", reshaping.huge_line, "`size=10000000` `after=5`"),
    _reshape("no-done", "no `[DONE]`", reshaping.missing_done),
    _reshape("bare-done", "`[DONE]` without `data:`", reshaping.bare_done),
    _reshape("done-no-blank", "no line end after `[DONE]`", reshaping.done_without_blank_line),
    _reshape("finish-no-blank", "the body ends right after the finish chunk", reshaping.finish_without_blank_line),
    _reshape("crlf", "lines end with CRLF", reshaping.crlf),
    _reshape("no-space", "no space after `data:`", reshaping.no_space),
    _reshape("bom", "a byte order mark first", reshaping.byte_order_mark),
    _reshape("comments", "a comment before every event", reshaping.comments),
    _reshape("drip", "every byte by itself", reshaping.slow_drip, "`ms=1`"),
)

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in (*_REFUSALS, *_BENT)}


class Trigger(Struct, frozen=True, kw_only=True):
    """A fault that a request asked for."""

    fault: Fault
    parameters: Parameters
    spec: str


def read_trigger(deployment: str, header: str | None) -> Trigger | None:
    """Find the fault that a request asks for; the header wins. Raises `KeyError` for a name not in the table."""
    spec = header or (deployment.removeprefix("fault-") if deployment.startswith("fault-") else "")
    if not spec:
        return None
    name, *pairs = (piece.strip() for piece in spec.split(";"))
    values = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    return Trigger(fault=FAULTS[name], parameters=Parameters(values), spec=f"{deployment} {spec}")


class Turns:
    """Counts how often a fault was shown, for ``times=N``."""

    def __init__(self) -> None:
        self._shown: Counter[str] = Counter()

    def is_due(self, trigger: Trigger) -> bool:
        """Say if the fault is shown this time, and count it."""
        times = trigger.parameters.whole("times", 0)
        if times <= 0:
            return True
        self._shown[trigger.spec] += 1
        if self._shown[trigger.spec] <= times:
            return True
        del self._shown[trigger.spec]
        return False
