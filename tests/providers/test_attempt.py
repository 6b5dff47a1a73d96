"""One attempt says why it ended, and leaves its connection as it should be left."""

from __future__ import annotations

from typing import Any

import pytest
from tests.providers.conftest import ROLE, Serve, answer

from penstock.core.errors import UpstreamEndedError
from penstock.providers.attempt import Attempt
from penstock.providers.chat_chunks import ChatChunkDecoder
from penstock.providers.error_shapes import Service
from penstock.providers.http_client import HttpClient, Timeouts
from penstock.providers.retry import SilenceError

SERVICE = Service("Azure OpenAI", "dep", ())


async def begin(client: HttpClient, url: str, limits: Timeouts | None = None) -> Attempt:
    call = client.call()
    await call.start("POST", url, headers={}, body=b"{}")
    return Attempt(call, ChatChunkDecoder(SERVICE), SERVICE, limits or Timeouts())


async def read_all(attempt: Attempt) -> None:
    while await attempt.read():
        pass


async def test_a_whole_answer_gives_its_connection_back(serve: Serve):
    service = await serve(answer)
    client = HttpClient(connect_s=1)
    for _ in range(2):
        attempt = await begin(client, service.url)
        await read_all(attempt)
        attempt.leave()
    assert service.connections == 1
    await client.close()


async def test_silence_is_told_from_a_cut_of_the_service(serve: Serve):
    async def silent(x: Any) -> None:
        await x.start()
        await x.send(ROLE)
        await x.client_is_gone()

    async def cut(x: Any) -> None:
        await x.start()
        await x.send(ROLE)
        x.cut()

    service = await serve(silent, cut)
    client = HttpClient(connect_s=1)
    for expected in (SilenceError, UpstreamEndedError):
        attempt = await begin(client, service.url, Timeouts(first_token_s=0.05, between_tokens_s=0.05))
        with pytest.raises(expected):
            await read_all(attempt)
        attempt.leave()
    await client.close()
