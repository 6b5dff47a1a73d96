"""The models, open: their providers, and the bundled emulator when no model is configured."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from penstock.composition.catalog import EMULATED, ConfiguredCatalog, configured_models, make_catalog
from penstock.composition.provider_factory import Providers
from penstock.composition.settings import ModelSettings, Settings
from penstock.emulator.server import start_emulator
from penstock.providers.own_code import Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModels:
    """What can answer."""

    catalog: ConfiguredCatalog
    emulator_url: str | None = None
    """Where the bundled emulator listens, when it answers because no model is configured."""


@contextlib.asynccontextmanager
async def open_models(
    settings: Settings, pipelines: Mapping[str, Pipeline] | None = None
) -> AsyncGenerator[OpenModels]:
    """Open what the settings name, and a program's own code under the ids that it is given.

    Raises `SettingsError` when the settings do not say enough.
    """
    async with contextlib.AsyncExitStack() as stack:
        chosen = configured_models(settings)
        emulator_url: str | None = None
        if not (chosen or pipelines):
            emulator = await start_emulator(profile=settings.emulator_profile)
            stack.push_async_callback(emulator.close)
            emulator_url = emulator.url
            chosen = _at(emulator_url)
        providers = Providers(settings)
        stack.push_async_callback(providers.close)
        catalog = make_catalog(chosen, providers, pipelines=pipelines, is_emulated=emulator_url is not None)
        yield OpenModels(catalog=catalog, emulator_url=emulator_url)


def _at(emulator_url: str) -> tuple[ModelSettings, ...]:
    """Give the emulated models, which live on the port that the emulator took."""
    places = {"azure_openai": emulator_url, "deepseek": f"{emulator_url}/v1"}
    return tuple(
        model.model_copy(update={"endpoint": places[model.provider], "api_key": SecretStr("emulator")})
        for model in EMULATED
    )
