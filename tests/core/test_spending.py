"""What sums promise: nothing known is lost, nothing unknown is invented."""

from __future__ import annotations

import pytest

from penstock.core.messages import Conversation, Run, TokenUsage
from penstock.core.spending import Spending, add_cost, add_up, add_up_conversation, add_usage
from penstock.core.usage import Cost


def test_nothing_spent_is_nothing():
    assert add_up(()) == Spending()
    assert add_up([(None, None)]) == Spending(runs=1)


def test_tokens_and_money_are_added():
    spent = [
        (TokenUsage(input=10, output=5, total=15, cached=4), Cost(usd=0.5, price_model="a")),
        (TokenUsage(input=1, output=2, total=3, reasoning=2, cache_write=1), Cost(usd=0.25, price_model="b")),
    ]
    usage = TokenUsage(input=11, output=7, total=18, cached=4, reasoning=2, cache_write=1)
    assert add_up(spent) == Spending(runs=2, usage=usage, cost=Cost(usd=0.75))


def test_naming_a_conversation_is_a_part_of_what_it_took():
    run = Run(
        id="r", owner="o", message_id="m", model="x", created_at=1.0, usage=TokenUsage(output=5), cost=Cost(usd=1.0)
    )
    conversation = Conversation(
        id="c", owner="o", created_at=1.0, updated_at=1.0, title_usage=TokenUsage(output=2), title_cost=Cost(usd=0.5)
    )
    expected = Spending(runs=1, usage=TokenUsage(output=7), cost=Cost(usd=1.5))
    assert add_up_conversation(conversation, [run]) == expected


def test_a_run_without_a_price_is_counted_and_not_guessed():
    spent = [(TokenUsage(output=5), Cost(usd=0.5)), (TokenUsage(output=5), Cost()), (TokenUsage(output=5), None)]
    summed = add_up(spent)
    assert summed.cost == Cost(usd=0.5)
    assert summed.unpriced_runs == 2
    assert add_up(spent[1:]).cost == Cost()


def test_an_estimate_stays_an_estimate_in_the_sum():
    assert add_cost(Cost(usd=1.0), Cost(usd=1.0, is_estimated=True)) == Cost(usd=2.0, is_estimated=True)
    assert add_cost(None, None) is None


@pytest.mark.parametrize(
    ("first", "second", "weaker"),
    [
        ("provider", "provider", "provider"),
        ("provider", "estimated", "estimated"),
        ("lower_bound", "estimated", "lower_bound"),
    ],
)
def test_the_sum_is_as_sure_as_its_weakest_part(first: str, second: str, weaker: str):
    summed = add_usage(TokenUsage(output=1, source=first), TokenUsage(output=1, source=second))
    assert summed == TokenUsage(output=2, source=weaker)
