"""The toolkit without an event loop."""

from __future__ import annotations

import threading

import pytest

from penstock.core import events as e
from penstock.core.errors import CallerError
from penstock.emulator.server import Emulator
from penstock.toolkit.answer import AnswerError
from penstock.toolkit.sync_client import SyncClient


def wait_for_closing(emulator: Emulator) -> None:
    """Wait in this thread for what the emulator's own sees."""
    seen = threading.Event()
    while not emulator.tally.closed_early:
        assert not seen.wait(0.01)


def test_it_gives_every_event_from_the_start_to_the_terminal(sync_client: SyncClient):
    with sync_client.stream("count 5") as answer:
        events = list(answer)

    assert isinstance(events[0], e.RunStarted)
    assert events[0].run_id == answer.run.id
    assert isinstance(events[-1], e.RunFinished)
    assert answer.answer.status == "finished"


def test_leaving_in_the_middle_closes_the_call_at_once(sync_client: SyncClient, distant_emulator: Emulator):
    with sync_client.stream("long 500 words", model="slow") as answer:
        for event in answer:
            if isinstance(event, e.TextDelta):
                break

    wait_for_closing(distant_emulator)
    assert answer.answer.status == "stopped"


def test_breaking_a_loop_without_a_block_closes_the_call(sync_client: SyncClient, distant_emulator: Emulator):
    for event in sync_client.stream("long 500 words", model="slow"):
        if isinstance(event, e.TextDelta):
            break

    wait_for_closing(distant_emulator)


def test_stopping_leaves_the_terminal_to_be_read(sync_client: SyncClient):
    with sync_client.stream("long 500 words", model="slow") as answer:
        assert answer.stop()
        assert isinstance(list(answer)[-1], e.RunStopped)


def test_texts_of_a_cut_answer_end_in_an_error_that_has_the_part(sync_client: SyncClient):
    with pytest.raises(AnswerError) as caught, sync_client.stream("long 900 words", model="cut") as answer:
        list(answer.texts())

    assert caught.value.answer.text


def test_collecting_gives_the_whole(sync_client: SyncClient):
    assert sync_client.collect("echo: hello").text == "hello"
    assert sync_client.list_models()[0].id == "fast"


def test_an_unknown_model_is_the_callers_error(sync_client: SyncClient):
    left: list[str] = []
    answer = sync_client.stream("Hello", model="none-such")
    answer.call_at_end(lambda: left.append("left"))

    with pytest.raises(CallerError), answer:
        pass

    assert left == ["left"]


def test_threads_share_one_client(sync_client: SyncClient):
    texts: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: texts.append(sync_client.collect(f"echo: {n}").text)) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(texts) == ["0", "1", "2", "3"]
