"""What an encoder notes of a run for the object that ends its answer."""

from __future__ import annotations

from typing import Any

import msgspec

from penstock.core import events as e
from penstock.wire.dialect import StreamContext
from penstock.wire.outcome import VOIDED, describe_ending, describe_spending, without_none


class Account:
    """The model that answered, the tokens, and whether words that went out became void."""

    __slots__ = ("_context", "_is_voided", "has_words", "model", "usage")

    def __init__(self, context: StreamContext) -> None:
        """Start with what is known before the first event."""
        self._context = context
        self._is_voided = False
        self.has_words = False
        """Whether the step in hand has shown anything; the encoder says so."""
        self.model = context.model
        self.usage: e.Usage | None = None

    def __repr__(self) -> str:
        """Show what is noted."""
        return f"Account(model={self.model!r}, usage={self.usage!r}, is_voided={self._is_voided})"

    def start_step(self, event: e.StepStarted) -> None:
        """Note the model that the service says answers."""
        self.model = event.model or self.model
        self.has_words = False

    def reset_step(self) -> None:
        """Note that what the step has shown is void."""
        self._is_voided = self._is_voided or self.has_words
        self.has_words = False

    def judge(self, terminal: e.Terminal) -> e.Terminal:
        """Give the ending as this reader must see it: one who has read void words has no finished answer."""
        if self._is_voided and isinstance(terminal, e.RunFinished):
            code, sentence = VOIDED
            return e.RunFailed(code=code, message=sentence, retryable=True, timings=terminal.timings)
        return terminal

    def summarise(self, terminal: e.Terminal) -> dict[str, Any]:
        """Give all there is to say: how it ended, what was spent, how long it took, and whose answer it was."""
        timings = None if terminal.timings is None else msgspec.to_builtins(terminal.timings)
        about = without_none(
            timings=timings,
            model=self.model,
            run_id=self._context.run_id,
            message_id=self._context.message_id,
            conversation_id=self._context.conversation_id,
        )
        return {**describe_ending(terminal), **describe_spending(self.usage), **about}
