"""What each wire carries, and what that is in the log: the reference's table says the same in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.core.messages import DataPart, ReasoningPart, RefusalPart, SourcePart, ToolPart
from penstock.wire.openai_words import FINISH_WORDS
from penstock.wire.outcome import FINISH_REASONS, is_notable
from support.wire_logs import last_usage, words_of

Meaning = Callable[[list[e.Event]], Any]


def as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def text(log: list[e.Event]) -> str:
    return words_of(log, e.TextDelta)


def text_and_refusal(log: list[e.Event]) -> str:
    """What wires say that have one channel for the answer's words."""
    return words_of(log, (e.TextDelta, e.RefusalDelta))


def folded_text(log: list[e.Event]) -> str:
    return fold(log).text


def folded_text_or_refusal(log: list[e.Event]) -> str:
    return folded_text(log) or folded_refusal(log)


def folded_reasoning(log: list[e.Event]) -> str:
    return "".join(part.text for part in fold(log).parts if isinstance(part, ReasoningPart))


def folded_refusal(log: list[e.Event]) -> str:
    return "".join(part.text for part in fold(log).parts if isinstance(part, RefusalPart))


def reasoning(log: list[e.Event]) -> str:
    return words_of(log, e.ReasoningDelta)


def refusal(log: list[e.Event]) -> str:
    return words_of(log, e.RefusalDelta)


def closed_refusals(log: list[e.Event]) -> str:
    """The refusals in the order of their ends, where a wire repeats them then."""
    ids = [event.part_id for event in log if isinstance(event, e.RefusalEnded)]
    return "".join(
        event.text for part_id in ids for event in log if isinstance(event, e.RefusalDelta) and event.part_id == part_id
    )


def signatures(log: list[e.Event]) -> list[str]:
    ended = [event.signature for event in log if isinstance(event, e.ReasoningEnded)]
    return [signature for signature in ended if signature is not None]


def inputs(log: list[e.Event]) -> dict[str, list[Any]]:
    """Calls as they are known once they are whole."""
    calls: dict[str, list[Any]] = {}
    for event in log:
        match event:
            case e.ToolCallReady():
                calls[event.tool_call_id] = [event.name, event.input]
            case e.ToolCallInvalid():
                calls[event.tool_call_id] = [event.name, event.arguments]
            case _:
                pass
    return calls


def page_inputs(log: list[e.Event]) -> dict[str, list[Any]]:
    """Calls as a page has them: also half made ones, and arguments that are always an object."""
    calls: dict[str, list[Any]] = {}
    for event in log:
        match event:
            case e.ToolCallStarted():
                calls[event.tool_call_id] = [event.name, None]
            case e.ToolCallReady():
                value = event.input if isinstance(event.input, (dict, list)) else {"input": event.input}
                calls[event.tool_call_id] = [event.name, value]
            case _:
                pass
    return calls


def arguments(log: list[e.Event]) -> dict[str, list[Any]]:
    """Calls as their arguments streamed; those of a call that came whole are written out."""
    calls: dict[str, list[Any]] = {}
    streamed: set[str] = set()
    for event in log:
        match event:
            case e.ToolCallStarted():
                calls[event.tool_call_id] = [event.name, ""]
            case e.ToolCallDelta():
                streamed.add(event.tool_call_id)
                calls[event.tool_call_id][1] += event.arguments
            case e.ToolCallReady() if event.tool_call_id not in streamed:
                calls[event.tool_call_id][1] = as_json(event.input)
            case e.ToolCallInvalid() if event.tool_call_id not in streamed:
                calls[event.tool_call_id][1] = event.arguments
            case _:
                pass
    return calls


def folded_calls(log: list[e.Event]) -> dict[str, list[Any]]:
    parts = [part for part in fold(log).parts if isinstance(part, ToolPart)]
    return {part.tool_call_id: [part.name, part.arguments or as_json(part.input)] for part in parts}


def results(log: list[e.Event]) -> list[tuple[str, Any]]:
    return [
        (event.tool_call_id, event.output if event.error_text is None else event.error_text)
        for event in log
        if isinstance(event, e.ToolResult)
    ]


def plain_inputs(log: list[e.Event]) -> dict[str, list[Any]]:
    """Calls as a page has them that takes any input; broken ones stay half made."""
    calls = {event.tool_call_id: [event.name, None] for event in log if isinstance(event, e.ToolCallStarted)}
    whole = {event.tool_call_id: [event.name, event.input] for event in log if isinstance(event, e.ToolCallReady)}
    return calls | whole


