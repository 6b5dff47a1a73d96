"""A request becomes a plan: the answer's tokens as chunks in the right order, each with its time.

The order of Azure's stream: prompt filter results, role, tokens, finish, usage (if asked for), ``[DONE]``. With the
asynchronous filter, chunks without ``delta`` come between the tokens and once more after the finish.
"""

from __future__ import annotations

import random
import string

import msgspec
from msgspec import Struct

from penstock.core.events import Json
from penstock.emulator import chunks
from penstock.emulator.answers import Answer, answer_to, rest_of
from penstock.emulator.calls import ChatCall
from penstock.emulator.chunks import COMPLETION_SAFE, AzureChunks, ChunkIdentity
from penstock.emulator.foreign_chunks import DeepSeekChunks, ThinkTagChunks
from penstock.emulator.legacy import TextChunks
from penstock.emulator.plan import Chunks, Frame, Kind, Plan
from penstock.emulator.profiles import Profile, waits
from penstock.emulator.tools import ToolCall, answer_results, choose_calls

_ANNOTATED_EVERY = 40
_AFTER_STOP_S = 0.15
_REASONING_TOKEN_S = 0.015
_REASONING_STEP = 64
_ENGINE_SHARE_MS = 30


class Timeline(Struct, frozen=True, kw_only=True):
    """The times of one answer, drawn before it is written because the last chunk tells them."""

    headers_s: float
    waits_s: list[float]

    @property
    def reasoning_tokens(self) -> int:
        """What a silence of this length would have cost a reasoning model."""
        silence = self.waits_s[0] if self.waits_s else 0.0
        return max(1, round(silence / _REASONING_TOKEN_S / _REASONING_STEP)) * _REASONING_STEP

    def latency(self) -> Json:
        """Give ``latency_checkpoint``: milliseconds, all consistent with what is sent."""
        before = round(self.headers_s * 250)
        first = round((self.headers_s + sum(self.waits_s[:1])) * 1000)
        last = round((self.headers_s + sum(self.waits_s)) * 1000)
        between = round((last - first) / max(1, len(self.waits_s) - 1))
        return {
            "engine_tbt_ms": between,
            "engine_ttft_ms": min(first, _ENGINE_SHARE_MS),
            "engine_ttlt_ms": last - first + min(first, _ENGINE_SHARE_MS),
            "pre_inference_ms": before,
            "service_tbt_ms": between,
            "service_ttft_ms": first,
            "service_ttlt_ms": last,
            "total_duration_ms": last - before,
            "user_visible_ttft_ms": first - before,
        }


class Composition(Struct, frozen=True, kw_only=True):
    """All that is decided about an answer before its bytes are written."""

    call: ChatCall
    identity: ChunkIdentity
    profile: Profile
    answer: Answer
    finish_reason: str
    usage: Json
    timeline: Timeline


def compose(call: ChatCall, profile: Profile, rng: random.Random, *, now_s: float) -> Composition:
    """Decide on the answer, its end, its usage and its times."""
    is_thinking = call.deployment.startswith(("deepseek-", "think-"))
    whole = _use_tools(call, rng) or rest_of(call.messages)
    whole = whole or answer_to(call.user_texts, images=call.images, shows_reasoning=is_thinking or call.wants_summary)
    answer = whole if call.max_tokens is None else whole.cut(call.max_tokens)
    count = answer.size
    timeline = Timeline(headers_s=profile.headers.draw(rng), waits_s=waits(profile, rng, count))
    hidden = timeline.reasoning_tokens if profile.is_reasoning else 0
    return Composition(
        call=call,
        identity=ChunkIdentity(
            id="chatcmpl-" + "".join(rng.choices(string.ascii_letters + string.digits, k=29)),
            model=call.model,
            created=int(now_s),
            has_usage=call.has_usage,
            has_obfuscation=call.has_obfuscation,
        ),
        profile=profile,
        answer=answer,
        finish_reason=_reason(whole, answer),
        usage=_usage(call.prompt_tokens, count + hidden, len(answer.reasoning) + hidden),
        timeline=timeline,
    )


def stream_plan(composition: Composition, rng: random.Random, writer: Chunks | None = None) -> Plan:
    """Write a streamed answer, in the chunks that the deployment's name tells, or in those of another API."""
    writer = writer or _writer(composition, rng)
    frames = [Frame(Kind.OPENER, writer.opener()), Frame(Kind.ROLE, writer.role())]
    frames.extend(_body(composition, writer))
    frames.append(Frame(Kind.FINISH, writer.finish(composition.finish_reason, {})))
    if composition.profile.is_annotated:
        end = composition.call.prompt_tokens + len("".join(composition.answer.tokens))
        frames.append(Frame(Kind.ANNOTATION, writer.annotation(end, None, COMPLETION_SAFE), _AFTER_STOP_S))
    frames.append(Frame(Kind.USAGE, writer.usage(composition.usage, composition.timeline.latency())))
    frames.append(Frame(Kind.DONE, writer.done()))
    return Plan(
        frames=tuple(frame for frame in frames if frame.data),
        chunks=writer,
        headers_wait_s=composition.timeline.headers_s,
    )


