"""Attachments over HTTP: what comes in is told by its bytes, and nothing that goes out can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.running import Running, Start

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005"
    "0001ff56c72f0d0000000049454e44ae426082"
)
BINARY = {"Content-Type": "application/octet-stream"}


async def upload(server: Running, data: bytes, name: str = "notes.txt", *, status: int = 201) -> Any:
    return await server.json(
        "POST", "/api/attachments", params={"name": name}, data=data, headers=BINARY, status=status
    )


def kept(server: Running) -> list[Path]:
    folder = server.application.settings.attachments_dir
    return sorted(folder.iterdir()) if folder.exists() else []


async def test_an_image_is_shown_as_an_image(server: Running):
    made = await upload(server, PNG, "cat.gif")
    assert (made["kind"], made["media_type"], made["size_bytes"]) == ("image", "image/png", len(PNG))
    async with server.call("GET", f"/api/attachments/{made['id']}") as response:
        assert await response.read() == PNG
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["Content-Disposition"].startswith("inline")
        tag = response.headers["ETag"]
    again = {"If-None-Match": tag}
    async with server.call("GET", f"/api/attachments/{made['id']}", headers=again) as response:
        assert response.status == 304


@pytest.mark.parametrize("data", [b"<!doctype html><script>1</script>", b"<svg onload='1'/>", b"plain words"])
async def test_a_text_is_never_a_page(server: Running, data: bytes):
    made = await upload(server, data, "page.html")
    async with server.call("GET", f"/api/attachments/{made['id']}") as response:
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''page.html"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'; sandbox" in response.headers.getall("Content-Security-Policy")


async def test_a_name_is_no_path_and_no_header(server: Running):
    made = await upload(server, b"x", '../../../evil"\r\nSet-Cookie: a=b.txt')
    assert made["name"] == 'evil"Set-Cookie: a=b.txt'
    async with server.call("GET", f"/api/attachments/{made['id']}") as response:
        assert "Set-Cookie" not in response.headers
    (place,) = kept(server)
    assert place.name == made["id"]


@pytest.mark.parametrize("path", ["..%2f..%2fpenstock.db", "att_nobody", "%2e%2e", "att_1%00"])
async def test_nothing_else_can_be_read(server: Running, path: str):
    for method in ("GET", "DELETE"):
        async with server.call(method, f"/api/attachments/{path}") as response:
            assert response.status in {404, 405}


async def test_what_is_neither_image_nor_text_is_415(server: Running):
    problem = await upload(server, b"%PDF-1.7 \x00\x01", "paper.pdf", status=415)
    assert "neither" in problem["detail"]
    assert kept(server) == []


async def test_an_empty_file_is_400(server: Running):
    await server.json("POST", "/api/attachments", data=b"", headers=BINARY, status=400)


async def test_sizes_and_the_quota_are_settings(start: Start):
    server = await start(attachment_limit_bytes=1000, text_attachment_limit_bytes=10, attachment_quota_bytes=1500)
    await upload(server, b"x" * 11, status=413)
    await upload(server, PNG + b"x" * 1000, status=413)
    await upload(server, PNG + b"x" * (1000 - len(PNG)))
    problem = await upload(server, PNG + b"x" * (1000 - len(PNG)), status=507)
    assert problem["code"] == "quota_exceeded"
    assert len(kept(server)) == 1


async def test_a_page_of_another_origin_can_upload_nothing(server: Running):
    for headers in (BINARY | {"Origin": "https://evil.example"}, {"Content-Type": "text/plain"}):
        async with server.call("POST", "/api/attachments", data=b"x", headers=headers) as response:
            assert response.status in {403, 415}
    assert kept(server) == []


async def test_a_message_carries_its_files_to_the_model(server: Running):
    made = await upload(server, b"The code word is heron.")
    accepted = await server.send("c1", "echo: ok", attachments=[made["id"]])
    await server.wait_for_end(accepted["run"]["id"])
    opened = await server.json("GET", "/api/conversations/c1")
    part = opened["messages"][0]["parts"][0]
    assert (part["type"], part["name"]) == ("attachment", "notes.txt")
    async with server.call("GET", "/api/conversations/c1/export") as response:
        assert "*Attached: notes.txt*" in await response.text()
    await server.json("DELETE", f"/api/attachments/{made['id']}", status=409)


async def test_an_unknown_file_is_404_and_starts_nothing(server: Running):
    body = {"text": "look", "attachments": ["att_nobody"], "model": "fast"}
    problem = await server.json("POST", "/api/conversations/c1/messages", json=body, status=404)
    assert problem["field"] == "attachments.0"
    await server.json("GET", "/api/conversations/c1", status=404)


async def test_an_image_for_a_model_that_does_not_see_is_400(server: Running):
    made = await upload(server, PNG)
    body = {"text": "look", "attachments": [made["id"]], "model": "wrong-key"}
    problem = await server.json("POST", "/api/conversations/c1/messages", json=body, status=400)
    assert problem["code"] == "model_sees_no_images"


async def test_a_file_that_was_not_sent_can_be_taken_back(server: Running):
    made = await upload(server, b"x")
    async with server.call("DELETE", f"/api/attachments/{made['id']}") as response:
        assert response.status == 204
    assert kept(server) == []
    await server.json("GET", f"/api/attachments/{made['id']}", status=404)


async def test_a_deleted_conversation_hides_its_files(server: Running):
    made = await upload(server, b"x")
    accepted = await server.send("c1", "echo: ok", attachments=[made["id"]])
    await server.wait_for_end(accepted["run"]["id"])
    await server.json("DELETE", "/api/conversations/c1")
    await server.json("GET", f"/api/attachments/{made['id']}", status=404)
