"""What goes to the model."""

from __future__ import annotations

import pytest

from penstock.core.errors import ConflictError
from penstock.core.messages import (
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    SourcePart,
    TextPart,
    ToolPart,
)
from penstock.core.requests import InputMessage
from penstock.runs.prompt import CONTINUE, continued_history, kept_history, split_system, text_of

TEXT = TextPart(text="words")
REASONING = ReasoningPart(text="hm", signature="s")
CALL = ToolPart(tool_call_id="t", name="f", state="ready")


def kept(role: str, *parts: Part) -> Message:
    return Message(id="m", conversation_id="c", role=role, parts=parts, created_at=1)  # pyright: ignore[reportArgumentType] - a role


def sent_parts(message: Message) -> list[tuple[Part, ...]]:
    return [sent.parts for sent in kept_history([message])]


def test_an_answer_without_words_is_left_out():
    for parts in ((), (TextPart(text=""),), (REASONING,), (CALL,), (SourcePart(source_id="s", kind="url"),)):
        assert sent_parts(kept("assistant", *parts)) == []


def test_an_answer_goes_out_with_its_reasoning_and_without_open_calls():
    assert sent_parts(kept("assistant", REASONING, TEXT, CALL)) == [(REASONING, TEXT)]


def test_a_call_that_was_answered_and_a_refusal_stay():
    done = ToolPart(tool_call_id="t", name="f", state="done", output=1)
    refusal = RefusalPart(text="No.")
    assert sent_parts(kept("assistant", done)) == [(done,)]
    assert sent_parts(kept("assistant", refusal)) == [(refusal,)]


def test_a_persons_images_go_out_and_a_system_message_does_not():
    image = ImagePart(url="https://example.org/cat.png")
    assert sent_parts(kept("user", image)) == [(image,)]
    assert sent_parts(kept("system", TEXT)) == []


def test_leading_system_messages_become_the_system_prompt():
    system = InputMessage(role="system", parts=(TEXT,))
    user = InputMessage(role="user", parts=(TEXT,))
    assert split_system((system, system, user, system)) == ("words\n\nwords", (user, system))
    assert split_system((user,)) == (None, (user,))
    assert split_system(()) == (None, ())


def test_an_answer_and_its_continuations_are_one():
    rest = TextPart(text=" and more")
    path = [kept("user", TEXT), kept("assistant", TEXT), kept("assistant"), kept("assistant", rest), kept("user", TEXT)]
    assert [(sent.role, sent.parts) for sent in kept_history(path)] == [
        ("user", (TEXT,)),
        ("assistant", (TEXT, rest)),
        ("user", (TEXT,)),
    ]


def test_two_questions_in_a_row_stay_two():
    assert [sent.parts for sent in kept_history([kept("user", TEXT), kept("user", TEXT)])] == [(TEXT,), (TEXT,)]


def test_the_rest_is_asked_for_behind_what_is_there():
    *history, wish = continued_history([kept("user", TEXT), kept("assistant", TEXT)])
    assert [sent.role for sent in history] == ["user", "assistant"]
    assert (wish.role, text_of(wish.parts)) == ("user", CONTINUE)


def test_an_answer_without_words_has_no_rest():
    for path in ([kept("user", TEXT), kept("assistant")], []):
        with pytest.raises(ConflictError):
            continued_history(path)
