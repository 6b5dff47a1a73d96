"""``/api/ws``: the AI SDK's WebSocket."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from penstock.server.chat_socket import ChatSocket

router = APIRouter()


@router.websocket("/api/ws")
async def chat_socket(websocket: WebSocket) -> None:
    """Answer the frames of the AI SDK's WebSocket transport, many requests on one connection."""
    await ChatSocket(websocket).serve()
