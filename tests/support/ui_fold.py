"""What a page of the AI SDK 5 and newer makes of its chunks, however their bytes were cut."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from support.wire_folds import Said, cut_objects
from support.wire_readers import UiReader


def read_ui(pieces: Iterable[bytes]) -> Said:
    """Read the ``ui-message-stream`` wire."""
    reader, said = UiReader(), Said()
    for chunk in cut_objects(pieces):
        reader.feed(chunk)
        (_note_call if chunk["type"].startswith("tool-") else _note_rest)(said, chunk)
    said.text, said.reasoning = reader.text_of("text"), reader.text_of("reasoning")
    said.refusal = "".join(reader.refusals)
    about = reader.metadata
    usage = about.get("usage")
    said.tokens = None if usage is None else (usage.get("inputTokens"), usage.get("outputTokens"))
    (ending,) = reader.endings
    assert (ending["type"] == "finish") == (about["status"] == "finished")
    said.endings = [f"finished: {about['finishReason']}" if about["status"] == "finished" else about["status"]]
    return said


def _note_call(said: Said, chunk: dict[str, Any]) -> None:
    match chunk:
        case {"type": "tool-input-start"}:
            said.calls[chunk["toolCallId"]] = [chunk["toolName"], None]
        case {"type": "tool-input-available"} if "providerExecuted" not in chunk:
            said.calls[chunk["toolCallId"]] = [chunk["toolName"], chunk["input"]]
        case {"type": "tool-output-available"}:
            said.results.append((chunk["toolCallId"], chunk["output"]))
        case {"type": "tool-output-error"} if "providerExecuted" not in chunk:
            said.results.append((chunk["toolCallId"], {"error": chunk["errorText"]}))
        case _:
            pass


def _note_rest(said: Said, chunk: dict[str, Any]) -> None:
    match chunk:
        case {"type": "source-url" | "source-document"}:
            said.sources.append(chunk["sourceId"])
        case {"type": "data-progress", "data": progress, "transient": True} if "stage" in progress:
            said.progress.append((progress["stage"], progress["state"]))
        case {"type": "data-content-filter", "data": {"stage": _}}:
            said.filters += 1
        case {"type": "reasoning-end", "providerMetadata": metadata}:
            said.signatures.append(metadata["penstock"]["signature"])
        case _:
            pass
