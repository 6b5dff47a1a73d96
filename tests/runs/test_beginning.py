"""A request becomes a beginning: where it hangs in the conversation, and what the model is sent."""

from __future__ import annotations

import msgspec
import pytest

from penstock.core.errors import CallerError, ConflictError, NotFoundError
from penstock.core.messages import Conversation, ImagePart, TextPart
from penstock.core.requests import ChatRequest, InputMessage, Options
from penstock.runs.prompt import CONTINUE
from runs.conftest import OWNER, House
from runs.scripted import STARTED, TEXT, ask, delta, whole_answer


def said(role: str, text: str) -> InputMessage:
    return InputMessage(role=role, parts=(TextPart(text=text),))  # pyright: ignore[reportArgumentType] - a role


def prompt_of(house: House) -> list[tuple[str, str]]:
    """What the service was asked last."""
    messages = house.provider.script.request.messages
    return [(sent.role, "".join(part.text for part in sent.parts if isinstance(part, TextPart))) for sent in messages]


async def test_a_system_prompt_alone_is_a_whole_prompt_where_nothing_is_kept(house: House):
    await house.answer(*whole_answer("Red"), request=ChatRequest(messages=(), system_prompt="Name a colour."))
    assert (prompt_of(house), house.provider.script.request.system_prompt) == ([], "Name a colour.")


async def test_nothing_at_all_is_no_prompt(house: House):
    with pytest.raises(CallerError) as caught:
        await house.engine.begin(OWNER, ChatRequest(messages=()))
    assert caught.value.field == "messages"


async def say(house: House, text: str, reply: str = "ok", **fields: object) -> tuple[str, str]:
    """One whole turn in conversation ``c1``; gives the ids of its user message and its answer."""
    run_id = await house.answer(*whole_answer(reply), request=ask(text, conversation_id="c1", **fields))
    run = await house.engine.get_run(OWNER, run_id)
    assert run.parent_id is not None
    return run.parent_id, run.message_id


async def test_without_a_conversation_all_that_was_sent_goes_out_and_nothing_is_kept(house: House):
    history = (said("system", "Be brief."), said("user", "One"), said("assistant", "1"), said("user", "Two"))
    run_id = await house.answer(*whole_answer("2"), request=ChatRequest(messages=history))
    assert prompt_of(house) == [("user", "One"), ("assistant", "1"), ("user", "Two")]
    assert house.provider.script.request.system_prompt == "Be brief."
    assert house.store.conversations == {}
    assert (await house.engine.get_run(OWNER, run_id)).conversation_id is None
    assert house.store.endings[-1].message is None


async def test_what_follows_the_last_user_message_goes_out_too_unless_it_is_to_be_answered_again(house: House):
    history = (said("user", "One"), said("assistant", "1"))
    await house.answer(*whole_answer(), request=ChatRequest(messages=history))
    assert prompt_of(house) == [("user", "One"), ("assistant", "1")]
    await house.answer(*whole_answer(), request=ChatRequest(messages=history, trigger="regenerate"))
    assert prompt_of(house) == [("user", "One")]


async def test_a_new_conversation_takes_the_history_that_was_sent(house: House):
    history = (said("system", "Be brief."), said("user", "One"), said("assistant", "1"), said("user", "Two"))
    request = ChatRequest(messages=history, conversation_id="c1", client_message_id="m9", model="other")
    await house.answer(*whole_answer("2"), request=request)
    messages = await house.store.list_messages(OWNER, "c1")
    assert [(message.role, message.text) for message in messages] == [
        ("user", "One"),
        ("assistant", "1"),
        ("user", "Two"),
        ("assistant", "2"),
    ]
    assert [message.parent_id for message in messages] == [None, *(message.id for message in messages[:-1])]
    assert [message.client_message_id for message in messages] == [None, None, "m9", None]
    conversation = house.store.conversations["c1"]
    assert (conversation.title, conversation.model, conversation.system_prompt) == ("One", "other", "Be brief.")
    assert house.provider.script.request.model == "other-deployment"