def by_start(delta: tuple[type[Any], ...]) -> Meaning:
    """The words of some kinds, by the order in which their parts began."""
    kinds = tuple({e.TextDelta: e.TextStarted, e.RefusalDelta: e.RefusalStarted}.get(kind, kind) for kind in delta)

    def meaning(log: list[e.Event]) -> str:
        parts = {event.part_id: "" for event in log if isinstance(event, kinds)}
        for event in log:
            if isinstance(event, delta):
                parts[event.part_id] += event.text
        return "".join(parts.values())

    return meaning


def page_results(log: list[e.Event]) -> list[tuple[str, Any]]:
    """Results of calls that the page has seen; that a tool failed is said in the result."""
    known: set[str] = set()
    said: list[tuple[str, Any]] = []
    for event in log:
        if isinstance(event, e.ToolCallStarted):
            known.add(event.tool_call_id)
        elif isinstance(event, e.ToolResult) and event.tool_call_id in known:
            result = event.output if event.error_text is None else {"error": event.error_text}
            said.append((event.tool_call_id, result))
    return said


def folded_results(log: list[e.Event]) -> list[tuple[str, Any]]:
    parts = [part for part in fold(log).parts if isinstance(part, ToolPart) and part.state in {"done", "failed"}]
    return [(part.tool_call_id, part.output if part.error_text is None else part.error_text) for part in parts]


def sources(log: list[e.Event]) -> list[str]:
    return [event.source_id for event in log if isinstance(event, e.Source)]


def folded_sources(log: list[e.Event]) -> list[str]:
    return [part.source_id for part in fold(log).parts if isinstance(part, SourcePart)]


def data(log: list[e.Event]) -> list[tuple[str, Any]]:
    return [(event.name, event.value) for event in log if isinstance(event, e.Data)]


def folded_data(log: list[e.Event]) -> list[tuple[str, Any]]:
    return [(part.name, part.value) for part in fold(log).parts if isinstance(part, DataPart)]


def progress(log: list[e.Event]) -> list[tuple[str, str]]:
    return [(event.stage, event.state) for event in log if isinstance(event, e.Progress)]


def filters(log: list[e.Event]) -> int:
    return sum(isinstance(event, e.ContentFilter) and is_notable(event) for event in log)


def completion_filters(log: list[e.Event]) -> int:
    return sum(
        isinstance(event, e.ContentFilter) and is_notable(event) and event.stage == "completion" for event in log
    )


def folded_filters(log: list[e.Event]) -> int:
    return sum(is_notable(event) for event in fold(log).filters)


def tokens(log: list[e.Event]) -> tuple[int | None, int | None] | None:
    usage = last_usage(log)
    return None if usage is None else (usage.input, usage.output)


def ending(log: list[e.Event]) -> list[str]:
    folded = fold(log)
    reason = folded.finish_reason
    return [f"finished: {FINISH_REASONS[reason]}" if folded.status == "finished" and reason else folded.status]


def page_ending(log: list[e.Event]) -> list[str]:
    """The same, in the canonical spelling, which the AI SDK's wires have in their metadata."""
    folded = fold(log)
    return [f"finished: {folded.finish_reason}" if folded.status == "finished" else folded.status]


def openai_ending(log: list[e.Event]) -> list[str]:
    terminal = log[-1]
    return [f"finished: {FINISH_WORDS[terminal.finish_reason]}" if isinstance(terminal, e.RunFinished) else "broken"]


def openai_tokens(log: list[e.Event]) -> tuple[int | None, int | None] | None:
    return tokens(log) if isinstance(log[-1], e.RunFinished) else None


def responses_ending(log: list[e.Event]) -> list[str]:
    match log[-1]:
        case e.RunFinished(finish_reason=reason):
            return ["incomplete" if reason in {"length", "content-filter"} else "completed"]
        case e.RunStopped(by="user"):
            return ["cancelled"]
        case _:
            return ["failed"]


def sorted_signatures(log: list[e.Event]) -> list[str]:
    return sorted(signatures(log))


def by_first_word(delta: type[Any]) -> Meaning:
    """The words of a kind, by the order in which their parts got a first word."""

    def meaning(log: list[e.Event]) -> str:
        parts: dict[str, str] = {}
        for event in log:
            if isinstance(event, delta) and event.text:
                parts[event.part_id] = parts.get(event.part_id, "") + event.text
        return "".join(parts.values())

    return meaning


def last_stages(log: list[e.Event]) -> list[tuple[str, str]]:
    return [(stage.stage, stage.state) for stage in fold(log).progress]


def pages(log: list[e.Event]) -> list[str]:
    return [event.url for event in log if isinstance(event, e.Source) and event.url is not None]


