"""Tokens and money: estimates are labelled, unknown prices stay unknown."""

from __future__ import annotations

import subprocess
import sys

import pytest

from penstock.core import messages as m
from penstock.core.messages import FoldedMessage, TokenUsage
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.providers.accounting import GenaiAccountant, count_characters

QUESTION = InputMessage(role="user", parts=(m.TextPart(text="x" * 40),))


def request(**options: object) -> ModelRequest:
    return ModelRequest(model="dep", messages=(QUESTION,), options=Options(**options))  # pyright: ignore[reportArgumentType] - any option


def test_an_answer_is_priced_by_the_model_that_gave_it():
    cost = GenaiAccountant().price(
        TokenUsage(input=1_000_000, output=0), model="gpt-4o-mini-2024-07-18", provider="azure_openai"
    )
    assert cost.usd == pytest.approx(0.15, rel=0.2)
    assert cost.price_model == "gpt-4o-mini"
    assert not cost.is_estimated


def test_cached_tokens_cost_less():
    accountant = GenaiAccountant()
    full = accountant.price(TokenUsage(input=10_000, output=1), model="gpt-4o-mini", provider="azure_openai").usd
    cached = accountant.price(
        TokenUsage(input=10_000, output=1, cached=8_000), model="gpt-4o-mini", provider="azure_openai"
    ).usd
    assert full is not None
    assert cached is not None
    assert cached < full


@pytest.mark.parametrize(
    ("model", "provider"), [("no-such-model", "azure_openai"), ("gpt-4o", "nobody"), (None, "openai")]
)
def test_an_unknown_price_stays_unknown(model: str | None, provider: str):
    cost = GenaiAccountant().price(TokenUsage(input=1, output=1), model=model, provider=provider)
    assert (cost.usd, cost.price_model) == (None, None)


def test_figures_that_contradict_each_other_have_no_price():
    usage = TokenUsage(input=1, output=1, cached=5)
    assert GenaiAccountant().price(usage, model="gpt-4o-mini", provider="azure_openai").usd is None


def test_the_cost_of_an_estimate_is_an_estimate():
    usage = TokenUsage(input=10, output=10, source="lower_bound")
    assert GenaiAccountant().price(usage, model="gpt-4o-mini", provider="openai").is_estimated


def test_tokens_are_estimated_from_the_text():
    message = FoldedMessage(model="llama", parts=(m.TextPart(text="y" * 8),))
    usage = GenaiAccountant(count_characters).estimate(request(), message)
    assert (usage.input, usage.output, usage.total, usage.source) == (16, 2, 18, "estimated")


def test_an_answer_that_may_hide_its_reasoning_is_a_lower_bound():
    message = FoldedMessage(model="gpt-5-mini", parts=(m.TextPart(text="y" * 8),))
    accountant = GenaiAccountant(count_characters)
    assert accountant.estimate(request(), message).source == "lower_bound"
    assert accountant.estimate(request(reasoning_effort="none"), message).source == "estimated"


def test_importing_it_does_not_load_the_price_table():
    """Starting the program must stay fast."""
    program = "import sys, penstock.providers.accounting; sys.exit('genai_prices' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
