"""What came of an answer: all that its events said, folded; and the error of one that is not whole."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from penstock.core.errors import PenstockError
from penstock.core.events import FinishReason
from penstock.core.messages import FoldedMessage, ReasoningPart, RefusalPart, SourcePart, TokenUsage, ToolPart
from penstock.core.usage import Cost, Timings
from penstock.wire.outcome import INTERRUPTIONS, STOPS

Status = Literal["pending", "running", "finished", "failed", "stopped", "interrupted"]


class Answer(Struct, frozen=True, kw_only=True):
    """An answer as far as it was read; `status` says whether it is whole, which only ``finished`` is."""

    message: FoldedMessage
    """All of it, part by part."""
    chunks: tuple[str, ...] = ()
    """The pieces of text, as they came."""

    @property
    def text(self) -> str:
        """The text, without reasoning and refusals."""
        return self.message.text

    @property
    def reasoning(self) -> str:
        """What the model thought, as far as it says."""
        return "".join(part.text for part in self.message.parts if isinstance(part, ReasoningPart))

    @property
    def refusal(self) -> str:
        """The model's own words for declining; empty when it did not."""
        return "".join(part.text for part in self.message.parts if isinstance(part, RefusalPart))

    @property
    def tool_calls(self) -> tuple[ToolPart, ...]:
        """The calls that the model asks for."""
        return tuple(part for part in self.message.parts if isinstance(part, ToolPart))

    @property
    def sources(self) -> tuple[SourcePart, ...]:
        """What the answer stands on."""
        return tuple(part for part in self.message.parts if isinstance(part, SourcePart))

    @property
    def status(self) -> Status:
        """How it ended, or that it has not."""
        return self.message.status

    @property
    def finish_reason(self) -> FinishReason | None:
        """Why the service ended it; None unless it is ``finished``."""
        return self.message.finish_reason

    @property
    def model(self) -> str | None:
        """The model that answered, as the service names it."""
        return self.message.model

    @property
    def usage(self) -> TokenUsage | None:
        """The tokens; their ``source`` says whether the service counted them."""
        return self.message.usage

    @property
    def cost(self) -> Cost | None:
        """What they cost; ``usd`` is None when the price is unknown."""
        return self.message.cost

    @property
    def timings(self) -> Timings | None:
        """How long it took."""
        return self.message.timings

    @property
    def error(self) -> AnswerError | None:
        """Why it is not whole; None while it is made, when it finished, and when its reader stopped it."""
        message = self.message
        detail = message.detail or ""
        match message.status:
            case "failed" if message.failure is not None:
                failure = message.failure
                error = AnswerError(failure.message, code=failure.code, is_retryable=failure.retryable)
                error.retry_after_s = failure.retry_after_s
            case "interrupted":
                code, sentence = _INTERRUPTIONS[detail]
                error = AnswerError(sentence, code=code, is_retryable=True)
            case "stopped" if detail != "user":
                code, sentence = _STOPS[detail]
                error = AnswerError(sentence, code=code)
            case _:
                return None
        error.answer = self
        return error

    def raise_for_status(self) -> Answer:
        """Raise the `error`, if there is one; gives the answer itself."""
        error = self.error
        if error is not None:
            raise error
        return self


class AnswerError(PenstockError):
    """An answer is not whole: it failed, was interrupted, or was stopped by other than its reader."""

    code = "answer_error"
    answer: Answer
    """What there is of it."""


_INTERRUPTIONS: dict[str, tuple[str, str]] = {**INTERRUPTIONS}
_STOPS: dict[str, tuple[str, str]] = {**STOPS}
