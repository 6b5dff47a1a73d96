"""What the description says of bodies."""

from __future__ import annotations

from penstock.server.openapi import binary_body, body_of, streams_of, struct_body
from penstock.server.routes.messages import NewMessage


def test_a_struct_is_described_with_its_fields():
    schema = struct_body(NewMessage)["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["text"]
    assert "parent_id" in schema["properties"]


def test_a_body_may_be_absent():
    assert body_of({}, is_required=False)["requestBody"]["required"] is False


def test_a_file_is_sent_as_it_is():
    assert "application/octet-stream" in binary_body()["requestBody"]["content"]


def test_a_stream_names_its_media_types():
    assert "text/event-stream" in streams_of("x")[200]["content"]
