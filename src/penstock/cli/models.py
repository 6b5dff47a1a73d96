"""``penstock models``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from penstock.cli.failure import one_sentence
from penstock.composition.catalog import configured_models, make_catalog
from penstock.composition.provider_factory import Providers
from penstock.composition.settings import load_settings
from penstock.core.ports import ModelInfo


def run_models(*, config: Path | None) -> None:
    """List the configured models."""
    with one_sentence():
        settings = load_settings(config)
        chosen = configured_models(settings)
        if not chosen:
            print("No model is configured: `penstock serve` answers with the bundled emulator.")
            return
        providers = Providers(settings)
        infos = make_catalog(chosen, providers).list()
        asyncio.run(providers.close())
    Console().print(_make_table(infos))


def _make_table(infos: Sequence[ModelInfo]) -> Table:
    table = Table("model", "provider", "context", "$ in / M", "$ out / M", box=None, pad_edge=False)
    for info in infos:
        mark = " (default)" if info.is_default else ""
        prices = info.prices
        table.add_row(
            f"{info.id}{mark}",
            info.provider,
            _figure(info.context_window),
            _figure(prices.input_usd if prices else None),
            _figure(prices.output_usd if prices else None),
        )
    return table


def _figure(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,}"
