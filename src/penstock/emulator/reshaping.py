"""What can go wrong with a stream: each function bends a healthy plan into one that shows one fault.

They know where to act from the kinds of the frames; a plan without such a place comes back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from penstock.core.events import Json
from penstock.emulator.chunks import COMPLETION_SAFE, event
from penstock.emulator.plan import FOREVER_S, Ending, Frame, Kind, Plan
from penstock.emulator.refusals import server_error_body

_AFTER_TOKENS = 5
_HUGE_BYTES = 10_000_000
_NOT_FILTERED: Json = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}
_VIOLENCE: Json = COMPLETION_SAFE | {"violence": {"filtered": True, "severity": "high"}}
_PROTECTED: Json = {"protected_material_text": {"detected": True, "filtered": True}}


class Parameters(Struct, frozen=True):
    """The ``k=v`` pairs of a fault; what is missing or no number gives the default."""

    pairs: Mapping[str, str]

    def number(self, name: str, default: float) -> float:
        """Give a number."""
        try:
            return float(self.pairs.get(name, default))
        except ValueError:
            return default

    def whole(self, name: str, default: int) -> int:
        """Give a whole number."""
        return int(self.number(name, default))


def stall_before_headers(plan: Plan, parameters: Parameters) -> Plan:
    """Say nothing at all."""
    return replace(plan, headers_wait_s=plan.headers_wait_s + parameters.number("seconds", FOREVER_S))


def stall_before_token(plan: Plan, parameters: Parameters) -> Plan:
    """Fall silent after the role chunk."""
    return _with_wait(plan, 0, parameters.number("seconds", FOREVER_S))


def stall_between_tokens(plan: Plan, parameters: Parameters) -> Plan:
    """Fall silent after some tokens."""
    return _with_wait(plan, parameters.whole("after", _AFTER_TOKENS), parameters.number("seconds", FOREVER_S))


def cut_fin(plan: Plan, parameters: Parameters) -> Plan:
    """Close the socket after so many bytes of the body."""
    return plan.with_frames(_first_bytes(plan, parameters), Ending.FIN)


def cut_rst(plan: Plan, parameters: Parameters) -> Plan:
    """Reset the connection after so many bytes of the body."""
    return plan.with_frames(_first_bytes(plan, parameters), Ending.RST)


def cut_cleanly(plan: Plan, parameters: Parameters) -> Plan:
    """End the body as HTTP says, but in the middle of an event."""
    return plan.with_frames(_first_bytes(plan, parameters))


def end_without_finish(plan: Plan, parameters: Parameters) -> Plan:
    """End well-formed after some tokens: no finish reason, no usage, no ``[DONE]``."""
    return plan.with_frames(_first_tokens(plan, parameters))


def error_frame(plan: Plan, parameters: Parameters) -> Plan:
    """Report an error after some tokens, under ``error``."""
    return _ended_by(plan, parameters, event({"error": server_error_body()}))


def error_frame_without_key(plan: Plan, parameters: Parameters) -> Plan:
    """Report an error after some tokens, with message and code at the top."""
    return _ended_by(plan, parameters, event(_flat_error()))


def error_event(plan: Plan, parameters: Parameters) -> Plan:
    """Report an error after some tokens, as an event named ``error``."""
    return _ended_by(plan, parameters, b"event: error\n" + event(_flat_error()))


def error_after_preamble(plan: Plan, parameters: Parameters) -> Plan:
    """Report an error before the first token, after a 200."""
    return error_frame(plan, Parameters({**parameters.pairs, "after": "0"}))


def filter_inline(plan: Plan, parameters: Parameters) -> Plan:
    """Finish with ``content_filter`` after some tokens, the category named in the finish chunk."""
    finish = Frame(Kind.FINISH, plan.chunks.finish("content_filter", _VIOLENCE))
    return plan.with_frames([*_first_tokens(plan, parameters), finish, *_of_kind(plan, Kind.USAGE, Kind.DONE)])


def filter_block(plan: Plan, parameters: Parameters) -> Plan:
    """Let the asynchronous filter end the stream after some tokens: no ``delta``, no usage."""
    block = Frame(Kind.ANNOTATION, plan.chunks.annotation(198, "content_filter", _PROTECTED))
    return plan.with_frames([*_first_tokens(plan, parameters), block, *_of_kind(plan, Kind.DONE)])


def annotation_after_stop(plan: Plan, parameters: Parameters) -> Plan:
    """Let the asynchronous filter speak after the finish chunk."""
    del parameters
    late = Frame(Kind.ANNOTATION, plan.chunks.annotation(198, None, COMPLETION_SAFE))
    return _insert_after(plan, Kind.FINISH, late)


def singular_filter_error(plan: Plan, parameters: Parameters) -> Plan:
    """Leave the opener out, and give each choice the singular ``content_filter_result`` with an error."""
    del parameters
    told = b'"content_filter_result":' + msgspec.json.encode(_NOT_FILTERED)
    return plan.with_frames([_retold(frame, told) for frame in plan.frames if frame.kind is not Kind.OPENER])


def malformed_json(plan: Plan, parameters: Parameters) -> Plan:
    """Put an event whose data is no JSON between the tokens."""
    return _insert_between(plan, parameters, b'data: {"choices":[{"delta":{"content":"bro\n\n')


def huge_line(plan: Plan, parameters: Parameters) -> Plan:
    """Put a token of ten million characters between the tokens."""
    return _insert_between(plan, parameters, plan.chunks.text("x" * parameters.whole("size", _HUGE_BYTES)))


def missing_done(plan: Plan, parameters: Parameters) -> Plan:
    """Leave ``[DONE]`` out."""
    del parameters
    return plan.with_frames([frame for frame in plan.frames if frame.kind is not Kind.DONE])


def bare_done(plan: Plan, parameters: Parameters) -> Plan:
    """Send ``[DONE]`` without ``data:``."""
    done = Frame(Kind.DONE, b"[DONE]\n\n")
    return missing_done(plan, parameters).with_frames([*missing_done(plan, parameters).frames, done])


def done_without_blank_line(plan: Plan, parameters: Parameters) -> Plan:
    """End the body right after ``[DONE]``."""
    del parameters
    return plan.with_frames([*plan.frames[:-1], _edited(plan.frames[-1], plan.frames[-1].data.rstrip(b"\n"))])


def finish_without_blank_line(plan: Plan, parameters: Parameters) -> Plan:
    """End the body right after the finish chunk's data."""
    del parameters
    kept = [frame for frame in plan.frames if frame.kind not in {Kind.USAGE, Kind.DONE}]
    return plan.with_frames([*kept[:-1], _edited(kept[-1], kept[-1].data.rstrip(b"\n"))])


