"""What a stop answers; that it tells the truth is tested with the engine and the producer."""

from __future__ import annotations

from penstock.core.messages import Run, TokenUsage
from penstock.core.usage import Cost
from penstock.runs.receipt import Receipt, receipt_of


def test_a_receipt_has_what_is_kept_of_the_run():
    usage, cost = TokenUsage(output=3), Cost(usd=0.5)
    run = Run(id="r", owner="ann", message_id="a", model="m", status="stopped", created_at=1, usage=usage, cost=cost)
    assert receipt_of(run, upstream_closed=False, stop_ms=2.5) == Receipt(
        status="stopped", upstream_closed=False, stop_ms=2.5, usage=usage, cost=cost
    )
