"""The models of one program, and answers of theirs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self, TypedDict, Unpack

from penstock.composition.catalog import ConfiguredCatalog
from penstock.composition.models import open_models
from penstock.composition.settings import Settings, load_settings
from penstock.composition.system import SystemClock, SystemIds
from penstock.core.ports import ModelInfo
from penstock.core.requests import ChatRequest
from penstock.providers.accounting import GenaiAccountant
from penstock.providers.own_code import Pipeline
from penstock.runs.checks import check_request
from penstock.runs.direct import DirectRun, Instruments
from penstock.runs.prompt import stateless_prompt
from penstock.toolkit.answer import Answer
from penstock.toolkit.answer_stream import AnswerStream
from penstock.toolkit.asking import Asking, Prompt, make_request

_log = logging.getLogger("penstock")


class Configuration(TypedDict, total=False):
    """What can be given in the place of an environment variable or a key of ``penstock.toml``."""

    azure_openai_endpoint: str
    azure_openai_api_key: str
    azure_openai_deployment: str
    """One, or several with commas between; the first is the default."""
    openai_api_version: str
    openai_api_key: str
    openai_base_url: str
    openai_models: str
    deepseek_api_key: str
    deepseek_models: str
    ollama_host: str
    ollama_models: str
    connect_timeout_s: float
    first_token_timeout_s: float
    between_tokens_timeout_s: float
    emulator_profile: str


class Client:
    """The configured models, with connections that are kept from one answer to the next.

    It is configured like the server: by arguments, by the standard environment variables (``AZURE_OPENAI_ENDPOINT``,
    ``OPENAI_API_KEY`` ...), or by ``penstock.toml``, in this order. With nothing configured the bundled emulator
    answers, and a warning is logged. ``pipelines`` are generators of the program's own, which answer like models under
    the ids that they are given. It opens with the first answer, and belongs to the event loop of that one.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        pipelines: Mapping[str, Pipeline] | None = None,
        **configuration: Unpack[Configuration],
    ) -> None:
        """Read the configuration; raises `SettingsError` with one sentence when it is wrong."""
        self._settings = settings or load_settings(**configuration)
        self._pipelines = pipelines
        self._stack = AsyncExitStack()
        self._catalog: ConfiguredCatalog | None = None
        self._opening = asyncio.Lock()
        self._instruments = Instruments(accountant=GenaiAccountant(), clock=SystemClock(), ids=SystemIds())

    def __repr__(self) -> str:
        """Show the models."""
        return f"Client({self._catalog!r})"

    async def __aenter__(self) -> Self:
        """Give the client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()

    def stream(self, prompt: Prompt, **asking: Unpack[Asking]) -> AnswerStream:
        """Ask for an answer as it is made; raises `CallerError` that names the field at fault."""
        request = make_request(prompt, **asking)
        check_request(request)
        return AnswerStream(lambda: self._begin(request))

    async def collect(self, prompt: Prompt, **asking: Unpack[Asking]) -> Answer:
        """Ask for a whole answer; raises `AnswerError`, which has the part that there is, when it is not whole."""
        async with self.stream(prompt, **asking) as answer:
            async for _ in answer:
                pass
        return answer.answer.raise_for_status()

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """Give the configured models, the default one first."""
        return tuple((await self._open()).list())

    async def close(self) -> None:
        """Close all connections; an answer after that opens them again."""
        stack, self._stack = self._stack, AsyncExitStack()
        self._catalog = None
        self._opening = asyncio.Lock()
        await stack.aclose()

    @asynccontextmanager
    async def _begin(self, request: ChatRequest) -> AsyncGenerator[DirectRun]:
        model = (await self._open()).find(request.model)
        yield DirectRun(model, stateless_prompt(model, request), self._instruments)

    async def _open(self) -> ConfiguredCatalog:
        async with self._opening:
            if self._catalog is None:
                models = await self._stack.enter_async_context(open_models(self._settings, self._pipelines))
                self._catalog = models.catalog
                if models.emulator_url is not None:
                    _log.warning("No model is configured: the bundled emulator answers, which is no model.")
        return self._catalog
