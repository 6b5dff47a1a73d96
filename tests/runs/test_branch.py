"""Where a new run hangs itself into the tree of a conversation."""

from __future__ import annotations

import msgspec
import pytest

from penstock.core.errors import ConflictError, NotFoundError
from penstock.core.messages import Message, Run
from penstock.runs.branch import Tree
from runs.scripted import ask

LIVE = Run(id="r", owner="ann", message_id="a3", parent_id="u3", model="m", created_at=4)


def message(message_id: str, parent_id: str | None, client_id: str | None = None) -> Message:
    role = "user" if message_id.startswith("u") else "assistant"
    return Message(
        id=message_id,
        conversation_id="c",
        parent_id=parent_id,
        role=role,
        parts=(),
        created_at=1,
        client_message_id=client_id,
    )


@pytest.fixture
def tree() -> Tree:
    """u1 has the answers a1 and a2; u3 follows a1, and its answer a3 is being written."""
    messages = [message("u1", None, "mine"), message("a1", "u1"), message("a2", "u1"), message("u3", "a1")]
    return Tree(messages, LIVE)


def test_the_newest_leaf_is_the_newest_message_that_nothing_follows(tree: Tree):
    assert tree.newest_leaf is not None
    assert tree.newest_leaf.id == "u3"
    assert Tree([]).newest_leaf is None


def test_a_path_goes_from_the_root_down(tree: Tree):
    assert [node.id for node in tree.path_to("u3")] == ["u1", "a1", "u3"]
    assert tree.path_to(None) == []


def test_a_new_message_follows_what_it_names_or_the_newest_leaf(tree: Tree):
    assert tree.parent_for(ask()) == "u3"
    assert tree.parent_for(ask(parent_id="a2")) == "a2"
    assert tree.parent_for(ask(parent_id="mine")) == "u1"
    assert tree.parent_for(ask(parent_id="a2", is_root=True)) is None
    assert Tree([]).parent_for(ask()) is None


def test_what_is_not_there_can_not_be_followed(tree: Tree):
    with pytest.raises(NotFoundError):
        tree.parent_for(ask(parent_id="nothing"))
    with pytest.raises(ConflictError):
        tree.parent_for(ask(parent_id="a3"))


def test_the_user_message_to_answer_again_is_above_the_answer(tree: Tree):
    assert [tree.user_to_answer(node).id for node in ("a1", "a2", "u1", "a3", None)] == ["u1", "u1", "u1", "u3", "u3"]


def test_where_no_user_message_is_nothing_can_be_answered(tree: Tree):
    for nothing in (Tree([]), Tree([message("a1", None)])):
        with pytest.raises(NotFoundError):
            nothing.user_to_answer(None)
    with pytest.raises(NotFoundError):
        tree.user_to_answer("nothing")


@pytest.mark.parametrize(
    "fields", [{"status": "stopped"}, {"status": "interrupted"}, {"status": "failed"}, {"finish_reason": "length"}]
)
def test_an_answer_that_broke_off_can_be_continued(fields: dict[str, str]):
    broken = msgspec.structs.replace(message("a1", "u1"), **fields)
    for message_id in ("a1", None):
        assert Tree([message("u1", None), broken]).answer_to_continue(message_id).id == "a1"


@pytest.mark.parametrize("message_id", ["a1", "a3", "u1", None])
def test_whole_answers_running_ones_and_questions_can_not_be_continued(tree: Tree, message_id: str | None):
    with pytest.raises(ConflictError):
        tree.answer_to_continue(message_id)
    with pytest.raises(ConflictError):
        Tree([]).answer_to_continue(None)
