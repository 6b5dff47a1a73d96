"""Prices for the picker."""

from __future__ import annotations

from penstock.composition.price_table import Known, look_up


def test_a_known_model_has_its_price_and_window():
    known = look_up("gpt-5.4-mini", provider="azure_openai")
    assert known.prices is not None
    assert known.prices.input_usd is not None
    assert known.context_window is not None


def test_what_the_table_does_not_know_stays_unknown():
    assert look_up("my-deployment", provider="azure_openai") == Known()
    assert look_up("gpt-5.4-mini", provider="nobody") == Known()
