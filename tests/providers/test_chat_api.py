"""Chat completions ask and answer by the rules of their own files."""

from __future__ import annotations

from penstock.core import events as e
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.chat_api import ChatApi
from penstock.providers.chat_request import Quirks
from penstock.providers.error_shapes import Service

CHUNK = b'data: {"choices":[{"index":0,"delta":{"content":"<think>hm</think>ok"},"finish_reason":"stop"}]}\n\n'


def test_a_request_is_a_chat_completion():
    asked = ModelRequest(model="m", messages=(InputMessage(role="user", parts=(TextPart(text="Hi"),)),))
    body = ChatApi().make_body(asked, Quirks())
    assert body["messages"] == [{"role": "user", "content": "Hi"}]


def test_tags_are_thoughts_only_where_they_are_wanted():
    kinds = []
    for has_think_tags in (True, False):
        decoder = ChatApi(has_think_tags=has_think_tags).make_decoder(Service("x", "m", ()), step_index=0)
        kinds.append({type(event) for event in (*decoder.feed(CHUNK), *decoder.end())})
    assert e.ReasoningDelta in kinds[0]
    assert e.ReasoningDelta not in kinds[1]
