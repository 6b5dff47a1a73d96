"""What the emulator says: a table of rules over the last user message. The words are in ``texts/``, one file each.

It never pretends to be a model. What it can do for a person: say how to connect a real one, show what the page can
do, and answer in exact ways that tests and demonstrations can count on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate, cycle, islice

from msgspec import Struct
from msgspec.structs import replace

from penstock.emulator.tokens import split
from penstock.emulator.tools import ToolCall

_MOST_NUMBERS = 200_000
_MOST_WORDS = 50_000
_CONTINUE = re.compile(r"\bcontinue\b", re.IGNORECASE)
_CONTINUED = 3
"""Question, answer, and the request to continue it."""
_SHORT_WORD = 3
_TITLE_WORDS = 5


class Answer(Struct, frozen=True, kw_only=True):
    """What to say, token by token, and the reasoning shown before it."""

    tokens: tuple[str, ...]
    reasoning: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()

    @property
    def size(self) -> int:
        """How many tokens it has."""
        return len(self.reasoning) + len(self.tokens) + sum(len(call.fragments) for call in self.calls)

    def cut(self, size: int) -> Answer:
        """Give its first tokens, as a limit does; a call may be cut inside its arguments."""
        reasoning = self.reasoning[:size]
        left = size - len(reasoning)
        tokens = self.tokens[:left]
        left -= len(tokens)
        calls: list[ToolCall] = []
        for call in self.calls:
            if left <= 0:
                break
            calls.append(replace(call, fragments=call.fragments[:left]))
            left -= len(call.fragments)
        return Answer(tokens=tokens, reasoning=reasoning, calls=tuple(calls))


class Rule(Struct, frozen=True, kw_only=True):
    """When the pattern is found in the last user message, the answer is made from the match."""

    pattern: re.Pattern[str]
    answer: Callable[[re.Match[str]], tuple[str, ...]]


@cache
def text_named(name: str) -> str:
    """Give one of the texts, without spaces around it."""
    file = resources.files("penstock.emulator") / "texts" / f"{name}.md"
    return file.read_text(encoding="utf-8").strip()


@cache
def _tokens_named(name: str) -> tuple[str, ...]:
    return tuple(split(text_named(name)))


def _say(name: str) -> Callable[[re.Match[str]], tuple[str, ...]]:
    return lambda _match: _tokens_named(name)


def _echo(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(split(match[1].strip()))


def _count(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(f"⟨{number}⟩" for number in range(1, min(int(match[1]), _MOST_NUMBERS) + 1))


def _prose(match: re.Match[str]) -> tuple[str, ...]:
    wanted = min(int(match[1]), _MOST_WORDS)
    paragraphs = cycle(text_named("long").split("\n\n"))
    said: list[str] = []
    while wanted > 0:
        words = list(islice(next(paragraphs).split(), wanted))
        wanted -= len(words)
        said.append(" ".join(words))
    return tuple(split("\n\n".join(said)))


def _title(match: re.Match[str]) -> tuple[str, ...]:
    """Name what was asked by its longer words, so that it is not just its beginning."""
    words = re.findall(r"[^\W_]+", match[1])
    long_words = [word for word in words if len(word) > _SHORT_WORD] or words
    return tuple(split(" ".join(word[:1].upper() + word[1:] for word in long_words[:_TITLE_WORDS]) or "Short chat"))


def _rule(pattern: str, answer: Callable[[re.Match[str]], tuple[str, ...]]) -> Rule:
    return Rule(pattern=re.compile(pattern, re.IGNORECASE | re.DOTALL), answer=answer)


RULES: tuple[Rule, ...] = (
    _rule(r"^Give this conversation a title\b.*?\nQuestion:\n(.*)\n\nAnswer:\n", _title),
    _rule(r"^\s*echo:(.*)$", _echo),
    _rule(r"^\s*count\s+(\d{1,9})\b", _count),
    _rule(r"^\s*(?:write\s+)?long\s+(\d{1,9})\b", _prose),
    _rule(r"\b(markdown|render)\b", _say("markdown")),
    _rule(r"\blong (answer|text|reply)\b", _say("long")),
    _rule(r"\b(faults?|errors?|break|fail(s|ure)?)\b", _say("faults")),
    _rule(r"\b(connect\w*|azure|key|endpoint|deployments?|real model|set ?up|configur\w+)\b", _say("connect")),
    _rule(r"\b(stop|reload\w*|resum\w+|reconnect\w*|offline)\b", _say("stop")),
    _rule(r"\b(help|features?|what can|what do you|who are you|what are you|page)\b", _say("page")),
    _rule(r"\b(think\w*|reason\w*|why)\b", _say("thinking")),
    _rule(r"^\s*(hi|hello|hey|good (morning|day|evening))\b", _say("greeting")),
)


def answer_to(user_texts: list[str], *, images: Sequence[str] = (), shows_reasoning: bool = False) -> Answer:
    """Choose the answer to the last user message; the default says what was asked and what to try."""
    asked = user_texts[-1] if user_texts else ""
    reasoning = _tokens_named("reasoning") if shows_reasoning else ()
    for rule in RULES:
        if match := rule.pattern.search(asked):
            return Answer(tokens=rule.answer(match), reasoning=reasoning)
    return Answer(tokens=tuple(split(_default(user_texts, images))), reasoning=reasoning)


def rest_of(messages: Sequence[tuple[str, str]]) -> Answer | None:
    """Give what is left of an answer that is to be continued: role and text of question, answer so far, and request.

    None when the last message asks for something else, or the answer so far is none of the emulator's.
    """
    if len(messages) < _CONTINUED or not _CONTINUE.search(messages[-1][1]) or messages[-2][0] != "assistant":
        return None
    said = messages[-2][1]
    whole = answer_to([text for role, text in messages[:-2] if role == "user"]).tokens
    if not said or not "".join(whole).startswith(said):
        return None
    ends = accumulate(map(len, whole))
    left = [token[-(end - len(said)) :] for token, end in zip(whole, ends, strict=True) if end > len(said)]
    return Answer(tokens=tuple(left))


def _default(user_texts: list[str], images: Sequence[str]) -> str:
    earlier = len(user_texts) - 1
    values: Mapping[str, str] = {
        "{words}": _counted(len(user_texts[-1].split()) if user_texts else 0, "word"),
        "{earlier}": f" I was also sent {_counted(earlier, 'earlier message')} of yours." if earlier > 0 else "",
    }
    if images:
        values = {**values, "{earlier}": f"{values['{earlier}']} It came with {_listed(images)}."}
    text = text_named("default")
    for slot, value in values.items():
        text = text.replace(slot, value)
    return text


def _listed(images: Sequence[str]) -> str:
    return f"{_counted(len(images), 'image')}: {'; '.join(images)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
