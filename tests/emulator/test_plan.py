"""A plan is bent by giving it other frames; all else stays."""

from __future__ import annotations

import random

import pytest

from penstock.emulator.chunks import AzureChunks, ChunkIdentity
from penstock.emulator.plan import Ending, Frame, Kind, Plan

IDENTITY = ChunkIdentity(id="chatcmpl-1", model="m", created=1, has_usage=False, has_obfuscation=False)


@pytest.mark.parametrize(("ending", "expected"), [(None, Ending.FIN), (Ending.RST, Ending.RST)])
def test_other_frames_keep_the_times_and_the_ending_unless_told(ending: Ending | None, expected: Ending):
    chunks = AzureChunks(IDENTITY, random.Random(1))
    plan = Plan(frames=(), chunks=chunks, headers_wait_s=2.0, ending=Ending.FIN)
    changed = plan.with_frames([Frame(Kind.DONE, b"x")], ending)
    assert (changed.frames[0].data, changed.headers_wait_s, changed.ending) == (b"x", 2.0, expected)