def whole_plan(composition: Composition, rng: random.Random) -> Plan:
    """Write an answer that is not streamed: one JSON document, after the time that the stream would have taken."""
    text = "".join(composition.answer.tokens)
    message: Json = {"annotations": [], "content": text, "refusal": None, "role": "assistant"}
    if composition.answer.calls:
        message |= {"content": text or None, "tool_calls": [_describe(call) for call in composition.answer.calls]}
    if composition.answer.reasoning:
        message |= {"reasoning_content": "".join(composition.answer.reasoning)}
    is_text = composition.call.is_text
    choice = {
        "content_filter_results": COMPLETION_SAFE,
        "finish_reason": composition.finish_reason,
        "index": 0,
        "logprobs": None,
        **({"text": text} if is_text else {"message": message}),
    }
    body = msgspec.json.encode(
        {
            "choices": [choice],
            "created": composition.identity.created,
            "id": composition.identity.id,
            "model": composition.identity.model,
            "object": "text_completion" if is_text else "chat.completion",
            "prompt_filter_results": chunks.PROMPT_FILTER_RESULTS,
            "service_tier": "default",
            "system_fingerprint": None,
            "usage": composition.usage,
        }
    )
    timeline = composition.timeline
    return Plan(
        frames=(Frame(Kind.DONE, body, tokens=composition.usage["completion_tokens"]),),
        chunks=_writer(composition, rng),
        headers_wait_s=timeline.headers_s + sum(timeline.waits_s),
        media_type="application/json",
    )


def _describe(call: ToolCall) -> Json:
    return {"function": {"arguments": call.arguments, "name": call.name}, "id": call.id, "type": "function"}


def _writer(composition: Composition, rng: random.Random) -> Chunks:
    deployment = composition.call.deployment
    if composition.call.is_text:
        return TextChunks(composition.identity)
    if deployment.startswith("deepseek-"):
        return DeepSeekChunks(composition.identity, composition.usage)
    if deployment.startswith("think-"):
        return ThinkTagChunks(composition.identity)
    return AzureChunks(composition.identity, rng)


def _body(composition: Composition, writer: Chunks) -> list[Frame]:
    times = iter(composition.timeline.waits_s)
    reasoning = composition.answer.reasoning
    frames = [Frame(Kind.TOKEN, writer.reasoning(token), next(times), 1) for token in reasoning]
    if reasoning and isinstance(writer, ThinkTagChunks):
        frames.insert(0, Frame(Kind.OTHER, writer.text("<think>")))
        frames.append(Frame(Kind.OTHER, writer.text("</think>\n\n")))
    offset = composition.call.prompt_tokens
    for number, token in enumerate(composition.answer.tokens, 1):
        frames.append(Frame(Kind.TOKEN, writer.text(token), next(times), 1))
        offset += len(token)
        if composition.profile.is_annotated and number % _ANNOTATED_EVERY == 0:
            frames.append(Frame(Kind.ANNOTATION, writer.annotation(offset, None, COMPLETION_SAFE)))
    for index, call in enumerate(composition.answer.calls):
        frames.append(Frame(Kind.OTHER, writer.call(index, call.id, call.name)))
        frames.extend(Frame(Kind.TOKEN, writer.arguments(index, part), next(times), 1) for part in call.fragments)
    return frames


def _use_tools(call: ChatCall, rng: random.Random) -> Answer | None:
    """Call what is asked for, or say what came of it; None when tools have nothing to do with it."""
    if call.results:
        return Answer(tokens=answer_results(call.results))
    asked = call.user_texts[-1] if call.user_texts else ""
    calls = choose_calls(call.toolbox, asked, rng)
    return Answer(tokens=(), calls=calls) if calls else None


def _reason(whole: Answer, answer: Answer) -> str:
    if answer != whole:
        return "length"
    return "tool_calls" if answer.calls else "stop"


def _usage(prompt: int, completion: int, reasoning: int) -> Json:
    return {
        "completion_tokens": completion,
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0,
            "audio_tokens": 0,
            "reasoning_tokens": reasoning,
            "rejected_prediction_tokens": 0,
        },
        "prompt_tokens": prompt,
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 0},
        "total_tokens": prompt + completion,
    }
