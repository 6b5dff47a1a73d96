"""Settings -> the models that can be picked. With ``provider_factory.py`` the only place that names providers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from penstock.composition.price_table import look_up
from penstock.composition.provider_factory import Providers
from penstock.composition.settings import Capability, ModelSettings, Settings, SettingsError, check_model_id
from penstock.core.errors import CallerError
from penstock.core.ports import Model, ModelInfo, Provider
from penstock.core.requests import Options
from penstock.providers.own_code import OwnCode, Pipeline

EMULATED: Final = (
    ModelSettings(
        id="gpt-5.4-mini",
        name="gpt-5.4-mini (emulated)",
        provider="azure_openai",
        family="gpt-5",
        capabilities=("text", "images", "tools"),
    ),
    ModelSettings(
        id="deepseek-reasoner",
        name="deepseek-reasoner (emulated)",
        provider="deepseek",
        capabilities=("text", "reasoning"),
    ),
)
"""What the bundled emulator offers; two providers, so that the picker has something to pick from."""


_KNOWN_CAPABILITIES: Final[tuple[tuple[re.Pattern[str], tuple[Capability, ...]], ...]] = (
    (re.compile(r"gpt-(?:[5-9]|\d\d).*-chat|gpt-4o|gpt-4\.[15]|gpt-4-turbo"), ("images", "tools")),
    (re.compile(r"gpt-(?:[5-9]|\d\d)|o1(?!-mini)|o3(?!-mini)|o4|codex"), ("images", "tools", "reasoning")),
    (re.compile(r"o\d-mini|deepseek-r|deepseek-reasoner|gpt-oss|qwq"), ("tools", "reasoning")),
    (re.compile(r"gpt-|deepseek-|llama3\.[1-9]|qwen|mistral"), ("tools",)),
    (re.compile(r"llava|gemma3|moondream|minicpm-v|llama3\.2-vision"), ("images",)),
)
"""Names of models -> what they can do beside text; the first that fits counts."""


class ConfiguredCatalog:
    """The models of the settings; implements `core.ports.Catalog`."""

    def __init__(self, models: Sequence[Model]) -> None:
        """Keep them; the first is the default."""
        self._models = {model.info.id: model for model in models}
        self._default_id = models[0].info.id

    def __repr__(self) -> str:
        """Show the ids."""
        return f"ConfiguredCatalog({list(self._models)})"

    def list(self) -> Sequence[ModelInfo]:
        """Give what the picker shows, the default first; prices are looked up at the first call."""
        return self._infos

    def find(self, model_id: str | None) -> Model:
        """Give the model; the default for None."""
        model = self._models.get(model_id or self._default_id)
        if model is None:
            known = ", ".join(self._models)
            message = f"There is no model {str(model_id)[:100]!r} here; there is: {known}."
            raise CallerError(message, field="model", code="unknown_model")
        return model

    @cached_property
    def _infos(self) -> tuple[ModelInfo, ...]:
        return tuple(_with_prices(model) for model in self._models.values())


def known_capabilities(name: str) -> tuple[Capability, ...]:
    """Give what models of this name can do, as far as the name tells it; a deployment may be called anything."""
    known = next((found for pattern, found in _KNOWN_CAPABILITIES if pattern.match(name.lower())), ())
    return ("text", *known)


def configured_models(settings: Settings) -> tuple[ModelSettings, ...]:
    """Give every model that the settings name, those of ``[[models]]`` first; none means the emulator answers."""
    found: dict[str, ModelSettings] = {}
    for model in (*settings.models, *_standard_models(settings)):
        found.setdefault(model.id, model)
    if len({model.id for model in settings.models}) < len(settings.models):
        message = "The setting models is wrong: two [[models]] have the same id."
        raise SettingsError(message)
    return tuple(found.values())


def find_title_model(settings: Settings, catalog: ConfiguredCatalog) -> str | None:
    """Give the model that names conversations; raises `SettingsError` when there is none of that id."""
    try:
        return settings.title_model and catalog.find(settings.title_model).info.id
    except CallerError as error:
        message = f"The setting title_model is wrong: {error.message}"
        raise SettingsError(message) from error


def make_catalog(
    models: Sequence[ModelSettings],
    providers: Providers,
    *,
    pipelines: Mapping[str, Pipeline] | None = None,
    is_emulated: bool = False,
) -> ConfiguredCatalog:
    """Wire the models to their providers; a program's own code comes first. Raises `SettingsError` for a wrong id."""
    own = [_make_own(name, pipeline) for name, pipeline in (pipelines or {}).items()]
    found = [_make_model(entry, providers.find(entry), is_emulated=is_emulated) for entry in models]
    first, *others = [*own, *found]
    info = msgspec.structs.replace(first.info, is_default=True)
    return ConfiguredCatalog([msgspec.structs.replace(first, info=info), *others])


def _standard_models(settings: Settings) -> Iterator[ModelSettings]:
    yield from (ModelSettings(id=name, provider="azure_openai") for name in _azure_deployments(settings))
    if settings.openai_api_key is not None or settings.openai_base_url is not None:
        yield from (ModelSettings(id=name, provider="openai") for name in settings.openai_models)
    if settings.deepseek_api_key is not None:
        yield from (ModelSettings(id=name, provider="deepseek") for name in settings.deepseek_models)
    if settings.ollama_host is not None:
        yield from (ModelSettings(id=name, provider="ollama") for name in settings.ollama_models)


def _azure_deployments(settings: Settings) -> tuple[str, ...]:
    if settings.azure_openai_endpoint is None:
        if settings.azure_openai_deployment:
            message = "AZURE_OPENAI_DEPLOYMENT is set, but AZURE_OPENAI_ENDPOINT is not: set it to the resource's URL."
            raise SettingsError(message)
        return ()
    if not settings.azure_openai_deployment and not settings.models:
        message = "AZURE_OPENAI_ENDPOINT is set, but AZURE_OPENAI_DEPLOYMENT is not: set it to a deployment's name."
        raise SettingsError(message)
    return settings.azure_openai_deployment


def _make_own(name: str, pipeline: Pipeline) -> Model:
    try:
        check_model_id(name)
    except ValueError as error:
        raise SettingsError(str(error)) from error
    provider = OwnCode(pipeline)
    info = ModelInfo(id=name, name=name, provider=provider.name, capabilities=("text",))
    return Model(info=info, provider=provider, service_name=name, is_own_code=True)


def _make_model(entry: ModelSettings, provider: Provider, *, is_emulated: bool) -> Model:
    info = ModelInfo(
        id=entry.id,
        name=entry.name or entry.id,
        provider=provider.name,
        context_window=entry.context_window,
        capabilities=_capabilities(entry),
        is_emulated=is_emulated,
    )
    return Model(
        info=info,
        provider=provider,
        service_name=entry.deployment or entry.id,
        defaults=Options(reasoning_effort=entry.reasoning_effort),
    )


def _capabilities(entry: ModelSettings) -> tuple[Capability, ...]:
    if entry.capabilities is not None:
        return entry.capabilities
    return known_capabilities(entry.family or entry.deployment or entry.id)


def _with_prices(model: Model) -> ModelInfo:
    found = look_up(model.service_name, provider=model.info.provider)
    return msgspec.structs.replace(
        model.info,
        prices=found.prices,
        context_window=model.info.context_window or found.context_window,
    )
