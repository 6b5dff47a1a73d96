"""Which provider answers for which model, and which key goes where."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.composition.provider_factory import Providers
from penstock.composition.settings import ModelSettings, Settings, SettingsError
from penstock.core import events as e
from penstock.core.messages import TextPart
from penstock.core.requests import InputMessage, ModelRequest
from penstock.emulator.server import start_emulator
from penstock.providers.openai_responses import OpenAIResponses


async def test_models_of_one_endpoint_share_a_provider():
    providers = Providers(Settings(azure_openai_endpoint="https://x.example", azure_openai_api_key="k"))
    first = providers.find(ModelSettings(id="a", provider="azure_openai"))
    assert providers.find(ModelSettings(id="b", provider="azure_openai")) is first
    elsewhere = ModelSettings(id="c", provider="azure_openai", endpoint="https://y.example", api_key="k2")
    assert providers.find(elsewhere) is not first
    await providers.close()


async def test_the_key_of_one_service_is_not_sent_to_another():
    providers = Providers(
        Settings(
            azure_openai_endpoint="https://x.example",
            azure_openai_api_key="azure-key",
            openai_api_key="openai-key",
            deepseek_api_key="deepseek-key",
        )
    )
    for kind in ("azure_openai", "openai", "deepseek", "openai_chat"):
        provider = providers.find(ModelSettings(id="a", provider=kind, endpoint="https://elsewhere.example"))
        assert provider._settings.api_key is None
    assert providers.find(ModelSettings(id="a", provider="openai"))._settings.api_key == "openai-key"
    await providers.close()


def test_a_model_without_endpoint_is_a_sentence():
    with pytest.raises(SettingsError, match="AZURE_OPENAI_ENDPOINT"):
        Providers(Settings()).find(ModelSettings(id="a", provider="azure_openai"))
    with pytest.raises(SettingsError, match="endpoint"):
        Providers(Settings()).find(ModelSettings(id="a", provider="openai_chat"))


async def test_ollama_is_found_with_and_without_scheme():
    for host in ("box:11434", "http://box:11434"):
        providers = Providers(Settings(ollama_host=host))
        assert providers.find(ModelSettings(id="a", provider="ollama"))._settings.base_url == "http://box:11434/v1"
        await providers.close()


async def test_the_responses_api_is_chosen_by_the_model():
    settings = Settings(
        azure_openai_endpoint="https://x.example", azure_openai_api_key="k", openai_api_version="2024-10-21"
    )
    providers = Providers(settings)
    azure = providers.find(ModelSettings(id="a", provider="azure_openai", api="responses", background=True))
    assert isinstance(azure, OpenAIResponses)
    assert azure.name == "azure_openai"
    assert azure._route.url("a") == "https://x.example/openai/v1/responses"
    assert providers.find(ModelSettings(id="b", provider="azure_openai", api="responses", background=True)) is azure
    assert providers.find(ModelSettings(id="c", provider="azure_openai", api="responses")) is not azure
    openai = providers.find(ModelSettings(id="d", provider="openai", api="responses"))
    assert isinstance(openai, OpenAIResponses)
    assert openai._route.url("d") == "https://api.openai.com/v1/responses"
    await providers.close()


def test_an_api_that_a_service_does_not_have_is_a_sentence():
    providers = Providers(Settings())
    with pytest.raises(SettingsError, match="deepseek does not have"):
        providers.find(ModelSettings(id="a", provider="deepseek", api="responses"))
    with pytest.raises(SettingsError, match="needs api"):
        providers.find(ModelSettings(id="a", provider="openai", background=True))


@pytest.mark.parametrize("kind", ["azure_openai", "openai_chat"])
async def test_a_model_that_only_continues_text_is_asked_by_the_legacy_completions(kind: Any):
    emulator = await start_emulator(profile="fast")
    endpoint = emulator.url if kind == "azure_openai" else f"{emulator.url}/v1"
    settings = Settings(
        models=(ModelSettings(id="instruct", provider=kind, api="completions", endpoint=endpoint, api_key="test"),)
    )
    providers = Providers(settings)
    message = InputMessage(role="user", parts=(TextPart(text="echo: and so on"),))
    stream = providers.find(settings.models[0]).open(ModelRequest(model="instruct", messages=(message,)))

    events = [event async for batch in stream for event in batch]
    await stream.close()
    await providers.close()
    await emulator.close()

    assert "".join(event.text for event in events if isinstance(event, e.TextDelta)) == "and so on"
    assert any(isinstance(event, e.StepFinished) and event.finish_reason == "stop" for event in events)
    assert any(isinstance(event, e.Usage) and event.source == "provider" for event in events)
