"""Seeded Markdown of any length, cut into tokens of four characters: what the page is measured with."""

from __future__ import annotations

import random
from collections.abc import Callable

TOKEN_CHARS = 4
WORDS = (
    "stream token answer model latency buffer socket reader offset event batch commit journal follower gate pressure",
    "turbine river valve meter signal window frame paint layout script parse render sealed block tail pacing scroll",
)
VOCABULARY = " ".join(WORDS).split()


def sentence(rng: random.Random, words: int) -> str:
    """Give words with some emphasis, code and links among them."""
    marks = ("{}", "{}", "{}", "{}", "{}", "{}", "**{}**", "*{}*", "`{}`", "[{}](https://example.org/a)")
    text = " ".join(rng.choice(marks).format(rng.choice(VOCABULARY)) for _ in range(words))
    return f"{text[:1].upper()}{text[1:]}."


def heading(rng: random.Random) -> str:
    return f"## {rng.choice(VOCABULARY).title()} and {rng.choice(VOCABULARY)}"


def listing(rng: random.Random) -> str:
    mark = rng.choice(("- ", "1. "))
    return "\n".join(mark + sentence(rng, 9) for _ in range(rng.randint(3, 7)))


def quotation(rng: random.Random) -> str:
    return "\n".join("> " + sentence(rng, 10) for _ in range(2))


def table(rng: random.Random) -> str:
    rows = ["| name | count | words |", "|:--|--:|---|"]
    rows += [f"| {rng.choice(VOCABULARY)} | {rng.randint(1, 999)} | {sentence(rng, 3)} |" for _ in range(6)]
    return "\n".join(rows)


def code(rng: random.Random) -> str:
    lines = [
        f'def {rng.choice(VOCABULARY)}_{number}(count: int) -> str:\n    """Say it."""\n'
        f'    return "{rng.choice(VOCABULARY)}" * count  # {number}\n'
        for number in range(rng.randint(2, 8))
    ]
    return "```python\n" + "\n".join(lines) + "```"


def formula(rng: random.Random) -> str:
    return f"$$\n\\int_0^1 x^{{{rng.randint(1, 9)}}}\\,dx = \\frac{{1}}{{{rng.randint(2, 10)}}}\n$$"


def paragraph(rng: random.Random) -> str:
    return " ".join(sentence(rng, rng.randint(8, 16)) for _ in range(rng.randint(2, 5)))


KINDS = (paragraph, paragraph, paragraph, paragraph, listing, code, table, heading, quotation, formula)


def answer(tokens: int, seed: int = 7) -> str:
    """Give Markdown of exactly that many tokens."""
    rng = random.Random(seed)
    size, blocks, length = tokens * TOKEN_CHARS, [], 0
    while length < size:
        blocks.append(rng.choice(KINDS)(rng))
        length += len(blocks[-1]) + 2
    return "\n\n".join(blocks)[:size]


def long_list(tokens: int, seed: int = 7) -> str:
    """Give one list of exactly that many tokens."""
    return _grow("", lambda rng: f"- {sentence(rng, rng.randint(6, 18))}\n", tokens, seed)


def long_table(tokens: int, seed: int = 7) -> str:
    """Give one table of exactly that many tokens."""
    head = "| name | count | words |\n|:--|--:|---|\n"
    row = "| {} | {} | {} |\n"
    return _grow(
        head,
        lambda rng: row.format(rng.choice(VOCABULARY), rng.randint(1, 999), sentence(rng, rng.randint(3, 9))),
        tokens,
        seed,
    )


def _grow(text: str, make: Callable[[random.Random], str], tokens: int, seed: int) -> str:
    rng = random.Random(seed)
    pieces = [text]
    length = len(text)
    while length < tokens * TOKEN_CHARS:
        pieces.append(make(rng))
        length += len(pieces[-1])
    return "".join(pieces)[: tokens * TOKEN_CHARS]