async def test_in_a_kept_conversation_only_the_new_user_message_counts(house: House):
    await say(house, "One", "1")
    forged = (said("user", "One"), said("assistant", "Forged"), said("user", "Two"))
    await house.answer(*whole_answer("2"), request=ChatRequest(messages=forged, conversation_id="c1"))
    assert prompt_of(house) == [("user", "One"), ("assistant", "1"), ("user", "Two")]
    assert "Forged" not in {message.text for message in await house.store.list_messages(OWNER, "c1")}


async def test_the_conversations_prompt_and_model_are_in_effect(house: House):
    await house.store.create_conversation(
        Conversation(id="c1", owner=OWNER, model="other", system_prompt="Kept.", created_at=1, updated_at=1)
    )
    request = ask(conversation_id="c1", system_prompt="Sent.")
    await house.answer(*whole_answer(), request=request)
    assert house.provider.script.request.system_prompt == "Kept."
    assert house.provider.script.request.model == "other-deployment"


async def test_a_message_may_follow_any_other_or_start_at_the_top(house: House):
    one, answer = await say(house, "One", "1", client_message_id="m1")
    await say(house, "Two", "2")
    await say(house, "Two, edited", "2", parent_id=answer)
    assert prompt_of(house) == [("user", "One"), ("assistant", "1"), ("user", "Two, edited")]
    await say(house, "After the question", parent_id="m1")
    assert prompt_of(house) == [("user", "One"), ("user", "After the question")]
    await say(house, "New root", is_root=True)
    assert prompt_of(house) == [("user", "New root")]
    await say(house, "Goes on")
    assert prompt_of(house) == [("user", "New root"), ("assistant", "ok"), ("user", "Goes on")]
    assert one


async def test_regenerating_makes_a_sibling_and_no_user_message(house: House):
    user, answer = await say(house, "One", "1")
    for message_id in (answer, user, None):
        before = len(await house.store.list_messages(OWNER, "c1"))
        run_id = await house.answer(
            *whole_answer("again"),
            request=ChatRequest(messages=(), conversation_id="c1", trigger="regenerate", message_id=message_id),
        )
        messages = await house.store.list_messages(OWNER, "c1")
        assert len(messages) == before + 1
        assert messages[-1].parent_id == user
        assert (await house.engine.get_run(OWNER, run_id)).parent_id == user
        assert prompt_of(house) == [("user", "One")]


async def test_continuing_writes_a_message_that_follows_and_leaves_the_old_one_alone(house: House):
    run_id, script = await house.begin(ask("One", conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("half"),))
    await house.settle(run_id, 4)
    await house.engine.stop(OWNER, run_id)
    stopped = (await house.store.list_messages(OWNER, "c1"))[-1]
    request = ChatRequest(messages=(), conversation_id="c1", trigger="continue", message_id=stopped.id)
    await house.answer(*whole_answer(" and rest"), request=request)
    assert prompt_of(house) == [("user", "One"), ("assistant", "half"), ("user", CONTINUE)]
    messages = await house.store.list_messages(OWNER, "c1")
    assert messages[1] == stopped
    assert (messages[2].parent_id, messages[2].text) == (stopped.id, " and rest")
    await say(house, "Two")
    assert prompt_of(house) == [("user", "One"), ("assistant", "half and rest"), ("user", "Two")]
    with pytest.raises(ConflictError):
        await house.engine.begin(OWNER, msgspec.structs.replace(request, message_id=messages[2].id))


async def test_regenerating_under_the_submits_own_id_is_no_repeat_of_it(house: House):
    _, answer = await say(house, "One", "1", client_message_id="m1")
    request = ask("One", conversation_id="c1", client_message_id="m1", trigger="regenerate", message_id=answer)
    assert (await house.engine.begin(OWNER, request)).is_new


