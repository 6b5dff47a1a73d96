"""Azure OpenAI: chat completions on the v1 API (``/openai/v1/``) and on the classic one (deployment in the path).

Sources: Microsoft Foundry documentation, "API version lifecycle" (v1, GA since August 2025) and "Azure OpenAI REST API
reference" (classic, newest dated version 2024-10-21); keyless access by Entra ID with azure-identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import quote, urlsplit

from penstock.core.requests import ModelRequest
from penstock.providers.answer_stream import AnswerStream, Caller, CallSettings
from penstock.providers.chat_api import ChatApi
from penstock.providers.chat_request import TokenField
from penstock.providers.entra import EntraTokens
from penstock.providers.probe import ModelList, ProbeReport, list_models, probe

SCOPE_V1: Final = "https://ai.azure.com/.default"
SCOPE_CLASSIC: Final = "https://cognitiveservices.azure.com/.default"


class TokenSource(Protocol):
    """Gives Entra ID tokens; `EntraTokens` is the real one."""

    async def token(self) -> str:
        """Give a token that is valid now; asked for on every attempt."""
        ...

    async def close(self) -> None:
        """Release what it holds."""
        ...


@dataclass(frozen=True, kw_only=True)
class AzureOpenAISettings(CallSettings):
    """How one Azure resource is reached. Secrets are not shown by ``repr``."""

    endpoint: str
    """``https://NAME.openai.azure.com``, ``https://NAME.services.ai.azure.com[/api/projects/PROJECT]``, either with or
    without ``/openai/v1``."""
    api_key: str | None = field(default=None, repr=False)
    """None asks Entra ID for tokens."""
    api_version: str | None = None
    """None is the v1 API; a date (``2024-10-21``) is the classic one."""
    is_key_sent_as_bearer: bool = False
    """Send the key as ``Authorization: Bearer``, as gateways before the v1 API may want."""
    scope: str | None = None
    """Of Entra ID tokens; None is the usual one of the API."""
    token_source: TokenSource | None = field(default=None, repr=False)
    is_text: bool = False
    """Ask by the legacy completions, for models that only continue text."""
    has_think_tags: bool = True


class AzureOpenAI:
    """Implements `penstock.core.ports.Provider` for one Azure resource."""

    def __init__(self, settings: AzureOpenAISettings) -> None:
        """Prepare; nothing is opened."""
        self._settings = settings
        api = ChatApi(has_think_tags=settings.has_think_tags, is_text=settings.is_text)
        self._deployment = AzureDeployment(settings, route=api.route)
        self._http = settings.make_http()
        self._caller = Caller(
            deployment=self._deployment,
            api=api,
            http=self._http,
            settings=settings,
            token_field=_token_field(settings),
        )

    def __repr__(self) -> str:
        """Show where it calls."""
        return f"AzureOpenAI(endpoint={self._settings.endpoint!r}, api_version={self._settings.api_version!r})"

    @property
    def name(self) -> str:
        """The provider's stable name."""
        return "azure_openai"

    def open(self, request: ModelRequest) -> AnswerStream:
        """Prepare a call; nothing is sent before it is iterated. ``request.model`` is the deployment."""
        return AnswerStream(self._caller, request)

    async def list_models(self) -> ModelList:
        """Ask which models the resource knows (not which are deployed: the service does not tell)."""
        return await list_models(self._caller, self._deployment.models_url)

    async def probe(self, deployment: str) -> ProbeReport:
        """Try the endpoint, the credentials and one deployment, by one token."""
        return await probe(self._caller, self._deployment.models_url, deployment)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()
        await self._deployment.close()


class AzureDeployment:
    """One route of a resource: implements `penstock.providers.answer_stream.Deployment`."""

    def __init__(self, settings: AzureOpenAISettings, *, route: str = "chat/completions") -> None:
        """Prepare; a source of tokens is made where there is no key."""
        self._route = route
        self._settings = settings
        self._root = _root_of(settings.endpoint)
        scope = settings.scope or (SCOPE_CLASSIC if settings.api_version else SCOPE_V1)
        self._tokens = settings.token_source or (EntraTokens(scope) if settings.api_key is None else None)

    @property
    def service_name(self) -> str:
        """What a person calls it."""
        return "Azure OpenAI"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key."""
        return () if self._settings.api_key is None else (self._settings.api_key,)

    @property
    def models_url(self) -> str:
        """Where the models are listed."""
        version = self._settings.api_version
        return (
            f"{self._root}/openai/models?api-version={quote(version)}" if version else f"{self._root}/openai/v1/models"
        )

    def url(self, model: str) -> str:
        """Give the address of the route, for a deployment."""
        version = self._settings.api_version
        if version is None:
            return f"{self._root}/openai/v1/{self._route}"
        return f"{self._root}/openai/deployments/{quote(model, safe='')}/{self._route}?api-version={quote(version)}"

    async def headers(self) -> dict[str, str]:
        """Give the credentials of one attempt."""
        key = self._settings.api_key
        if key is None and self._tokens is not None:
            return {"Authorization": f"Bearer {await self._tokens.token()}"}
        if self._settings.is_key_sent_as_bearer:
            return {"Authorization": f"Bearer {key}"}
        return {"api-key": key or ""}

    async def close(self) -> None:
        """Release the source of tokens."""
        if self._tokens is not None:
            await self._tokens.close()


def _root_of(endpoint: str) -> str:
    """Give what stands before ``/openai``, whatever of it the person copied from the portal."""
    text = endpoint.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    path = parts.path.split("/openai", 1)[0].rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _token_field(settings: AzureOpenAISettings) -> TokenField:
    """Dated API versions before 2024-09 do not know the new field."""
    version = settings.api_version
    return "max_tokens" if version is not None and version < "2024-09" else "max_completion_tokens"
