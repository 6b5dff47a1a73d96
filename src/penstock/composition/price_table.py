"""Prices and context windows for the picker, from genai-prices' offline table; what it does not know stays unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

from penstock.core.ports import Prices

_TABLE_NAMES: Final = {"azure_openai": "azure"}
"""Our provider's name -> the table's, where they differ."""


class Known(Struct, frozen=True):
    """What the table knows of a model."""

    prices: Prices | None = None
    context_window: int | None = None


def look_up(model: str, *, provider: str) -> Known:
    """Look a model up by its service name; loads the table at the first call (some 50 ms)."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415 - heavy, and most runs of the program need none
    from genai_prices.types import ModelPrice  # noqa: PLC0415 - as above

    try:
        _, found = get_snapshot().find_provider_model(model, None, _TABLE_NAMES.get(provider, provider), None)
    except LookupError:
        return Known()
    prices = found.prices
    if not isinstance(prices, ModelPrice):  # prices that depend on the time of day have no one figure
        return Known(context_window=found.context_window)
    return Known(
        prices=Prices(
            input_usd=_plain(prices.input_mtok),
            output_usd=_plain(prices.output_mtok),
            cached_usd=_plain(prices.cache_read_mtok),
        ),
        context_window=found.context_window,
    )


def _plain(price: object) -> float | None:
    return float(price) if isinstance(price, Decimal) else None
