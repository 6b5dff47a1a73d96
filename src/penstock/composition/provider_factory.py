"""Settings of a model -> the provider that answers for it; models at one endpoint with one key share one provider."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pydantic import SecretStr

from penstock.composition.settings import ModelSettings, Settings, SettingsError
from penstock.core.ports import Provider
from penstock.providers.azure_openai import AzureDeployment, AzureOpenAI, AzureOpenAISettings
from penstock.providers.http_client import Timeouts
from penstock.providers.openai_chat import OpenAIChat, OpenAIChatSettings, OpenAIDeployment
from penstock.providers.openai_responses import OpenAIResponses, OpenAIResponsesSettings

_BASE_URLS: Final = {"openai": "https://api.openai.com/v1", "deepseek": "https://api.deepseek.com/v1"}

Key = tuple[str, str, str | None, str | None, str | None]


class Providers:
    """All providers of one server."""

    def __init__(self, settings: Settings) -> None:
        """Make nothing yet."""
        self._settings = settings
        self._made: dict[Key, Provider] = {}
        self._timeouts = Timeouts(
            connect_s=settings.connect_timeout_s,
            first_token_s=settings.first_token_timeout_s,
            between_tokens_s=settings.between_tokens_timeout_s,
        )

    def __repr__(self) -> str:
        """Show the endpoints."""
        return f"Providers({sorted(key[1] for key in self._made)})"

    def find(self, model: ModelSettings) -> Provider:
        """Give the model's provider; raises `SettingsError` when the settings do not say enough."""
        if model.api == "responses":
            return self._find_responses(model)
        if model.background:
            message = f'The model {model.id} has background = true, which needs api = "responses".'
            raise SettingsError(message)
        match model.provider:
            case "azure_openai":
                return self._find_azure(model)
            case "openai" | "deepseek" | "ollama" | "openai_chat":
                return self._find_chat(model)

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(provider.close() for provider in self._made.values()))

    def _find_responses(self, model: ModelSettings) -> Provider:
        settings = OpenAIResponsesSettings(
            name=model.provider, is_background=model.background, family=model.family, timeouts=self._timeouts
        )
        reached: AzureOpenAISettings | OpenAIChatSettings
        match model.provider:
            case "azure_openai":
                # This API is on the v1 API alone, whatever version the classic one is asked for.
                reached = replace(self._azure_settings(model), api_version=None)
                route = AzureDeployment(reached, route="responses")
            case "openai":
                reached = self._chat_settings(model)
                route = OpenAIDeployment(reached, route="responses")
            case _:
                message = f'The model {model.id} has api = "responses", which {model.provider} does not have.'
                raise SettingsError(message)
        kind = f"{model.provider} responses{' background' if model.background else ''}"
        key = (kind, route.url(""), reached.api_key, None, model.family)
        return self._share(key, lambda: OpenAIResponses(route, settings))

    def _find_azure(self, model: ModelSettings) -> Provider:
        settings = self._azure_settings(model)
        kind = f"azure_openai {model.api}"
        key = (kind, settings.endpoint, settings.api_key, settings.api_version, model.family)
        return self._share(key, lambda: AzureOpenAI(settings))

    def _azure_settings(self, model: ModelSettings) -> AzureOpenAISettings:
        endpoint = model.endpoint or self._settings.azure_openai_endpoint
        if endpoint is None:
            raise _missing_endpoint(model, "or set AZURE_OPENAI_ENDPOINT")
        is_own = model.endpoint is not None and model.endpoint != self._settings.azure_openai_endpoint
        key = _open(model.api_key or (None if is_own else self._settings.azure_openai_api_key))
        version = model.api_version or self._settings.openai_api_version
        return AzureOpenAISettings(
            endpoint=endpoint,
            api_key=key,
            api_version=version,
            family=model.family,
            is_text=model.api == "completions",
            timeouts=self._timeouts,
        )

    def _find_chat(self, model: ModelSettings) -> Provider:
        settings = self._chat_settings(model)
        kind = f"{settings.name} {model.api}"
        key = (kind, settings.base_url, settings.api_key, None, model.family)
        return self._share(key, lambda: OpenAIChat(settings))

    def _chat_settings(self, model: ModelSettings) -> OpenAIChatSettings:
        endpoint = model.endpoint or self._chat_endpoint(model)
        key = _open(model.api_key) or self._chat_key(model)
        name = "openai" if model.provider == "openai_chat" else model.provider
        return OpenAIChatSettings(
            base_url=endpoint,
            api_key=key,
            name=name,
            family=model.family,
            is_text=model.api == "completions",
            timeouts=self._timeouts,
        )

    def _chat_endpoint(self, model: ModelSettings) -> str:
        if model.provider == "openai" and self._settings.openai_base_url is not None:
            return self._settings.openai_base_url
        if model.provider == "ollama":
            host = self._settings.ollama_host or "127.0.0.1:11434"
            return f"{host if '://' in host else 'http://' + host}/v1"
        known = _BASE_URLS.get(model.provider)
        if known is None:
            raise _missing_endpoint(model, "of the service")
        return known

    def _chat_key(self, model: ModelSettings) -> str | None:
        match model.provider:
            case "openai" | "openai_chat":
                # The key of the account goes to its own service only, never to an endpoint that a table names.
                return _open(self._settings.openai_api_key) if model.endpoint is None else None
            case "deepseek":
                return _open(self._settings.deepseek_api_key) if model.endpoint is None else None
            case "ollama" | "azure_openai":
                return None

    def _share(self, key: Key, make: Callable[[], Provider]) -> Provider:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def _open(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()


def _missing_endpoint(model: ModelSettings, hint: str) -> SettingsError:
    message = f"The model {model.id} has no endpoint: give it one in [[models]] {hint}."
    return SettingsError(message)
