"""The answers are honest, useful, and exact where tests count on them."""

from __future__ import annotations

import pytest

from penstock.emulator.answers import answer_to, rest_of


def said(*user_texts: str) -> str:
    return "".join(answer_to(list(user_texts)).tokens)


@pytest.mark.parametrize(
    "prompt", ["hello", "connect a model", "help", "what does stop do?", "why?", "show markdown", "fail", "xyz", ""]
)
def test_it_says_that_it_is_the_emulator(prompt: str):
    assert "emulator" in said(prompt)


def test_it_names_the_settings_that_connect_a_real_model():
    text = said("How do I connect Azure?")
    for name in ("AZURE_OPENAI_ENDPOINT", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_DEPLOYMENT", "penstock doctor"):
        assert name in text


@pytest.mark.parametrize(
    "mark",
    ["# M", "## ", "**bold**", "- A", "1. N", "- [x]", "|:--|", "```python", "> ", "$e^", "$$", "](https", "---"],
)
def test_its_markdown_has_every_kind(mark: str):
    assert mark in said("show markdown")


def test_echo_gives_back_the_text_exactly():
    assert said("echo: one  two\n\nthree 👩‍👩‍👧!") == "one  two\n\nthree 👩‍👩‍👧!"


@pytest.mark.parametrize(
    ("question", "title"),
    [("How do I stop a long answer?", "Stop Long Answer"), ("why", "Why"), ("?!", "Short chat")],
)
def test_asked_for_a_title_it_names_what_was_asked(question: str, title: str):
    asked = f"Give this conversation a title, please.\n\nQuestion:\n{question}\n\nAnswer:\nWords."
    assert said(asked) == title


def test_count_gives_one_number_a_token():
    assert answer_to(["count 3"]).tokens == ("⟨1⟩", "⟨2⟩", "⟨3⟩")


@pytest.mark.parametrize("words", [1, 150, 2000])
def test_long_gives_as_many_words_as_asked_for(words: int):
    assert len(said(f"long {words} words").split()) == words


def test_the_last_message_chooses_and_the_default_knows_of_the_earlier_ones():
    assert said("show markdown", "echo: hi") == "hi"
    assert "message of 2 words reached me. I was also sent 1 earlier message of yours." in said("one", "two three")


def test_the_default_is_short():
    assert len(said("something").split()) < 80


@pytest.mark.parametrize("said_so_far", ["⟨1⟩", "⟨1⟩⟨2", "⟨1⟩⟨2⟩"])
def test_an_answer_that_broke_off_is_continued_where_it_broke_off(said_so_far: str):
    rest = rest_of([("user", "count 3"), ("assistant", said_so_far), ("user", "Continue it.")])
    assert rest is not None
    assert said_so_far + "".join(rest.tokens) == "⟨1⟩⟨2⟩⟨3⟩"


def test_what_is_not_its_own_answer_is_not_continued():
    wish = ("user", "Continue it.")
    for messages in ([wish], [("user", "count 3"), ("assistant", "Once"), wish], [("user", "a"), ("user", "b"), wish]):
        assert rest_of(messages) is None
    assert rest_of([("user", "count 3"), ("assistant", "⟨1⟩"), ("user", "Thanks")]) is None
