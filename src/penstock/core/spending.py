"""What several answers took together: tokens and money added up, with what is not known about them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from penstock.core.messages import Conversation, Run, TokenUsage
from penstock.core.usage import Cost, UsageSource


class Spending(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The tokens and the money of a conversation, over all its runs, shown or not."""

    runs: int = 0
    usage: TokenUsage | None = None
    """None when nothing reached a model service."""
    cost: Cost | None = None
    """What is known of the price, None when nothing is."""
    unpriced_runs: int = 0
    """Runs that used tokens of which no price is known: the cost is at least what stands there."""


def add_usage(first: TokenUsage | None, second: TokenUsage | None) -> TokenUsage | None:
    """Add two; what only one knows is the other's nothing, and the weaker source is the sum's."""
    if first is None or second is None:
        return first or second
    return TokenUsage(
        input=_add(first.input, second.input),
        output=_add(first.output, second.output),
        total=_add(first.total, second.total),
        cached=_add(first.cached, second.cached),
        cache_write=_add(first.cache_write, second.cache_write),
        reasoning=_add(first.reasoning, second.reasoning),
        source=_weaker(first.source, second.source),
    )


def add_cost(first: Cost | None, second: Cost | None) -> Cost | None:
    """Add what is known; the sum names no price model, for there may be several."""
    known = [cost for cost in (first, second) if cost is not None and cost.usd is not None]
    if not known:
        return first or second
    return Cost(usd=sum(cost.usd or 0.0 for cost in known), is_estimated=any(cost.is_estimated for cost in known))


def add_up(spent: Iterable[tuple[TokenUsage | None, Cost | None]]) -> Spending:
    """Add up what each run took."""
    runs = unpriced = 0
    usage: TokenUsage | None = None
    cost: Cost | None = None
    for run_usage, run_cost in spent:
        runs += 1
        usage = add_usage(usage, run_usage)
        cost = add_cost(cost, run_cost)
        unpriced += run_usage is not None and (run_cost is None or run_cost.usd is None)
    return Spending(runs=runs, usage=usage, cost=cost, unpriced_runs=unpriced)


def add_up_conversation(conversation: Conversation, runs: Iterable[Run]) -> Spending:
    """Add up a conversation's runs, and what its title took."""
    answers = add_up((run.usage, run.cost) for run in runs)
    return replace(
        answers,
        usage=add_usage(answers.usage, conversation.title_usage),
        cost=add_cost(answers.cost, conversation.title_cost),
    )


def _add(first: int | None, second: int | None) -> int | None:
    return None if first is None and second is None else (first or 0) + (second or 0)


def _weaker(first: UsageSource, second: UsageSource) -> UsageSource:
    if "lower_bound" in (first, second):
        return "lower_bound"
    return "estimated" if "estimated" in (first, second) else "provider"
