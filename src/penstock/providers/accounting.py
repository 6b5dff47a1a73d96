"""Tokens and money: counts by the tokeniser when it is installed, prices by the offline table of genai-prices.

An estimate says that it is one, and an unknown price stays unknown.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import msgspec

from penstock.core import messages as m
from penstock.core.events import Usage
from penstock.core.messages import FoldedMessage, TokenUsage
from penstock.core.requests import ModelRequest
from penstock.core.usage import Cost, UsageSource

_CHARACTERS_PER_TOKEN: Final = 4
_TOKENS_PER_MESSAGE: Final = 3
_TOKENS_PER_REPLY: Final = 3
_HIDDEN_TOKENS: Final = 4
"""A GPT-5 answer is billed about so many tokens more than its text has: measured, 11 billed for 7 visible."""
_HIDING_MODELS: Final = ("gpt-5", "gpt-6")
_REASONING_MODELS: Final = ("gpt-5", "gpt-6", "o1", "o3", "o4")
_TOKENS_PER_IMAGE: Final = 765
"""A picture of 1024 x 1024 in high detail; the real figure depends on the model."""

CountTokens = Callable[[str], int]


class GenaiAccountant:
    """Implements `penstock.core.ports.Accountant`. The libraries load on first use: they take 0.3 s."""

    def __init__(self, count_tokens: CountTokens | None = None) -> None:
        """Count with this function; None is the tokeniser, or characters / 4 where it is not installed."""
        self._count_tokens = count_tokens

    def __repr__(self) -> str:
        """Show nothing: it has no state of interest."""
        return "GenaiAccountant()"

    def estimate(self, request: ModelRequest, message: FoldedMessage) -> Usage:
        """Count from the text; ``lower_bound`` when the model may have reasoned without showing it."""
        count = self._count_tokens or _find_counter()
        shown = [_text_of(part) for part in message.parts]
        model = message.model or request.model
        visible = sum(count(text) for text in shown if text)
        hidden = _HIDDEN_TOKENS if visible and model.startswith(_HIDING_MODELS) else 0
        reasoning = sum(count(part.text) for part in message.parts if isinstance(part, m.ReasoningPart))
        is_hidden = model.startswith(_REASONING_MODELS) and not reasoning and request.options.reasoning_effort != "none"
        source: UsageSource = "lower_bound" if is_hidden else "estimated"
        prompt = _count_prompt(request, count)
        output = visible + hidden
        return Usage(input=prompt, output=output, total=prompt + output, reasoning=reasoning or None, source=source)

    def price(self, usage: TokenUsage, *, model: str | None, provider: str) -> Cost:
        """Price by the model that answered, at the provider's price, on Azure OpenAI's else OpenAI's."""
        is_estimated = usage.source != "provider"
        if model is None or usage.input is None or usage.output is None:
            return Cost(is_estimated=is_estimated)
        for provider_id in _PROVIDER_IDS.get(provider, (provider,)):
            priced = _calculate(usage, model, provider_id)
            if priced is not None:
                usd, price_model = priced
                return Cost(usd=usd, is_estimated=is_estimated, price_model=price_model)
        return Cost(is_estimated=is_estimated)


_PROVIDER_IDS: Final[dict[str, tuple[str, ...]]] = {"azure_openai": ("azure", "openai"), "openai_chat": ("openai",)}


def _calculate(usage: TokenUsage, model: str, provider_id: str) -> tuple[float, str] | None:
    """Ask the table; None when it knows no price, or finds the figures contradictory."""
    from genai_prices import Usage as PricedUsage  # noqa: PLC0415 - loading it takes 0.3 s, and starting must not
    from genai_prices import calc_price  # noqa: PLC0415 - the same

    counted = PricedUsage(
        input_tokens=usage.input,
        output_tokens=usage.output,
        cache_read_tokens=usage.cached or None,
        cache_write_tokens=usage.cache_write or None,
    )
    try:
        result = calc_price(counted, model, provider_id=provider_id)
    except (LookupError, ValueError):
        return None
    return float(result.total_price), result.model.id


def _count_prompt(request: ModelRequest, count: CountTokens) -> int:
    total = _TOKENS_PER_REPLY
    if request.system_prompt:
        total += _TOKENS_PER_MESSAGE + count(request.system_prompt)
    for message in request.messages:
        total += _TOKENS_PER_MESSAGE
        for part in message.parts:
            text = "" if isinstance(part, m.ReasoningPart) else _text_of(part)
            total += _TOKENS_PER_IMAGE if isinstance(part, m.ImagePart) else count(text)
    if request.options.tools:
        total += count(msgspec.json.encode(request.options.tools).decode())
    return total


def _text_of(part: m.Part) -> str:
    match part:
        case m.TextPart() | m.ReasoningPart() | m.RefusalPart():
            return part.text
        case m.ToolPart():
            return part.name + part.arguments
        case _:
            return ""


def count_characters(text: str) -> int:
    """Count tokens as characters / 4: right within a third for English, too low for most other languages."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


@cache
def _find_counter() -> CountTokens:
    """Find rs-bpe's o200k, the tokeniser of all present OpenAI models; it works without a network."""
    try:
        library: Any = importlib.import_module("rs_bpe.bpe.openai")
    except ImportError:
        return count_characters
    tokeniser: Any = library.o200k_base()

    def count_tokens(text: str) -> int:
        return int(tokeniser.count(text))

    return count_tokens
