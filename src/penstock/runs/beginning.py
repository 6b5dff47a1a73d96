"""A request becomes a beginning: all that one submit writes, and the prompt of its run. Nothing is written here."""

from __future__ import annotations

from typing import assert_never

import msgspec
from msgspec import Struct

from penstock.core.errors import NotFoundError
from penstock.core.events import RunStarted
from penstock.core.messages import Conversation, Message, Run
from penstock.core.ports import Model
from penstock.core.requests import ChatRequest, InputMessage, ModelRequest
from penstock.core.storage import Beginning
from penstock.runs.attachments import check_attachments, has_attachments, load_attachments
from penstock.runs.branch import Tree
from penstock.runs.checks import check_request, last_user_index
from penstock.runs.ports import Ports
from penstock.runs.prompt import continued_history, kept_history, make_prompt, split_system, stateless_prompt
from penstock.runs.title import title_from, words_of
from penstock.runs.transcript import Transcript


class Plan(Struct, frozen=True, kw_only=True):
    """A submit, thought through: what to write, and what to do when it is written."""

    beginning: Beginning
    transcript: Transcript
    model: Model
    prompt: ModelRequest
    title: str | None = None
    """For a kept conversation that has none yet."""


class _Place(Struct, frozen=True, kw_only=True):
    """Where the run hangs: what is new in the conversation, and the way to the model."""

    conversation: Conversation | None
    messages: tuple[Message, ...]
    parent_id: str | None
    client_message_id: str | None
    model: Model
    prompt: ModelRequest
    title: str | None = None


async def plan_beginning(owner: str, request: ChatRequest, ports: Ports) -> Plan:
    """Decide everything about the submit; raises `CallerError` that names the field at fault."""
    check_request(request)
    now = ports.clock.now()
    if request.conversation_id is None:
        place = _stateless(request, ports)
    else:
        try:
            conversation = await ports.store.get_conversation(owner, request.conversation_id)
        except NotFoundError:
            # Unknown, another's or deleted: the store tells them apart when it writes.
            place = _new(owner, request, ports, now=now)
        else:
            place = await _kept(conversation, request, ports, now=now)
        check_attachments(place.messages, place.model)
        place = await _loaded(place, ports)
    return _plan(owner, place, ports, now=now)


async def _loaded(place: _Place, ports: Ports) -> _Place:
    """Put the bytes of attachments into the prompt."""
    if ports.files is None or not has_attachments(place.prompt):
        return place
    prompt = await load_attachments(place.prompt, place.model, ports.files)
    return msgspec.structs.replace(place, prompt=prompt)


def _plan(owner: str, place: _Place, ports: Ports, *, now: float) -> Plan:
    conversation_id = None if place.conversation is None else place.conversation.id
    run = Run(
        id=ports.ids.make("run"),
        owner=owner,
        conversation_id=conversation_id,
        message_id=ports.ids.make("msg"),
        parent_id=place.parent_id,
        client_message_id=place.client_message_id,
        model=place.model.info.id,
        status="running",
        instance=ports.instance,
        created_at=now,
        started_at=now,
    )
    started = RunStarted(
        run_id=run.id,
        message_id=run.message_id,
        model=run.model,
        provider=place.model.provider.name,
        conversation_id=conversation_id,
    )
    transcript = Transcript()
    beginning = Beginning(
        run=run,
        first_batch=transcript.open(started),
        conversation=place.conversation,
        messages=place.messages,
    )
    return Plan(beginning=beginning, transcript=transcript, model=place.model, prompt=place.prompt, title=place.title)


def _stateless(request: ChatRequest, ports: Ports) -> _Place:
    """Place it nowhere: the whole history that was sent goes to the model, and none of it is kept."""
    model = ports.catalog.find(request.model)
    return _Place(
        conversation=None,
        messages=(),
        parent_id=None,
        client_message_id=request.client_message_id,
        model=model,
        prompt=stateless_prompt(model, request),
    )


