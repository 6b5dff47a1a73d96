"""``penstock models``."""

from __future__ import annotations

from support.command import Run


def test_the_models_are_listed_with_their_prices(run: Run):
    text = run("models", OPENAI_API_KEY="k").stdout
    assert "gpt-5.4-mini (default)" in text
    assert "0.75" in text


def test_without_models_it_says_what_answers(run: Run):
    assert "emulator" in run("models").stdout
