"""Where a service that speaks chat completions is asked."""

from __future__ import annotations

from tests.providers.conftest import REQUEST, Serve, answer, collect

from penstock.providers.openai_chat import OpenAIChat, OpenAIChatSettings


async def test_openai_chat_asks_below_its_base_url(serve: Serve):
    service = await serve(answer)
    settings = OpenAIChatSettings(base_url=f"{service.url}/v1/", api_key="k", headers={"X-Title": "t"})
    provider = OpenAIChat(settings)
    assert provider.name == "openai"
    await collect(provider.open(REQUEST))
    await provider.close()
    exchange = service.exchanges[0]
    assert exchange.request_line == "POST /v1/chat/completions HTTP/1.1"
    assert exchange.headers["authorization"] == "Bearer k"
    assert exchange.headers["x-title"] == "t"
    assert exchange.body["stream"] is True
    assert exchange.body["stream_options"] == {"include_usage": True}
