"""Sources in the shapes of several services; whole streams of them are ``spec/providers/sources-*``."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.events import Source
from penstock.providers.source_list import SourceReader

URL = "https://a.example/1"


def test_a_source_that_is_named_again_is_given_once():
    reader = SourceReader()
    assert reader.read_chunk({"citations": [URL, URL]}) == [Source(source_id="source-0", kind="url", url=URL)]
    assert reader.read_chunk({"citations": [URL]}) == []


def test_results_give_the_titles_of_citations():
    found = SourceReader().read_chunk({"citations": [URL], "search_results": [{"url": URL, "title": "A"}]})
    assert found == [Source(source_id="source-0", kind="url", url=URL, title="A")]


def test_two_places_of_one_page_are_two_sources():
    places = [{"url_citation": {"url": URL, "start_index": start, "end_index": start + 3}} for start in (0, 9)]
    found = SourceReader().read_delta({"annotations": places})
    assert [(source.source_id, source.start, source.end) for source in found] == [
        ("source-0", 0, 3),
        ("source-1", 9, 12),
    ]


def test_a_file_is_a_document():
    found = SourceReader().read_delta({"context": {"citations": [{"filepath": "a.md", "url": None, "content": "c"}]}})
    assert found == [Source(source_id="source-0", kind="document", title="a.md", extra={"content": "c"})]


@pytest.mark.parametrize(
    "item", [None, 7, "", [], {}, {"url": 7}, {"title": ""}, "javascript:alert(1)", {"url_citation": "x"}]
)
def test_what_names_no_place_is_no_source(item: Any):
    assert SourceReader().read_chunk({"citations": [item]}) == []
    assert SourceReader().read_delta({"annotations": [item], "context": {"citations": item}}) == []
