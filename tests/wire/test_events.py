"""The ``events`` wire loses nothing."""

from __future__ import annotations

from hypothesis import given

from penstock.core import events as e
from penstock.core.events import decode_event
from penstock.wire.events import DIALECT
from support.legal_logs import legal_logs
from support.wire_logs import encode, few
from support.wire_readers import read_frames


@few
@given(log=legal_logs())
def test_the_log_is_read_back_as_it_was_with_its_offsets(log: list[e.Event]):
    frames = read_frames(encode(DIALECT, log))
    assert [frame.seq for frame in frames] == list(range(len(log)))
    assert [decode_event(frame.data) for frame in frames] == log
