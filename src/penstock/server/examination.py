"""What ``penstock doctor`` looks at: settings, database, page, and every configured model, tried for real."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from penstock.composition.catalog import configured_models, make_catalog
from penstock.composition.provider_factory import Providers
from penstock.composition.settings import Settings
from penstock.composition.storage import check_storage, is_shared, open_store, place_of
from penstock.composition.system import SystemClock
from penstock.core.errors import PenstockError, ProviderError
from penstock.core.ports import Model
from penstock.providers.azure_openai import AzureOpenAI
from penstock.providers.openai_chat import OpenAIChat
from penstock.providers.probe import ProbeReport
from penstock.server.routes.page import STATIC

_REMEDIES: Final = {
    "authentication": "Check the key (AZURE_OPENAI_API_KEY, OPENAI_API_KEY ...); without one, run `az login`.",
    "permission": "Give the account the role Cognitive Services OpenAI User on the resource.",
    "deployment_not_found": "Check the deployment's name (AZURE_OPENAI_DEPLOYMENT), and that the endpoint is its own.",
    "connection": "Check the endpoint's name and that this machine reaches it.",
    "timeout": "Check that this machine reaches the endpoint; a firewall may drop the packets.",
    "rate_limited": "The key works; wait, or raise the deployment's quota.",
    "bad_response": "Check the endpoint: what answers there is not a chat completions service.",
}


class Finding(Struct, frozen=True, kw_only=True):
    """One line of the report."""

    level: Literal["ok", "hint", "fault"]
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; nothing is changed but the database's version."""
    engine = _examine_bus(settings) if is_shared(settings) else _examine_sqlite()
    return [await _examine_database(settings), engine, _examine_page(), *await _examine_models(settings)]


async def _examine_database(settings: Settings) -> Finding:
    try:
        check_storage(settings)
        store = await open_store(settings, clock=SystemClock())
        try:
            await store.check()
        finally:
            await store.close()
    except PenstockError as error:
        return Finding(level="fault", text=f"Database: {error.message}")
    return Finding(level="ok", text=f"Database: {place_of(settings)} can be written and is at this program's version.")


def _examine_bus(settings: Settings) -> Finding:
    if settings.redis_url is None:
        hint = "Bus: the database joins the instances; with PENSTOCK_REDIS_URL, Redis does so faster."
        return Finding(level="hint", text=hint)
    return Finding(level="ok", text="Bus: Redis joins the instances, and the database does while it is away.")


def _examine_sqlite() -> Finding:
    version = sqlite3.sqlite_version
    return Finding(level="ok", text=f"SQLite {version}; one writer does every checkpoint.")


def _examine_page() -> Finding:
    if (STATIC / "index.html").is_file():
        return Finding(level="ok", text="Web page: built.")
    return Finding(level="hint", text="Web page: not built; the API works. `pip install .` in the checkout builds it.")


async def _examine_models(settings: Settings) -> list[Finding]:
    providers = Providers(settings)
    try:
        chosen = configured_models(settings)
        if not chosen:
            return [Finding(level="hint", text=_NOT_CONFIGURED)]
        catalog = make_catalog(chosen, providers)
        found = [catalog.find(model.id) for model in chosen]
        return list(await asyncio.gather(*(_examine_model(model) for model in found)))
    except PenstockError as error:
        return [Finding(level="fault", text=error.message)]
    finally:
        await providers.close()


async def _examine_model(model: Model) -> Finding:
    match model.provider:
        case AzureOpenAI() | OpenAIChat() as provider:
            return _read_report(model, await provider.probe(model.service_name))
        case _:
            return Finding(level="hint", text=f"Model {model.info.id}: cannot be tried.")


def _read_report(model: Model, report: ProbeReport) -> Finding:
    name = f"Model {model.info.id} ({model.info.provider})"
    if report.is_answering:
        took = "" if report.first_event_ms is None else f" after {report.first_event_ms:.0f} ms"
        return Finding(level="ok", text=f"{name}: answers{took}.")
    return Finding(level="fault", text=f"{name}: {_explain(report.error, report.models.models)}")


def _explain(error: ProviderError | None, offered: Sequence[str]) -> str:
    if error is None:
        return "it ended without an answer."
    hint = _REMEDIES.get(error.code, "")
    offer = (
        f" The service offers: {', '.join(offered[:10])}." if offered and error.code == "deployment_not_found" else ""
    )
    return f"{error.message} {hint}{offer}".strip()


_NOT_CONFIGURED: Final = (
    "No model is configured: the bundled emulator answers. Set AZURE_OPENAI_ENDPOINT, AZURE_OPENAI_DEPLOYMENT and "
    "AZURE_OPENAI_API_KEY (without the key, Entra ID signs in), or OPENAI_API_KEY, or list models in penstock.toml."
)
