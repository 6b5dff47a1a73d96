"""Each refusal has the status, the code and the shape of the real service."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from support.raw_http import Ask

FILTERS = ["filter-classic", "filter-plural", "filter-list", "filter-bare", "filter-minimal"]
STATUSES = {
    "unsupported-parameter": (400, "unsupported_parameter"),
    "no-usage-option": (400, None),
    "context-length": (400, "context_length_exceeded"),
    "401": (401, "401"),
    "401-role": (401, "PermissionDenied"),
    "403": (403, "403"),
    "404": (404, "DeploymentNotFound"),
    "408": (408, "Timeout"),
    "429": (429, "429"),
    "429-seconds": (429, "429"),
    "429-date": (429, "429"),
    "429-day": (429, "429"),
    "429-busy": (429, "429"),
    "500": (500, None),
    "503": (503, "ServiceUnavailable"),
}


@pytest.mark.parametrize("name", FILTERS)
async def test_a_blocked_prompt_is_a_400_with_the_code_content_filter(fail: Ask, name: str):
    wire = await fail(name)
    assert (wire.status, wire.json["error"]["code"]) == (400, "content_filter")


async def test_the_five_shapes_of_a_blocked_prompt_differ(fail: Ask):
    errors = [(await fail(name)).json["error"] for name in FILTERS]
    assert errors[0]["innererror"]["content_filter_result"]["jailbreak"] == {"detected": True, "filtered": True}
    assert errors[1]["inner_error"]["content_filter_results"]["jailbreak"]["filtered"] is True
    assert errors[2]["content_filters"][0]["blocked"] is True
    assert (errors[3]["status"], "innererror" in errors[3]) == (400, False)
    assert sorted(errors[4]) == ["code", "message"]


@pytest.mark.parametrize("name", STATUSES)
async def test_a_refusal_has_its_status_and_code(fail: Ask, name: str):
    wire = await fail(name)
    assert (wire.status, wire.json["error"].get("code")) == STATUSES[name]


async def test_the_flat_401_has_no_error_key(fail: Ask):
    wire = await fail("401-flat")
    assert (wire.status, sorted(wire.json)) == (401, ["message", "statusCode"])


async def test_the_502_is_html(fail: Ask):
    wire = await fail("502")
    assert (wire.status, wire.headers["content-type"]) == (502, "text/html")
    assert b"<html>" in wire.body


async def test_each_429_says_in_its_own_way_when_to_come_back(fail: Ask):
    by_ms, by_seconds = await fail("429;ms=250"), await fail("429-seconds;seconds=7")
    by_date, by_day, by_nothing = await fail("429-date"), await fail("429-day"), await fail("429-busy")
    assert (by_ms.headers["retry-after-ms"], by_ms.headers["retry-after"]) == ("250", "5")
    assert by_seconds.headers["retry-after"] == "7"
    assert parsedate_to_datetime(by_date.headers["retry-after"]).tzinfo is not None
    assert by_day.headers["retry-after"] == "86400"
    assert "retry-after" not in by_nothing.headers


async def test_503_says_when_to_come_back_only_if_told(fail: Ask):
    assert "retry-after" not in (await fail("503")).headers
    assert (await fail("503;seconds=3")).headers["retry-after"] == "3"


async def test_json_instead_of_a_stream(fail: Ask):
    wire = await fail("json")
    assert (wire.status, wire.json["object"]) == (200, "chat.completion")
