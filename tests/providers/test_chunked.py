"""The chunked framing comes off whatever its cuts, and what is broken is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.providers.chunked import ChunkedReader

BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=8)
CUTS = st.lists(st.integers(0, 400), max_size=8)


def frame(pieces: list[bytes], *, extension: bytes = b"", trailers: bytes = b"") -> bytes:
    chunks = [b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) for piece in pieces]
    return b"".join(chunks) + b"0\r\n" + trailers + b"\r\n"


def read(data: bytes, cuts: list[int]) -> tuple[bytes, ChunkedReader]:
    reader = ChunkedReader()
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    body = b"".join(reader.feed(data[start:end]) for start, end in pairwise(places))
    return body, reader


@given(
    pieces=BODIES,
    cuts=CUTS,
    extension=st.sampled_from([b"", b";name=value"]),
    trailers=st.sampled_from([b"", b"a: b\r\nc: d\r\n"]),
)
def test_the_body_is_the_same_however_it_is_cut(
    pieces: list[bytes], cuts: list[int], extension: bytes, trailers: bytes
):
    data = frame(pieces, extension=extension, trailers=trailers)
    body, reader = read(data, cuts)
    assert body == b"".join(pieces)
    assert reader.has_ended
    assert reader.rest == b""


@given(pieces=BODIES)
def test_byte_by_byte(pieces: list[bytes]):
    data = frame(pieces)
    assert read(data, list(range(len(data))))[0] == b"".join(pieces)


def test_a_chunk_is_given_before_it_is_whole():
    reader = ChunkedReader()
    assert reader.feed(b"a\r\nhello") == b"hello"
    assert reader.feed(b"world\r") == b"world"
    assert reader.feed(b"\n1\r\n!\r\n") == b"!"
    assert not reader.has_ended


def test_what_comes_behind_the_end_is_kept():
    reader = ChunkedReader()
    assert reader.feed(b"1\r\na\r\n0\r\n\r\nHTTP") == b"a"
    assert reader.rest == b"HTTP"


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\n",
        b"-1\r\n",
        b"\r\n",
        b"1_0\r\n",
        b"f" * 17 + b"\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\rb",
        b"0" * 5000,
        b"0\r\n" + b"a" * 5000,
    ],
)
def test_broken_framing_is_refused(data: bytes):
    reader = ChunkedReader()
    assert reader.feed(b"2\r\nok\r\n" + data).startswith(b"ok")
    assert reader.is_broken
    assert not reader.has_ended
