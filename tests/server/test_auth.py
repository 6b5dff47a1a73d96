"""Who asks."""

from __future__ import annotations

from starlette.requests import Request

from penstock.server.auth import LOCAL_OWNER, OWNER, owner_of


def test_there_is_one_local_owner_whatever_a_request_claims():
    headers = [(b"x-ms-client-principal-id", b"somebody"), (b"authorization", b"Bearer x")]
    assert owner_of(Request({"type": "http", "headers": headers})) == LOCAL_OWNER


def test_a_host_program_says_who_asks():
    assert owner_of(Request({"type": "http", "headers": [], OWNER: "ann"})) == "ann"
