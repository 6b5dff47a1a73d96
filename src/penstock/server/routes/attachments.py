"""Files that go with a message: uploaded before it is sent, shown to their owner only, and never run by a browser."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from penstock.core.errors import CallerError
from penstock.core.messages import Attachment
from penstock.server.attachment_kinds import clean_name, sniff_kind
from penstock.server.auth import owner_of
from penstock.server.bodies import check_id, read_bytes
from penstock.server.json_answer import answer_json
from penstock.server.openapi import binary_body
from penstock.server.services import services_of

PATH: Final = "/api/attachments"

router = APIRouter(prefix=PATH, tags=["attachments"])

_INERT: Final = "default-src 'none'; sandbox"
"""Even if a browser took the bytes for a page, nothing in it would run or load."""


@router.post("", status_code=201, openapi_extra=binary_body())
async def upload(request: Request, name: str | None = None) -> Response:
    """Keep a file; what it is, is told by its bytes. It belongs to a conversation once a message is sent with it."""
    services = services_of(request)
    settings = services.settings
    data = await read_bytes(request, settings.attachment_limit_bytes)
    if not data:
        message = "The file is empty."
        raise CallerError(message, field="body")
    sniffed = sniff_kind(data)
    if sniffed.kind == "text" and len(data) > settings.text_attachment_limit_bytes:
        message = f"A text file may have {settings.text_attachment_limit_bytes // 1024} kB: it goes into the prompt."
        raise CallerError(message, field="body", code="too_large")
    attachment = Attachment(
        id=services.ids.make("att"),
        owner=owner_of(request),
        kind=sniffed.kind,
        name=clean_name(name),
        media_type=sniffed.media_type,
        size_bytes=len(data),
        created_at=services.clock.now(),
    )
    # Noted first: bytes that no row knows would be found by nobody and stay for ever.
    await services.store.add_attachment(attachment, quota_bytes=settings.attachment_quota_bytes)
    await services.files.save(attachment.id, data)
    response = answer_json(attachment, status=201)
    response.headers["Location"] = f"{PATH}/{attachment.id}"
    return response


@router.get("/{attachment_id}")
async def show(request: Request, attachment_id: str) -> Response:
    """Give the bytes: an image to be shown, a text to be saved."""
    services = services_of(request)
    checked_id = check_id(attachment_id, what="attachment")
    attachment = await services.store.get_attachment(owner_of(request), checked_id)
    tag = f'"{attachment.id}"'
    headers = {"Cache-Control": "private, no-cache", "ETag": tag, "Content-Security-Policy": _INERT}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    is_image = attachment.kind == "image"
    place = "inline" if is_image else "attachment"
    headers["Content-Disposition"] = f"{place}; filename*=UTF-8''{quote(attachment.name, safe='')}"
    media_type = attachment.media_type if is_image else "text/plain; charset=utf-8"
    return Response(await services.files.read(attachment.id), headers=headers, media_type=media_type)


@router.delete("/{attachment_id}", status_code=204)
async def take_back(request: Request, attachment_id: str) -> Response:
    """Drop a file that was not sent; 409 for one that was."""
    services = services_of(request)
    checked_id = check_id(attachment_id, what="attachment")
    await services.store.delete_attachment(owner_of(request), checked_id)
    await services.files.delete(checked_id)
    return Response(status_code=204)
