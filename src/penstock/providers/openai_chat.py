"""Any service that speaks OpenAI's chat completions: OpenAI, DeepSeek, vLLM, Ollama's ``/v1``, llama.cpp, gateways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from penstock.core.requests import ModelRequest
from penstock.providers.answer_stream import AnswerStream, Caller, CallSettings
from penstock.providers.chat_api import ChatApi
from penstock.providers.probe import ModelList, ProbeReport, list_models, probe


@dataclass(frozen=True, kw_only=True)
class OpenAIChatSettings(CallSettings):
    """How the service is reached. Secrets are not shown by ``repr``."""

    base_url: str = "https://api.openai.com/v1"
    """What stands before ``/chat/completions``."""
    api_key: str | None = field(default=None, repr=False)
    name: str = "openai"
    """The provider's stable name: prices are looked up by it."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Sent with every request; some gateways want their own."""
    is_text: bool = False
    """Ask by the legacy completions, for models that only continue text."""
    has_think_tags: bool = True


class OpenAIChat:
    """Implements `penstock.core.ports.Provider` for one such service."""

    def __init__(self, settings: OpenAIChatSettings) -> None:
        """Prepare; nothing is opened."""
        self._settings = settings
        api = ChatApi(has_think_tags=settings.has_think_tags, is_text=settings.is_text)
        self._deployment = OpenAIDeployment(settings, route=api.route)
        self._http = settings.make_http()
        is_openai = "api.openai.com" in settings.base_url
        self._caller = Caller(
            deployment=self._deployment,
            api=api,
            http=self._http,
            settings=settings,
            token_field="max_completion_tokens" if is_openai else "max_tokens",
        )

    def __repr__(self) -> str:
        """Show where it calls."""
        return f"OpenAIChat(name={self.name!r}, base_url={self._settings.base_url!r})"

    @property
    def name(self) -> str:
        """The provider's stable name."""
        return self._settings.name

    def open(self, request: ModelRequest) -> AnswerStream:
        """Prepare a call; nothing is sent before it is iterated."""
        return AnswerStream(self._caller, request)

    async def list_models(self) -> ModelList:
        """Ask which models the service has."""
        return await list_models(self._caller, self._deployment.models_url)

    async def probe(self, model: str) -> ProbeReport:
        """Try the endpoint, the credentials and one model, by one token."""
        return await probe(self._caller, self._deployment.models_url, model)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()


class OpenAIDeployment:
    """One route of a service: implements `penstock.providers.answer_stream.Deployment`."""

    def __init__(self, settings: OpenAIChatSettings, *, route: str = "chat/completions") -> None:
        """Prepare; a base URL that ends in the route is taken too."""
        self._route = route
        self._settings = settings
        self._root = settings.base_url.strip().rstrip("/").removesuffix(f"/{route}")

    @property
    def service_name(self) -> str:
        """What a person calls it."""
        return self._settings.name

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key and the headers."""
        key = self._settings.api_key
        return (*(() if key is None else (key,)), *self._settings.headers.values())

    @property
    def models_url(self) -> str:
        """Where the models are listed."""
        return f"{self._root}/models"

    def url(self, model: str) -> str:
        """Give the address of the route."""
        del model
        return f"{self._root}/{self._route}"

    async def headers(self) -> dict[str, str]:
        """Give the headers of one attempt."""
        key = self._settings.api_key
        return dict(self._settings.headers) | ({"Authorization": f"Bearer {key}"} if key else {})

    async def close(self) -> None:
        """Release nothing: the key is all there is."""
