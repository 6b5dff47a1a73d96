"""The annotations of the content filter, in every shape."""

from __future__ import annotations

from penstock.core.events import Verdict
from penstock.providers.filter_verdicts import FilterReader, make_filter, read_prompt_filters


def test_lists_of_blocklists_and_citations_are_kept():
    event = make_filter(
        {
            "custom_blocklists": [{"id": "a", "filtered": False}, {"id": "b", "filtered": True}],
            "protected_material_code": {"detected": True, "filtered": False, "citation": {"URL": "u"}},
        },
        stage="completion",
        is_blocked=False,
    )
    assert event.verdicts == {
        "custom_blocklists": Verdict(filtered=True),
        "protected_material_code": Verdict(detected=True),
    }
    assert event.blocked
    assert event.extra == {
        "custom_blocklists": [{"id": "a", "filtered": False}, {"id": "b", "filtered": True}],
        "protected_material_code": {"citation": {"URL": "u"}},
    }


def test_only_news_is_told():
    reader = FilterReader()
    choice = {"content_filter_results": {"hate": {"filtered": False}}}
    assert reader.read_inline(choice, is_blocked=False) is not None
    assert reader.read_inline(choice, is_blocked=False) is None
    assert reader.read_inline(choice, is_blocked=True) is not None


def test_the_prompt_has_one_event_for_each_of_its_parts():
    results = [{"prompt_index": n, "content_filter_results": {"hate": {"filtered": n == 1}}} for n in (0, 1)]
    assert [event.blocked for event in read_prompt_filters({"prompt_filter_results": results})] == [False, True]


def test_incomplete_offsets_are_none():
    choice = {"content_filter_results": {"hate": {"filtered": False}}, "content_filter_offsets": {"check_offset": 1}}
    event = FilterReader().read_async(choice, is_blocked=False)
    assert event is not None
    assert event.offsets is None
