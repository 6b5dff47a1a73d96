"""One answer without a client of one's own."""

from __future__ import annotations

import asyncio

import pytest

import penstock
from penstock.emulator.server import Emulator
from support.running import until


@pytest.fixture
def _configured(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(emulator, monkeypatch)


@pytest.fixture
def _configured_far(distant_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(distant_emulator, monkeypatch)


@pytest.fixture
def _slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is still made when its first word is read."""
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "profile-async-filter")


def configure(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", emulator.url)
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "gpt-5.4-mini")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "test")


@pytest.mark.usefixtures("_configured")
async def test_the_text_comes_piece_by_piece():
    pieces = [text async for text in penstock.text_stream("count 5")]

    assert len(pieces) > 1
    assert "".join(pieces) == (await penstock.collect("count 5")).text


@pytest.mark.usefixtures("_configured")
async def test_collecting_calls_back():
    tokens: list[str] = []
    complete: list[penstock.Answer] = []

    answer = await penstock.collect("count 5", on_token=tokens.append, on_complete=complete.append)

    assert "".join(tokens) == answer.text
    assert complete == [answer]


@pytest.mark.usefixtures("_configured")
async def test_an_answer_that_was_asked_for_can_be_collected():
    assert (await penstock.collect(penstock.stream("echo: hello"))).text == "hello"


@pytest.mark.usefixtures("_configured", "_slow")
async def test_its_connections_are_closed_with_it(emulator: Emulator):
    """A client would keep them for its next answer: here nobody is left to close them."""
    async with penstock.stream("count 30") as answer:
        texts = answer.texts()
        first = await anext(texts)
        # Now, for at the end it is only kept when its last byte came with the answer's.
        assert len(connections_to(emulator)) == 1
        assert first + "".join([text async for text in texts]) == answer.answer.text

    await until(lambda: not connections_to(emulator))


@pytest.mark.usefixtures("_configured")
async def test_a_loop_that_is_left_closes_them_too(emulator: Emulator):
    async for event in penstock.stream("long 900 words"):
        if isinstance(event, penstock.events.TextDelta):
            break

    await until(lambda: not connections_to(emulator))


@pytest.mark.usefixtures("_configured_far")
def test_without_an_event_loop_it_is_the_same():
    with penstock.stream_sync("count 5") as answer:
        text = "".join(answer.texts())

    assert text == penstock.collect_sync("count 5").text
    assert penstock.collect_sync(penstock.stream_sync("echo: hello")).text == "hello"


@pytest.mark.usefixtures("_configured_far", "_slow")
def test_without_an_event_loop_the_connections_are_closed_too(distant_emulator: Emulator):
    with penstock.stream_sync("count 30") as answer:
        texts = iter(answer.texts())
        first = next(texts)
        assert len(connections_to(distant_emulator)) == 1
        assert first + "".join(texts) == answer.answer.text

    asyncio.run(until(lambda: not connections_to(distant_emulator)))


def connections_to(emulator: Emulator) -> list[object]:
    """Give what is connected now, idle connections too, which no request tells of."""
    server = emulator._runner.server
    assert server is not None
    return list(server.connections)
