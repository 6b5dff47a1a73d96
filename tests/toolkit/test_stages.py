"""What a pipeline can yield beside text."""

from __future__ import annotations

from penstock.core import events as e
from penstock.toolkit.stages import Stage, source


def test_a_stage_takes_its_own_time():
    stage = Stage("searching")

    assert stage.started("in the handbook") == e.Progress(stage="searching", state="started", detail="in the handbook")
    finished = stage.finished("3 passages")
    assert (finished.state, finished.detail) == ("finished", "3 passages")
    assert finished.duration_ms is not None
    assert finished.duration_ms >= 0
    assert stage.failed().state == "failed"


def test_a_stage_that_never_began_took_no_time():
    assert Stage("searching").finished().duration_ms is None


def test_a_source_is_a_page_when_it_has_an_address_and_else_a_document():
    page = source("Handbook", url="https://example.com/handbook")
    document = source("Handbook, page 3", source_id="p3")

    assert (page.kind, page.source_id) == ("url", "https://example.com/handbook")
    assert (document.kind, document.source_id) == ("document", "p3")
