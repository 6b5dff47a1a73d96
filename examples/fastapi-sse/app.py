"""One route that streams, and a page that reads it: uvicorn app:app."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from pydantic import BaseModel

import penstock
from penstock.integrations.asgi import StreamingAnswer

client = penstock.Client()
app = FastAPI()


class Question(BaseModel):
    """What the page sends."""

    text: str


@app.post("/ask")
async def ask(question: Question) -> StreamingAnswer:
    """Stream the answer; when the page goes or aborts, the call to the model is closed at once."""
    return StreamingAnswer(client.stream(question.text, system_prompt="Answer in a few sentences."))


@app.get("/")
async def page() -> FileResponse:
    """Give the page."""
    return FileResponse(Path(__file__).with_name("index.html"))
