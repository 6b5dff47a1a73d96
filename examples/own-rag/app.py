"""A pipeline of one's own behind the whole API and its page: uvicorn app:app."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI

import penstock
from penstock.integrations.asgi import Api

HANDBOOK = Path(__file__).with_name("handbook")
ENOUGH = 2

client = penstock.Client()


def words_of(text: str) -> set[str]:
    """Give the words that are worth comparing."""
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def search(question: str) -> list[Path]:
    """Find the pages that have most of the question's words: put your own index here."""
    wanted = words_of(question)
    hits = {page: len(wanted & words_of(page.read_text())) for page in HANDBOOK.glob("*.md")}
    return sorted((page for page in hits if hits[page]), key=lambda page: -hits[page])[:ENOUGH]


async def answer_from_handbook(request: penstock.ModelRequest) -> AsyncIterator[str | penstock.Event]:
    """Search, cite, and let a model answer; each step is seen by who asked."""
    searching = penstock.Stage("searching")
    yield searching.started()
    pages = search(request.question)
    yield searching.finished(f"{len(pages)} pages")
    if not pages:
        yield "The handbook says nothing about that."
        return
    for page in pages:
        yield penstock.source(page.stem.replace("-", " "), source_id=page.name)
    passages = "\n\n".join(page.read_text() for page in pages)
    prompt = f"Answer from these pages of the handbook only.\n\n{passages}"
    async with client.stream(request.question, system_prompt=prompt) as answer:
        async for event in answer:
            yield event


api = Api(pipelines={"handbook": answer_from_handbook})
app = FastAPI(lifespan=api.lifespan)
app.mount("/", api)