def crlf(plan: Plan, parameters: Parameters) -> Plan:
    """End lines with CRLF."""
    del parameters
    return plan.with_frames([_edited(frame, frame.data.replace(b"\n", b"\r\n")) for frame in plan.frames])


def no_space(plan: Plan, parameters: Parameters) -> Plan:
    """Leave out the space after ``data:``."""
    del parameters
    return plan.with_frames([_edited(frame, frame.data.replace(b"data: ", b"data:", 1)) for frame in plan.frames])


def byte_order_mark(plan: Plan, parameters: Parameters) -> Plan:
    """Begin the body with a byte order mark."""
    del parameters
    return plan.with_frames([Frame(Kind.OTHER, b"\xef\xbb\xbf"), *plan.frames])


def comments(plan: Plan, parameters: Parameters) -> Plan:
    """Put a comment before every event."""
    del parameters
    return plan.with_frames([_edited(frame, b": keep-alive\n\n" + frame.data) for frame in plan.frames])


def slow_drip(plan: Plan, parameters: Parameters) -> Plan:
    """Send every byte by itself."""
    wait_s = max(0.001, parameters.number("ms", 1)) / 1000
    frames = [piece for frame in plan.frames for piece in _bytewise(frame, wait_s)]
    return replace(plan.with_frames(frames), is_coalesced=False)


def _bytewise(frame: Frame, wait_s: float) -> list[Frame]:
    """Cut a frame into bytes; its tokens count with the last of them."""
    last = len(frame.data) - 1
    return [
        Frame(frame.kind, frame.data[at : at + 1], wait_s, frame.tokens if at == last else 0)
        for at in range(len(frame.data))
    ]


def _flat_error() -> Json:
    return {"message": "The server had an error while processing your request.", "code": "server_error"}


def _edited(frame: Frame, data: bytes) -> Frame:
    return replace(frame, data=data)


def _retold(frame: Frame, told: bytes) -> Frame:
    before, key, after = frame.data.partition(b'"content_filter_results":')
    _, delta, rest = after.partition(b',"delta":')
    return _edited(frame, before + told + delta + rest) if key and delta else frame


def _of_kind(plan: Plan, *kinds: Kind) -> list[Frame]:
    return [frame for frame in plan.frames if frame.kind in kinds]


def _token_place(plan: Plan, after: int) -> int:
    """Give the index of the frame that follows ``after`` tokens: the next token, or what ends the answer."""
    seen = 0
    for index, frame in enumerate(plan.frames):
        is_next = frame.kind is Kind.TOKEN and seen == after
        if is_next or frame.kind in {Kind.FINISH, Kind.DONE}:
            return index
        seen += frame.kind is Kind.TOKEN
    return len(plan.frames)


def _first_tokens(plan: Plan, parameters: Parameters) -> list[Frame]:
    return list(plan.frames[: _token_place(plan, parameters.whole("after", _AFTER_TOKENS))])


def _ended_by(plan: Plan, parameters: Parameters, data: bytes) -> Plan:
    return plan.with_frames([*_first_tokens(plan, parameters), Frame(Kind.OTHER, data)])


def _insert_between(plan: Plan, parameters: Parameters, data: bytes) -> Plan:
    place = _token_place(plan, parameters.whole("after", _AFTER_TOKENS))
    return plan.with_frames([*plan.frames[:place], Frame(Kind.OTHER, data), *plan.frames[place:]])


def _insert_after(plan: Plan, kind: Kind, added: Frame) -> Plan:
    frames: list[Frame] = []
    for frame in plan.frames:
        frames.extend([frame, added] if frame.kind is kind else [frame])
    return plan.with_frames(frames)


def _with_wait(plan: Plan, after: int, wait_s: float) -> Plan:
    place = _token_place(plan, after)
    frames = list(plan.frames)
    if place < len(frames):
        frames[place] = replace(frames[place], wait_s=frames[place].wait_s + wait_s)
    return plan.with_frames(frames)


def _first_bytes(plan: Plan, parameters: Parameters) -> list[Frame]:
    """Keep the first ``at`` bytes, never so many that the answer is whole."""
    total = sum(len(frame.data) for frame in plan.frames)
    left = min(parameters.whole("at", 1500), total - 1)
    kept: list[Frame] = []
    for frame in plan.frames:
        if left <= 0:
            break
        is_whole = len(frame.data) <= left
        kept.append(frame if is_whole else Frame(Kind.OTHER, frame.data[:left], frame.wait_s))
        left -= len(frame.data)
    return kept
