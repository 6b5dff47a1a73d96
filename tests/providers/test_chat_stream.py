"""One answer over a real socket: retries, timeouts, cuts and stops."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError, UpstreamEndedError
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings
from penstock.providers.chat_stream import ChatStream
from penstock.providers.http_client import Timeouts
from penstock.providers.retry import Chance, RetryPolicy

KEY = "key-0123456789abcdef"
NOW = 1_790_000_000.0
REQUEST = ModelRequest(model="dep", messages=(InputMessage(role="user", parts=(TextPart(text="Hi"),)),))
Serve = Callable[..., Awaitable[Any]]


def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "c", "model": "m", "choices": [choice]}).encode() + b"\n\n"


ROLE = chunk({"role": "assistant", "content": ""})
ANSWER = ROLE + chunk({"content": "Hello"}) + chunk({}, "stop") + b"data: [DONE]\n\n"
USAGE_REFUSED = {"error": {"message": "Unrecognized request argument supplied: stream_options", "code": None}}


async def answer(x: Any) -> None:
    await x.stream(ANSWER)


def refuse(status: int, body: Any = None, **headers: str) -> Callable[[Any], Awaitable[None]]:
    async def script(x: Any) -> None:
        await x.answer(status, {"error": {"message": "No."}} if body is None else body, **headers)

    return script


@dataclass
class World:
    """Time that passes only by sleeping."""

    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def chance(self) -> Chance:
        return Chance(monotonic=lambda: sum(self.slept), now=lambda: NOW, sleep=self.sleep, random=lambda: 0.0)


def provider(service: Any, world: World | None = None, **limits: float) -> AzureOpenAI:
    settings = AzureOpenAISettings(
        endpoint=service.url,
        api_key=KEY,
        timeouts=Timeouts(**limits),
        chance=(world or World()).chance(),
    )
    return AzureOpenAI(settings)


async def collect(stream: ChatStream, seen: asyncio.Event | None = None) -> tuple[list[e.Event], ProviderError | None]:
    events: list[e.Event] = []
    try:
        async for batch in stream:
            assert batch
            events.extend(batch)
            if seen is not None:
                seen.set()
    except ProviderError as error:
        return events, error
    return events, None


async def ask(azure: AzureOpenAI, request: ModelRequest = REQUEST) -> tuple[list[e.Event], ProviderError | None]:
    try:
        return await collect(azure.open(request))
    finally:
        await azure.close()


def text_of(events: list[e.Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, e.TextDelta))


def stages(events: list[e.Event]) -> list[str]:
    return [event.state for event in events if isinstance(event, e.Progress)]


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


# --- stop -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("silence", [silent_before_headers, silent_before_tokens])
async def test_close_cuts_a_silent_service_at_once(serve: Serve, silence: Any):
    reached = asyncio.Event()
    gone = asyncio.get_running_loop().create_future()

    async def script(x: Any) -> None:
        reached.set()
        await silence(x)
        gone.set_result(True)

    azure = provider(await serve(script))
    stream = azure.open(REQUEST)
    reading = asyncio.create_task(collect(stream))
    await reached.wait()
    await asyncio.sleep(0.02)
    assert await stream.close() is True
    assert await gone
    _, error = await reading
    assert isinstance(error, UpstreamEndedError)
    assert await stream.close() is True
    await azure.close()


async def test_close_between_tokens_cuts_the_socket(serve: Serve):
    gone = asyncio.get_running_loop().create_future()

    async def script(x: Any) -> None:
        await x.start()
        await x.send(ROLE + chunk({"content": "Hel"}))
        gone.set_result(await x.client_is_gone())

    azure = provider(await serve(script))
    stream = azure.open(REQUEST)
    async for _ in stream:
        assert await stream.close() is True
        break
    assert await gone
    await azure.close()


async def test_close_while_a_large_request_is_still_being_sent_cuts_the_socket():
    """A service that does not read must not keep the socket open."""
    connected = asyncio.Event()
    gone = asyncio.get_running_loop().create_future()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()
        connected.set()
        await closing.wait()
        writer.transport.resume_reading()
        try:
            while await reader.read(65536):
                pass
        except ConnectionError:
            pass
        gone.set_result(True)
        writer.close()

    closing = asyncio.Event()
    server = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    azure = AzureOpenAI(AzureOpenAISettings(endpoint=f"http://127.0.0.1:{port}", api_key=KEY))
    big = InputMessage(role="user", parts=(TextPart(text="x" * 30_000_000),))
    stream = azure.open(ModelRequest(model="dep", messages=(big,)))
    reading = asyncio.create_task(collect(stream))
    await connected.wait()
    await asyncio.sleep(0.05)
    assert await stream.close() is True
    closing.set()
    assert await gone
    await reading
    await azure.close()
    server.close()


async def test_close_before_the_first_read_sends_nothing(serve: Serve):
    service = await serve(answer)
    azure = provider(service)
    stream = azure.open(REQUEST)
    assert await stream.close() is True
    _, error = await collect(stream)
    assert isinstance(error, UpstreamEndedError)
    assert service.connections == 0
    await azure.close()


async def test_close_during_the_wait_for_a_retry_ends_it(serve: Serve):
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waiting.set()
        await asyncio.sleep(seconds)

    service = await serve(refuse(503, retry_after="30"))
    settings = AzureOpenAISettings(endpoint=service.url, api_key=KEY, chance=Chance(sleep=sleep))
    azure = AzureOpenAI(settings)
    stream = azure.open(REQUEST)
    reading = asyncio.create_task(collect(stream))
    await waiting.wait()
    assert await stream.close() is True
    _, error = await reading
    assert isinstance(error, UpstreamEndedError)
    assert len(service.exchanges) == 1
    await azure.close()


async def test_cancelling_the_reader_cuts_the_socket(serve: Serve):
    gone = asyncio.get_running_loop().create_future()
    reached = asyncio.Event()

    async def script(x: Any) -> None:
        reached.set()
        gone.set_result(await x.client_is_gone())

    azure = provider(await serve(script))
    reading = asyncio.create_task(collect(azure.open(REQUEST)))
    await reached.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await gone
    await azure.close()


# --- retries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504])
async def test_a_passing_fault_is_tried_again_and_told(serve: Serve, status: int):
    world = World()
    service = await serve(refuse(status), answer)
    events, error = await ask(provider(service, world))
    assert error is None
    assert text_of(events) == "Hello"
    assert stages(events) == ["started", "finished"]
    assert world.slept == [0.5]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "300", "retry_after": "5"}, 0.3),
        ({"retry_after": formatdate(NOW + 12, usegmt=True)}, 12.0),
        ({"retry_after": formatdate(NOW - 12, usegmt=True)}, 0.0),
        ({"retry_after": "soon"}, 0.5),
        ({"retry_after": "-1"}, 0.5),
        ({}, 0.5),
    ],
)
async def test_the_wait_that_the_service_asks_for_is_obeyed(serve: Serve, headers: dict[str, str], expected: float):
    world = World()
    await ask(provider(await serve(refuse(429, **headers), answer), world))
    assert world.slept == pytest.approx([expected])


async def test_a_wait_in_the_text_is_obeyed(serve: Serve):
    world = World()
    body = {"error": {"code": "429", "message": "Rate limit reached. Please retry after 20 seconds."}}
    await ask(provider(await serve(refuse(429, body), answer), world))
    assert world.slept == [20.0]


async def test_an_absurd_wait_is_the_persons_decision(serve: Serve):
    world = World()
    service = await serve(refuse(429, retry_after="86400"))
    _, error = await ask(provider(service, world))
    assert error is not None
    assert (error.code, error.retry_after_s, error.is_retryable) == ("rate_limited", 86400.0, True)
    assert world.slept == []


async def test_retries_end(serve: Serve):
    world = World()
    service = await serve(refuse(500))
    events, error = await ask(provider(service, world))
    assert error is not None
    assert error.code == "server_error"
    assert world.slept == [0.5, 1.0, 2.0]
    assert stages(events) == ["started", "started", "started", "failed"]


async def test_retries_end_with_the_time(serve: Serve):
    world = World()
    _, error = await ask(provider(await serve(refuse(429, retry_after="25")), world))
    assert error is not None
    assert world.slept == [25.0, 25.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_lasting_fault_is_not_tried_again(serve: Serve, status: int):
    service = await serve(refuse(status))
    _, error = await ask(provider(service))
    assert error is not None
    assert not error.is_retryable
    assert len(service.exchanges) == 1


async def test_an_error_frame_before_any_content_is_tried_again_and_the_step_reset(serve: Serve):
    async def fail(x: Any) -> None:
        await x.stream(ROLE + b'data: {"error":{"message":"Busy.","code":"503"}}\n\n')

    events, error = await ask(provider(await serve(fail, answer)))
    assert error is None
    kinds = [type(event).__name__ for event in events]
    assert kinds[:5] == ["StepStarted", "StepReset", "Progress", "Progress", "StepStarted"]
    assert text_of(events) == "Hello"


async def test_an_error_frame_after_content_is_final(serve: Serve):
    async def fail(x: Any) -> None:
        await x.stream(ROLE + chunk({"content": "Hel"}) + b'data: {"error":{"message":"Busy.","code":"503"}}\n\n')

    service = await serve(fail)
    events, error = await ask(provider(service))
    assert error is not None
    assert error.code == "overloaded"
    assert text_of(events) == "Hel"
    assert len(service.exchanges) == 1


async def test_a_refused_connection_is_tried_again_and_then_named(serve: Serve):
    service = await serve(answer)
    url = service.url
    await service.close()
    world = World()
    azure = AzureOpenAI(AzureOpenAISettings(endpoint=url, api_key=KEY, chance=world.chance()))
    _, error = await ask(azure)
    assert error is not None
    assert error.code == "connection"
    assert url.removeprefix("http://") in error.message
    assert len(world.slept) == 3


async def test_a_kept_connection_that_died_costs_nothing_visible(serve: Serve):
    async def answer_and_die_on_the_next(x: Any) -> None:
        await answer(x)
        await x.reader.readuntil(b"\r\n\r\n")
        x.reset()

    world = World()
    service = await serve(answer_and_die_on_the_next, answer)
    azure = provider(service, world)
    await collect(azure.open(REQUEST))
    events, error = await collect(azure.open(REQUEST))
    await azure.close()
    assert error is None
    assert text_of(events) == "Hello"
    assert stages(events) == []
    assert world.slept == []
    assert service.connections == 2


# --- what is no stream ------------------------------------------------------------------------------------------------


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


# --- learning ---------------------------------------------------------------------------------------------------------


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
