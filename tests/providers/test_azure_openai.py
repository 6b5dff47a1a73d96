"""Where Azure OpenAI is asked, and with which credentials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from penstock.core.messages import TextPart
from penstock.core.ports import Provider
from penstock.core.requests import InputMessage, ModelRequest
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings
from penstock.providers.openai_chat import OpenAIChat, OpenAIChatSettings
from penstock.providers.retry import Chance

Serve = Callable[..., Awaitable[Any]]
REQUEST = ModelRequest(model="my dep", messages=(InputMessage(role="user", parts=(TextPart(text="Hi"),)),))
ANSWER = b'data: {"id":"c","model":"gpt-x","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n'


async def answer(x: Any) -> None:
    await x.stream(ANSWER + b"data: [DONE]\n\n")


async def ask(provider: Provider) -> None:
    async for _ in provider.open(REQUEST):
        pass
    await provider.close()


class Tokens:
    """A token source that counts, as a real one that expires between attempts would."""

    def __init__(self) -> None:
        self.given = 0
        self.is_closed = False

    async def token(self) -> str:
        self.given += 1
        return f"token-{self.given}"

    async def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("suffix", "version", "path"),
    [
        ("", None, "/openai/v1/chat/completions"),
        ("/", None, "/openai/v1/chat/completions"),
        ("/openai/v1", None, "/openai/v1/chat/completions"),
        ("/openai/v1/", None, "/openai/v1/chat/completions"),
        ("/openai/v1/chat/completions", None, "/openai/v1/chat/completions"),
        ("/api/projects/P", None, "/api/projects/P/openai/v1/chat/completions"),
        ("/api/projects/P/openai/v1/", None, "/api/projects/P/openai/v1/chat/completions"),
        ("", "2024-10-21", "/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21"),
        ("/openai/", "2024-10-21", "/openai/deployments/my%20dep/chat/completions?api-version=2024-10-21"),
    ],
)
async def test_the_endpoint_may_be_given_as_the_portal_shows_it(
    serve: Serve, suffix: str, version: str | None, path: str
):
    service = await serve(answer)
    await ask(AzureOpenAI(AzureOpenAISettings(endpoint=service.url + suffix, api_key="k", api_version=version)))
    assert service.exchanges[0].request_line == f"POST {path} HTTP/1.1"


async def test_the_key_goes_as_api_key_or_as_bearer(serve: Serve):
    service = await serve(answer)
    await ask(AzureOpenAI(AzureOpenAISettings(endpoint=service.url, api_key="k")))
    await ask(AzureOpenAI(AzureOpenAISettings(endpoint=service.url, api_key="k", is_key_sent_as_bearer=True)))
    first, second = service.exchanges
    assert (first.headers.get("api-key"), first.headers.get("authorization")) == ("k", None)
    assert (second.headers.get("api-key"), second.headers.get("authorization")) == (None, "Bearer k")


async def test_a_token_is_asked_for_on_every_attempt(serve: Serve):
    async def busy(x: Any) -> None:
        await x.answer(503, {"error": {"message": "Busy."}}, retry_after="0")

    service = await serve(busy, answer)
    tokens = Tokens()
    settings = AzureOpenAISettings(endpoint=service.url, token_source=tokens, chance=Chance(random=lambda: 0.0))
    await ask(AzureOpenAI(settings))
    assert [x.headers["authorization"] for x in service.exchanges] == ["Bearer token-1", "Bearer token-2"]
    assert tokens.is_closed


def test_secrets_are_not_shown():
    settings = AzureOpenAISettings(endpoint="https://x", api_key="secret-key")
    chat = OpenAIChatSettings(api_key="secret-key", headers={"X-Key": "secret-key"})
    for shown in (settings, chat, AzureOpenAI(settings), OpenAIChat(chat), OpenAIChat(chat).open(REQUEST)):
        assert "secret-key" not in repr(shown)