def _new(owner: str, request: ChatRequest, ports: Ports, *, now: float) -> _Place:
    """Place it in a new conversation, which takes the history that was sent, up to the newest user message."""
    if request.parent_id is not None:
        text = "No such message in this conversation."
        raise NotFoundError(text, field="parent_id")
    model = ports.catalog.find(request.model)
    leading, history = split_system(request.messages)
    history = history[: last_user_index(history) + 1]
    system_prompt = request.system_prompt or leading
    title = title_from(_first_user_text(history))
    conversation = Conversation(
        id=request.conversation_id or ports.ids.make("conv"),
        owner=owner,
        title=title,
        title_source="words" if title else None,
        model=model.info.id,
        system_prompt=system_prompt,
        created_at=now,
        updated_at=now,
    )
    author = _Author(conversation_id=conversation.id, ports=ports, now=now)
    messages = _chain(history, author, request.client_message_id)
    return _Place(
        conversation=conversation,
        messages=messages,
        parent_id=messages[-1].id,
        client_message_id=request.client_message_id,
        model=model,
        prompt=make_prompt(model, history, system_prompt=system_prompt, options=request.options),
    )


async def _kept(conversation: Conversation, request: ChatRequest, ports: Ports, *, now: float) -> _Place:
    """Place it in a kept conversation: the history here is the truth; of what was sent, the new user message counts."""
    store = ports.store
    model = ports.catalog.find(request.model or conversation.model)
    leading, sent = split_system(request.messages)
    live = await store.find_live_run(conversation.owner, conversation.id)
    tree = Tree(await store.list_messages(conversation.owner, conversation.id), live)
    author = _Author(conversation_id=conversation.id, ports=ports, now=now)
    turn = _turn(request, tree, sent, author)
    system_prompt = conversation.system_prompt or request.system_prompt or leading
    return _Place(
        conversation=conversation,
        messages=turn.messages,
        parent_id=turn.parent_id,
        client_message_id=turn.client_message_id,
        model=model,
        prompt=make_prompt(model, turn.history, system_prompt=system_prompt, options=request.options),
        title=None if conversation.title else title_from(turn.first_text),
    )


class _Turn(Struct, frozen=True, kw_only=True):
    """What one submit means in a kept conversation."""

    history: list[InputMessage]
    parent_id: str
    client_message_id: str | None
    messages: tuple[Message, ...] = ()
    first_text: str


def _turn(request: ChatRequest, tree: Tree, sent: tuple[InputMessage, ...], author: _Author) -> _Turn:
    client_message_id = request.client_message_id
    first_text = "" if tree.first_user is None else words_of(tree.first_user.parts)
    match request.trigger:
        case "submit":
            parent_id = tree.parent_for(request)
            user = author.write(sent[last_user_index(sent)], parent_id=parent_id, client_message_id=client_message_id)
            return _Turn(
                history=kept_history([*tree.path_to(parent_id), user]),
                parent_id=user.id,
                client_message_id=client_message_id,
                messages=(user,),
                first_text=first_text or words_of(user.parts),
            )
        case "regenerate":
            user = tree.user_to_answer(request.message_id)
            # Clients without an own id for a regeneration repeat the user message's, which names the run it started.
            is_repeated = client_message_id == user.client_message_id
            return _Turn(
                history=kept_history(tree.path_to(user.id)),
                parent_id=user.id,
                client_message_id=None if is_repeated else client_message_id,
                first_text=first_text,
            )
        case "continue":
            answer = tree.answer_to_continue(request.message_id)
            return _Turn(
                history=continued_history(tree.path_to(answer.id)),
                parent_id=answer.id,
                client_message_id=client_message_id,
                first_text=first_text,
            )
        case _:
            assert_never(request.trigger)


class _Author(Struct, frozen=True, kw_only=True):
    """Makes the messages of one submit."""

    conversation_id: str
    ports: Ports
    now: float

    def write(self, sent: InputMessage, *, parent_id: str | None, client_message_id: str | None = None) -> Message:
        """Make a message of what was sent."""
        is_user = sent.role == "user"
        return Message(
            id=self.ports.ids.make("msg"),
            conversation_id=self.conversation_id,
            parent_id=parent_id,
            role=sent.role,
            parts=sent.parts,
            status="complete" if is_user else "finished",
            created_at=self.now,
            client_message_id=client_message_id,
        )


def _chain(history: tuple[InputMessage, ...], author: _Author, client_message_id: str | None) -> tuple[Message, ...]:
    """Make the messages of a sent history, each the parent of the next. Tool results have no place of their own."""
    chain: list[Message] = []
    newest = len(history) - 1
    for index, sent in enumerate(history):
        if sent.role in {"user", "assistant"}:
            parent_id = chain[-1].id if chain else None
            client_id = client_message_id if index == newest else None
            chain.append(author.write(sent, parent_id=parent_id, client_message_id=client_id))
    return tuple(chain)


def _first_user_text(history: tuple[InputMessage, ...]) -> str:
    return next((words_of(message.parts) for message in history if message.role == "user"), "")
