"""What a trial of a service finds."""

from __future__ import annotations

from typing import Any

from tests.providers.conftest import Serve, answer

from penstock.core.errors import ProviderError
from penstock.providers.azure_openai import AzureOpenAI, AzureOpenAISettings


async def test_a_probe_tells_what_answers(serve: Serve):
    async def models(x: Any) -> None:
        assert x.request_line == "GET /openai/v1/models HTTP/1.1"
        await x.answer(200, {"data": [{"id": "a"}, {"id": "b"}, "odd"]})

    azure = AzureOpenAI(AzureOpenAISettings(endpoint=(await serve(models, answer)).url, api_key="k"))
    report = await azure.probe("my-dep")
    await azure.close()
    assert report.is_answering
    assert report.model == "m"
    assert report.models.models == ("a", "b")
    assert report.error is None


async def test_a_probe_tells_what_is_wrong(serve: Serve):
    async def refuse(x: Any) -> None:
        await x.answer(401, {"error": {"code": "401", "message": "Access denied."}})

    azure = AzureOpenAI(AzureOpenAISettings(endpoint=(await serve(refuse)).url, api_key="k"))
    report = await azure.probe("my-dep")
    await azure.close()
    assert not report.is_answering
    assert isinstance(report.error, ProviderError)
    assert report.error.code == "authentication"
    assert report.models.error is not None
