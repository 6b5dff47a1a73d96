"""The SSE reader: the same events however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.core.errors import ProviderError
from penstock.providers.sse import NamedPayload, SseReader

STREAMS = {
    "plain": (b'data: {"a":1}\n\ndata: {"b":2}\n\ndata: [DONE]\n\n', [b'{"a":1}', b'{"b":2}', b"[DONE]"]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    "cr": (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    "mixed line ends": (b"data: a\n\r\ndata: b\r\n\ndata: c\r\n\r\n", [b"a", b"b", b"c"]),
    "byte order mark": (b"\xef\xbb\xbfdata: a\n\ndata: b\n\n", [b"a", b"b"]),
    "comments": (b": hello\n\ndata: a\n: in between\n\n:\n\ndata: b\n\n", [b"a", b"b"]),
    "no space after the colon": (b"data:a\n\ndata: b\n\ndata:  c\n\n", [b"a", b"b", b" c"]),
    "several data lines": (b"data: a\ndata: b\ndata\ndata: c\n\n", [b"a\nb\n\nc"]),
    "named events": (b"event: error\ndata: a\n\ndata: b\n\n", [b"a", b"b"]),
    "name without data": (b"event: ping\n\ndata: b\n\n", [b"b"]),
    "id and retry": (b"id: 1\nretry: 5\ndata: a\n\n", [b"a"]),
    "unknown fields": (b"dato: 1\ndata: a\n[DONE]\n\n", [b"a"]),
    "no last blank line": (b"data: a\n\ndata: b\n", [b"a", b"b"]),
    "no last line end": (b"data: a\n\ndata: b", [b"a", b"b"]),
    "line separators of Unicode are no line ends": ("data: a\u2028b\x85c\n\n".encode(), ["a\u2028b\x85c".encode()]),
    "blank lines": (b"\n\n\ndata: a\n\n\n\ndata: b\n\n\n", [b"a", b"b"]),
    "data that looks like a field": (b"data: data: a\n\n", [b"data: a"]),
    "empty data": (b"data:\n\ndata: \n\ndata: a\n\n", [b"", b"", b"a"]),
    "plain and then not": (b"data: a\n\ndata: b\n\ndata:c\n\ndata: d\n\nevent: x\ndata: e\n\n", [*b"abcde"]),
    "nothing": (b"", []),
}


def _expected(name: str) -> list[bytes]:
    return [bytes([item]) if isinstance(item, int) else item for item in STREAMS[name][1]]


def _read(*pieces: bytes) -> list[bytes]:
    reader = SseReader()
    payloads = [payload for piece in pieces for payload in reader.feed(piece)]
    return payloads + reader.close()


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_reads_whole(name: str):
    assert _read(STREAMS[name][0]) == _expected(name)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_reads_byte_by_byte(name: str):
    assert _read(*(bytes([byte]) for byte in STREAMS[name][0])) == _expected(name)


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_reads_the_same_cut_at_any_two_points(name: str):
    data = STREAMS[name][0]
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            assert _read(data[:first], data[first:second], data[second:]) == _expected(name)


@given(
    pieces=st.lists(
        st.sampled_from(
            [b"data: ", b"data:", b"x", b"\n", b"\n\n", b"\r\n", b"\r", b": c", b"event: e", b"data", b"\xef"]
        ),
        max_size=24,
    ),
    cuts=st.lists(st.integers(0, 100), max_size=5),
)
def test_any_bytes_read_the_same_however_they_are_cut(pieces: list[bytes], cuts: list[int]):
    data = b"".join(pieces)
    whole = _read(data)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    assert _read(*(data[first:second] for first, second in pairwise(places))) == whole
    assert [_name(payload) for payload in _read(*(bytes([byte]) for byte in data))] == [_name(p) for p in whole]


def _name(payload: bytes) -> tuple[bytes, str]:
    return bytes(payload), payload.name if isinstance(payload, NamedPayload) else ""


def test_the_name_of_an_event_is_kept_and_ends_with_it():
    payloads = _read(b"event: error\ndata: a\n\ndata: b\n\n")
    assert [_name(payload) for payload in payloads] == [(b"a", "error"), (b"b", "")]


@pytest.mark.parametrize("endless", [b"x" * 1000, b"data: y\n" * 125, b"data\n" * 200], ids=["line", "lines", "empty"])
def test_an_endless_event_is_refused_and_its_bytes_let_go(endless: bytes):
    """Without a bound, a service could fill the memory of this process."""
    reader = SseReader(max_event_bytes=10_000)
    with pytest.raises(ProviderError) as caught:
        _feed_for_ever(reader, endless)
    assert caught.value.code == "bad_response"
    assert not reader._pieces
    assert not reader._data


def _feed_for_ever(reader: SseReader, endless: bytes) -> None:
    reader.feed(b"data: ")
    for _ in range(100):
        reader.feed(endless)


def test_an_event_of_ten_megabytes_is_read():
    text = b"x" * 10_000_000
    data = b"data: " + text + b"\n\n"
    assert _read(*(data[first : first + 65536] for first in range(0, len(data), 65536))) == [text]
