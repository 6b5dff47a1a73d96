"""What ``/openapi.json`` says of bodies and answers, which the routes read and write with msgspec."""

from __future__ import annotations

from typing import Any

import msgspec

Schema = dict[str, Any]


def body_of(schema: Schema, *, is_required: bool = True) -> Schema:
    """Describe a JSON request body."""
    return {"requestBody": {"required": is_required, "content": {"application/json": {"schema": schema}}}}


def struct_body(shape: type[msgspec.Struct], *, is_required: bool = True) -> Schema:
    """Describe a request body that is read into a struct; the definitions it needs stand inside."""
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    inner: Schema = components[shape.__name__] if "$ref" in schema else schema
    return body_of(inner, is_required=is_required)


def binary_body() -> Schema:
    """Describe a request body that is a file."""
    return {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


def streams_of(description: str) -> dict[int | str, Schema]:
    """Describe a streaming answer."""
    return {200: {"description": description, "content": {"text/event-stream": {}, "application/json": {}}}}
