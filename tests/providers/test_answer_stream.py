"""One answer over a real socket: cuts, timeouts, answers that are no stream, and what is learned from refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.providers.conftest import (
    KEY,
    REQUEST,
    ROLE,
    USAGE_REFUSED,
    Serve,
    answer,
    ask,
    chunk,
    collect,
    provider,
    refuse,
    stages,
    text_of,
)

from penstock.core import events as e
from penstock.core.errors import UpstreamEndedError
from penstock.core.requests import ModelRequest, Options
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings
from penstock.providers.http_client import Timeouts
from penstock.providers.retry import RetryPolicy


async def test_an_answer_comes_whole(serve: Serve):
    service = await serve(answer)
    events, error = await ask(provider(service))
    assert error is None
    assert text_of(events) == "Hello"
    assert isinstance(events[0], e.StepStarted)
    assert isinstance(events[-1], e.StepFinished)


async def test_answers_share_a_connection(serve: Serve):
    service = await serve(answer)
    azure = provider(service)
    for _ in range(3):
        await collect(azure.open(REQUEST))
    await azure.close()
    assert service.connections == 1
    assert len(service.exchanges) == 3


@pytest.mark.parametrize("is_reset", [False, True], ids=["FIN", "RST"])
async def test_a_cut_answer_keeps_its_text_and_is_not_tried_again(serve: Serve, is_reset: bool):
    async def cut(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hel"}))
        await seen.wait()
        x.reset() if is_reset else x.cut()

    seen = asyncio.Event()
    service = await serve(cut)
    azure = provider(service)
    events, error = await collect(azure.open(REQUEST), seen)
    await azure.close()
    assert isinstance(error, UpstreamEndedError)
    assert text_of(events) == "Hel"
    assert len(service.exchanges) == 1


async def test_bytes_that_arrive_together_with_the_cut_are_not_lost(serve: Serve):
    async def cut(x: Any) -> None:
        x.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        data = ROLE + chunk({"content": "Hel"})
        x.writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        x.cut()

    events, error = await ask(provider(await serve(cut)))
    assert isinstance(error, UpstreamEndedError)
    assert text_of(events) == "Hel"


async def test_a_finish_reason_is_enough_even_when_the_connection_is_cut_then(serve: Serve):
    async def cut(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hello"}) + chunk({}, "stop"))
        x.cut()

    events, error = await ask(provider(await serve(cut)))
    assert error is None
    assert isinstance(events[-1], e.StepFinished)


async def test_a_service_that_hangs_after_the_finish_reason_is_left(serve: Serve):
    async def hang(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hello"}) + chunk({}, "stop"))
        await x.client_is_gone()

    events, error = await ask(provider(await serve(hang), after_finish_s=0.05))
    assert error is None
    assert isinstance(events[-1], e.StepFinished)


async def test_a_service_that_talks_on_after_the_finish_reason_is_left(serve: Serve):
    async def talk(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hello"}) + chunk({}, "stop"))
        while True:
            await x.send(b": still here" + b" " * 50_000 + b"\n\n")

    events, error = await ask(provider(await serve(talk)))
    assert error is None
    assert isinstance(events[-1], e.StepFinished)


async def silent_before_headers(x: Any) -> None:
    await x.client_is_gone()


async def silent_before_tokens(x: Any) -> None:
    await x.start()
    await x.send(ROLE)
    await x.client_is_gone()


async def chatty_before_tokens(x: Any) -> None:
    await x.start()
    for _ in range(1000):
        await x.send(b": PROCESSING\n\n")
        await asyncio.sleep(0.005)


@pytest.mark.parametrize("silence", [silent_before_headers, silent_before_tokens, chatty_before_tokens])
async def test_no_first_token_is_a_timeout_and_never_a_second_bill(serve: Serve, silence: Any):
    service = await serve(silence)
    _, error = await ask(provider(service, first_token_s=0.1))
    assert error is not None
    assert error.code == "timeout"
    assert "first-token" in error.message
    assert len(service.exchanges) == 1


async def test_a_stall_between_tokens_is_a_timeout_that_keeps_the_text(serve: Serve):
    async def stall(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hel"}))
        gone.set_result(await x.client_is_gone())

    gone = asyncio.get_running_loop().create_future()
    events, error = await ask(provider(await serve(stall), between_tokens_s=0.1))
    assert error is not None
    assert (error.code, error.is_retryable) == ("timeout", True)
    assert "in the middle" in error.message
    assert text_of(events) == "Hel"
    assert await gone


async def test_a_connect_timeout_says_so():
    """192.0.2.0/24 is reserved for documentation: nobody answers there, or the network says so at once."""
    settings = AzureOpenAISettings(
        endpoint="http://192.0.2.1:9",
        api_key=KEY,
        timeouts=Timeouts(connect_s=0.1),
        retry=RetryPolicy(max_attempts=1),
    )
    _, error = await ask(AzureOpenAI(settings))
    assert error is not None
    assert error.code in {"timeout", "connection"}


async def test_json_instead_of_a_stream_is_named(serve: Serve):
    _, error = await ask(provider(await serve(refuse(200, {"choices": []}))))
    assert error is not None
    assert error.code == "bad_response"
    assert "application/json instead of a stream" in error.message


async def test_an_error_with_status_200_is_that_error(serve: Serve):
    body = {"error": {"code": "DeploymentNotFound", "message": "No such deployment."}}
    _, error = await ask(provider(await serve(refuse(200, body))))
    assert error is not None
    assert error.code == "deployment_not_found"


async def test_html_is_named(serve: Serve):
    _, error = await ask(provider(await serve(refuse(200, b"<html>Sign in</html>"))))
    assert error is not None
    assert "text/html instead of a stream" in error.message


async def test_a_redirect_is_not_followed(serve: Serve):
    other = await serve(answer)
    service = await serve(refuse(307, location=other.url))
    _, error = await ask(provider(service))
    assert error is not None
    assert "redirects" in error.message
    assert other.connections == 0


async def test_a_proxy_of_the_environment_is_not_used(serve: Serve, monkeypatch: pytest.MonkeyPatch):
    proxy = await serve(refuse(502))
    service = await serve(answer)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    _, error = await ask(provider(service))
    assert error is None
    assert proxy.connections == 0


async def test_a_refused_usage_option_is_left_out_and_remembered(serve: Serve):
    service = await serve(refuse(400, USAGE_REFUSED), answer)
    azure = provider(service)
    events, error = await collect(azure.open(REQUEST))
    await collect(azure.open(REQUEST))
    await azure.close()
    assert error is None
    assert stages(events) == []
    assert ["stream_options" in exchange.body for exchange in service.exchanges] == [True, False, False]


async def test_refused_parameters_are_learned_one_by_one(serve: Serve):
    tokens = {"error": {"message": "Unsupported parameter.", "param": "max_completion_tokens", "code": "x"}}
    heat = {
        "error": {
            "message": "'temperature' does not support 0 with this model.",
            "param": "temperature",
            "code": "unsupported_value",
        }
    }
    service = await serve(refuse(400, tokens), refuse(400, heat), answer)
    options = Options(temperature=0.0, top_p=0.5, max_output_tokens=9)
    request = ModelRequest(model="dep", messages=REQUEST.messages, options=options)
    _, error = await ask(provider(service), request)
    assert error is None
    last = service.exchanges[-1].body
    assert last["max_tokens"] == 9
    assert "max_completion_tokens" not in last
    assert "temperature" not in last
    assert last["top_p"] == 0.5


async def test_a_refusal_that_teaches_nothing_is_final(serve: Serve):
    service = await serve(refuse(400, USAGE_REFUSED))
    _, error = await ask(provider(service))
    assert error is not None
    assert len(service.exchanges) == 2