def sent_arguments(log: list[e.Event]) -> dict[str, list[Any]]:
    """Calls as their arguments streamed, where an empty piece says nothing."""
    return arguments([event for event in log if not isinstance(event, e.ToolCallDelta) or event.arguments])


def folded_pages(log: list[e.Event]) -> list[str]:
    return [part.url for part in fold(log).parts if isinstance(part, SourcePart) and part.url is not None]


def if_finished(meaning: Meaning, otherwise: Any) -> Meaning:
    """For documents that say nothing but the error when there is one."""
    return lambda log: meaning(log) if isinstance(log[-1], e.RunFinished) else otherwise


def final_arguments(log: list[e.Event]) -> dict[str, list[Any]]:
    """The same, but for the name, and for the arguments of a broken call, which are said again as a whole."""
    calls = sent_arguments(log)
    for event in log:
        if isinstance(event, (e.ToolCallReady, e.ToolCallInvalid)):
            calls[event.tool_call_id][0] = event.name
        if isinstance(event, e.ToolCallInvalid):
            calls[event.tool_call_id][1] = event.arguments
    return calls


EVERYTHING_SAID: dict[str, Meaning] = {
    "results": results,
    "sources": sources,
    "data": data,
    "progress": progress,
    "filters": filters,
    "tokens": tokens,
}
WHOLE: dict[str, Meaning] = {
    "text": folded_text,
    "reasoning": folded_reasoning,
    "refusal": folded_refusal,
    "calls": folded_calls,
    "results": folded_results,
    "data": folded_data,
    "sources": folded_sources,
    "filters": folded_filters,
    "tokens": tokens,
    "endings": ending,
}
RESPONSES: dict[str, Meaning] = {
    "text": text,
    "reasoning": reasoning,
    "refusal": refusal,
    "signatures": sorted_signatures,
    "calls": final_arguments,
    "filters": filters,
    "tokens": tokens,
    "endings": responses_ending,
}
CARRIED: dict[str, dict[str, Meaning]] = {
    "sse": EVERYTHING_SAID
    | {"text": text, "reasoning": reasoning, "refusal": refusal, "calls": inputs, "endings": ending},
    "text": {"text": text_and_refusal},
    "json": WHOLE,
    "ndjson-whole": WHOLE | {"text": folded_text_or_refusal},
    "data-stream": EVERYTHING_SAID
    | {
        "text": text_and_refusal,
        "reasoning": reasoning,
        "refusal": closed_refusals,
        "signatures": signatures,
        "calls": page_inputs,
        "results": page_results,
        "endings": page_ending,
    },
    "ui-message-stream": {
        "text": by_start((e.TextDelta, e.RefusalDelta)),
        "reasoning": folded_reasoning,
        "refusal": closed_refusals,
        "signatures": signatures,
        "calls": plain_inputs,
        "results": page_results,
        "sources": sources,
        "progress": progress,
        "filters": filters,
        "tokens": tokens,
        "endings": page_ending,
    },
    "ndjson": EVERYTHING_SAID
    | {"text": text_and_refusal, "reasoning": reasoning, "refusal": refusal, "calls": inputs, "endings": ending},
    "choices": {
        "text": text,
        "reasoning": reasoning,
        "refusal": refusal,
        "calls": arguments,
        "filters": completion_filters,
        "tokens": tokens,
        "endings": ending,
    },
    "responses": RESPONSES | {"progress": last_stages},
    "responses-sse": RESPONSES | {"progress": last_stages},
    "responses-whole": RESPONSES
    | {
        "text": by_first_word(e.TextDelta),
        "reasoning": by_first_word(e.ReasoningDelta),
        "refusal": by_first_word(e.RefusalDelta),
    },
    "openai": {
        "text": text,
        "reasoning": reasoning,
        "refusal": refusal,
        "calls": sent_arguments,
        "sources": pages,
        "tokens": openai_tokens,
        "endings": openai_ending,
    },
    "openai-whole": {
        "text": if_finished(folded_text, ""),
        "reasoning": if_finished(folded_reasoning, ""),
        "refusal": if_finished(folded_refusal, ""),
        "calls": if_finished(folded_calls, {}),
        "sources": if_finished(folded_pages, []),
        "tokens": openai_tokens,
        "endings": openai_ending,
    },
    "openai-text-whole": {
        "text": if_finished(text_and_refusal, ""),
        "tokens": openai_tokens,
        "endings": openai_ending,
    },
    "openai-text": {"text": text_and_refusal, "tokens": openai_tokens, "endings": openai_ending},
}
"""By wire and by what a `Said` holds."""
