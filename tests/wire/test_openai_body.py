"""Requests of OpenAI's clients: interpreted, passed through or refused, each field by name."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.errors import CallerError
from penstock.core.messages import TextPart
from penstock.wire.openai_body import decode_chat, decode_text

ASKED = [{"role": "user", "content": "Hi"}]


def test_what_is_not_interpreted_passes_through_untouched():
    extra = {"seed": 7, "response_format": {"type": "json_object"}, "logit_bias": {"1": -100}, "metadata": None}
    read = decode_chat({"messages": ASKED, "model": "m", "temperature": 0.5, "n": 1, "stream": True, **extra})
    assert read.options.extra == extra
    assert (read.model, read.options.temperature, read.is_streaming) == ("m", 0.5, True)


def test_without_other_fields_there_is_nothing_to_pass_through():
    assert decode_chat({"messages": ASKED}).options.extra is None


def test_the_default_is_one_document():
    assert not decode_chat({"messages": ASKED}).is_streaming
    assert not decode_text({"prompt": "Hi"}).is_streaming


def test_a_system_message_alone_is_a_prompt():
    read = decode_chat({"messages": [{"role": "system", "content": "Name a colour."}]})
    assert (read.system_prompt, read.messages) == ("Name a colour.", ())


@pytest.mark.parametrize("prompt", ["Once upon", ["Once upon"]])
def test_a_legacy_prompt_is_what_the_user_says(prompt: Any):
    read = decode_text({"prompt": prompt, "model": "m", "max_tokens": 5, "best_of": 1, "echo": False, "seed": 1})
    assert [(message.role, message.parts) for message in read.messages] == [("user", (TextPart(text="Once upon"),))]
    assert (read.options.max_output_tokens, read.options.extra) == (5, {"seed": 1})


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"n": 2}, "n"),
        ({"n": 0}, "n"),
        ({"n": "1"}, "n"),
        ({"functions": []}, "functions"),
        ({"function_call": "auto"}, "function_call"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {}}, "audio"),
        ({"conversation_id": "c"}, "conversation_id"),
        ({"client_message_id": "c"}, "client_message_id"),
        ({"stream": "yes"}, "stream"),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "messages[0].content[0].type"),
    ],
)
def test_what_would_break_the_log_is_refused_by_name(fields: dict[str, Any], at_fault: str):
    with pytest.raises(CallerError) as caught:
        decode_chat({"messages": ASKED, **fields})
    assert caught.value.field == at_fault
    assert f"`{at_fault}`" in caught.value.message


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"best_of": 3}, "best_of"),
        ({"echo": True}, "echo"),
        ({"suffix": "end"}, "suffix"),
        ({"logprobs": 2}, "logprobs"),
    ],
)
def test_what_no_chat_model_does_is_refused_by_name(fields: dict[str, Any], at_fault: str):
    with pytest.raises(CallerError) as caught:
        decode_text({"prompt": "Hi", **fields})
    assert caught.value.field == at_fault
