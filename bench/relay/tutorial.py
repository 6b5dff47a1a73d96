"""The server that tutorials teach: FastAPI, a StreamingResponse, AsyncAzureOpenAI, one event per chunk."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from openai import AsyncAzureOpenAI
from pydantic import BaseModel

app = FastAPI()
client = AsyncAzureOpenAI(azure_endpoint=os.environ["UPSTREAM"], api_key="benchmark", api_version="2024-10-21")


class ChatBody(BaseModel):
    """What the page posts."""

    model: str
    messages: list[dict[str, str]]


@app.post("/chat/stream")
async def chat(body: ChatBody) -> StreamingResponse:
    """Stream the answer as server-sent events."""

    async def events() -> AsyncIterator[str]:
        stream = await client.chat.completions.create(model=body.model, messages=body.messages, stream=True)
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                yield f"data: {json.dumps({'content': chunk.choices[0].delta.content})}\n\n"
        yield "data: [DONE]\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
