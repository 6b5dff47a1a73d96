"""Chat completions, as every service of the kind speaks them: implements `penstock.providers.answer_stream.Api`."""

from __future__ import annotations

from dataclasses import dataclass

from penstock.core.events import Json
from penstock.core.requests import ModelRequest
from penstock.providers.chat_chunks import ChatChunkDecoder
from penstock.providers.chat_request import Quirks, make_body
from penstock.providers.error_shapes import Failure, Service
from penstock.providers.text_request import make_text_body


@dataclass(frozen=True, kw_only=True)
class ChatApi:
    """Writes requests by ``chat_request.py`` or ``text_request.py``, reads answers by ``chat_chunks.py``."""

    has_think_tags: bool = True
    is_text: bool = False
    """Ask by the legacy completions, which continue a prompt; their chunks differ little and are read alike."""

    @property
    def route(self) -> str:
        """What the address ends in."""
        return "completions" if self.is_text else "chat/completions"

    def make_body(self, request: ModelRequest, quirks: Quirks) -> dict[str, Json]:
        """Write the request."""
        return make_text_body(request, quirks) if self.is_text else make_body(request, quirks)

    def learn(self, quirks: Quirks, failure: Failure, body: dict[str, Json]) -> Quirks | None:
        """Learn what the deployment refuses."""
        return quirks.learn(failure, body)

    def make_decoder(self, service: Service, *, step_index: int) -> ChatChunkDecoder:
        """Read one answer."""
        return ChatChunkDecoder(service, step_index=step_index, has_think_tags=self.has_think_tags)