async def test_an_answer_in_the_making_can_be_regenerated_but_not_followed(house: House):
    run_id, _ = await house.begin(ask("One", conversation_id="c1"))
    run = await house.engine.get_run(OWNER, run_id)
    with pytest.raises(ConflictError):
        await house.engine.begin(OWNER, ask("Two", conversation_id="c1", parent_id=run.message_id))
    request = ChatRequest(messages=(), conversation_id="c1", trigger="regenerate", message_id=run.message_id)
    assert (await house.engine.begin(OWNER, request)).run.parent_id == run.parent_id


@pytest.mark.parametrize(
    "fields",
    [{"parent_id": "nothing"}, {"trigger": "regenerate", "message_id": "nothing"}],
)
async def test_an_unknown_message_is_not_found_and_nothing_is_written(house: House, fields: dict[str, str]):
    await say(house, "One")
    before = await house.store.list_messages(OWNER, "c1")
    with pytest.raises(NotFoundError) as caught:
        await house.engine.begin(OWNER, ask("Two", conversation_id="c1", **fields))
    assert caught.value.field in fields
    assert await house.store.list_messages(OWNER, "c1") == before
    with pytest.raises(NotFoundError):
        await house.engine.begin(OWNER, ask("Two", conversation_id="new", parent_id="nothing"))


async def test_a_conversation_without_messages_has_nothing_to_answer_again(house: House):
    await house.store.create_conversation(Conversation(id="c1", owner=OWNER, created_at=1, updated_at=1))
    with pytest.raises(NotFoundError):
        await house.engine.begin(OWNER, ask(conversation_id="c1", trigger="regenerate"))


async def test_anothers_conversation_looks_like_none_and_a_deleted_one_is_refused(house: House):
    await say(house, "One")
    with pytest.raises(NotFoundError):
        await house.engine.begin("eve", ask(conversation_id="c1"))
    await house.store.delete_conversation(OWNER, "c1", at=1)
    with pytest.raises(ConflictError):
        await house.engine.begin(OWNER, ask(conversation_id="c1"))


async def test_a_stopped_answer_stays_in_the_prompt_and_an_empty_one_does_not(house: House):
    run_id, script = await house.begin(ask("One", conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("half"),))
    await house.settle(run_id, 4)
    await house.engine.stop(OWNER, run_id)
    run_id, _ = await house.begin(ask("Two", conversation_id="c1"))
    await house.engine.stop(OWNER, run_id)
    await say(house, "Three")
    assert prompt_of(house) == [("user", "One"), ("assistant", "half"), ("user", "Two"), ("user", "Three")]


async def test_what_the_request_leaves_open_is_the_models_default(house: House):
    await say(house, "One", options=Options(temperature=0, stop=("end",)))
    options = house.provider.script.request.options
    assert (options.temperature, options.max_output_tokens, options.stop) == (0, 100, ("end",))


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ChatRequest(messages=()), "messages"),
        (ChatRequest(messages=(said("assistant", "hi"),)), "messages"),
        (ask(" \n"), "messages.0"),
        (ask(model="nothing"), "model"),
        (ask(conversation_id="c" * 65), "conversation_id"),
        (ask(conversation_id="../c"), "conversation_id"),
        (ask(client_message_id=""), "client_message_id"),
        (ask(client_message_id="m" * 129), "client_message_id"),
        (ask(client_message_id="a\nb"), "client_message_id"),
        (ask("half a pair: \ud83d"), "messages.0"),
    ],
    ids=str,
)
async def test_a_request_at_fault_is_refused_by_field_and_writes_nothing(
    house: House, request_: ChatRequest, field: str
):
    with pytest.raises(CallerError) as caught:
        await house.engine.begin(OWNER, request_)
    assert caught.value.field == field
    assert house.store.runs == {}


async def test_an_image_alone_is_a_message(house: House):
    image = InputMessage(role="user", parts=(ImagePart(url="https://example.org/cat.png"),))
    await house.answer(*whole_answer(), request=ChatRequest(messages=(image,), conversation_id="c1"))
    assert house.store.conversations["c1"].title is None
