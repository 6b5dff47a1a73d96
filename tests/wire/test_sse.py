"""What a plain ``fetch`` reader understands of the ``sse`` wire is what the log means."""

from __future__ import annotations

from hypothesis import given

from penstock.core import events as e
from penstock.core.fold import fold
from penstock.wire.outcome import FINISH_REASONS
from penstock.wire.sse import DIALECT
from support.wire_logs import encode, few, has_parts_at_once, last_usage, whole_logs, words_of
from support.wire_readers import read_frames, read_sse


@few
@given(log=whole_logs())
def test_text_reasoning_and_refusal_are_the_log_s(log: list[e.Event]):
    reading, folded = read_sse(encode(DIALECT, log)), fold(log)
    assert reading.words("content") == words_of(log, e.TextDelta)
    assert reading.words("reasoning") == words_of(log, e.ReasoningDelta)
    assert reading.words("refusal") == words_of(log, e.RefusalDelta)
    assert all(words for _, _, words in reading.pieces)
    if not has_parts_at_once(log):
        assert reading.words("content") == folded.text


@few
@given(log=whole_logs())
def test_there_is_one_end_and_it_is_honest(log: list[e.Event]):
    (ending,) = read_sse(encode(DIALECT, log)).endings
    terminal = log[-1]
    assert ending.get("done", False) == isinstance(terminal, (e.RunFinished, e.RunStopped))
    assert ending["status"] == fold(log).status
    if isinstance(terminal, e.RunFinished):
        assert ending["finish_reason"] == FINISH_REASONS[terminal.finish_reason]
        assert "error" not in ending
    else:
        assert ending.get("finish_reason") is None
        is_wanted = isinstance(terminal, e.RunStopped) and terminal.by == "user"
        assert ("error" in ending and "code" in ending) != is_wanted


@few
@given(log=whole_logs())
def test_the_usage_is_the_last_one_logged(log: list[e.Event]):
    (ending,) = read_sse(encode(DIALECT, log)).endings
    usage = last_usage(log)
    assert ("usage" in ending) == (usage is not None)
    if usage is not None:
        assert ending["usage"].get("prompt_tokens") == usage.input
        assert ending["usage"].get("completion_tokens") == usage.output
        assert ending["usage"]["source"] == usage.source


@few
@given(log=whole_logs())
def test_every_object_has_its_offset_and_the_end_mark_is_last(log: list[e.Event]):
    frames = read_frames(encode(DIALECT, log))
    *offsets, last = [frame.seq for frame in frames]
    assert offsets == sorted(set(offsets))
    assert offsets[-1] == len(log) - 1
    assert (last, frames[-1].data) == (None, "[DONE]")


def test_an_unknown_price_is_left_out():
    log = [e.RunStarted(run_id="r", message_id="m", model="x", provider="p"), e.Usage(input=1, cost=e.Cost())]
    (ending,) = read_sse(encode(DIALECT, [*log, e.RunStopped(by="user")])).endings
    assert "cost" not in ending
