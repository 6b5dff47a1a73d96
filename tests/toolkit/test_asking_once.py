"""One answer without a client of one's own."""

from __future__ import annotations

import pytest

import penstock
from penstock.emulator.server import Emulator


@pytest.fixture
def _configured(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(emulator, monkeypatch)


@pytest.fixture
def _configured_far(distant_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(distant_emulator, monkeypatch)


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


@pytest.mark.usefixtures("_configured")
async def test_its_connections_are_closed_with_it(emulator: Emulator):
    async for event in penstock.stream("long 900 words"):
        if isinstance(event, penstock.events.TextDelta):
            break

    await emulator.tally.until(lambda: not emulator.tally.open)


@pytest.mark.usefixtures("_configured_far")
def test_without_an_event_loop_it_is_the_same():
    with penstock.stream_sync("count 5") as answer:
        text = "".join(answer.texts())

    assert text == penstock.collect_sync("count 5").text
    assert penstock.collect_sync(penstock.stream_sync("echo: hello")).text == "hello"
