"""What naming in the background promises: cheap, once, never in the way, and never over a person's title."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError
from penstock.core.messages import Conversation, TokenUsage
from penstock.core.ports import Model
from penstock.core.usage import Cost
from penstock.runs.titler import Titler
from runs.conftest import OWNER, House, turns, until
from runs.scripted import FINISHED, STARTED, TEXT, TEXT_ENDED, OneModelCatalog, ask, delta, whole_answer


@pytest.fixture
async def titler(house: House) -> AsyncIterator[Titler]:
    """A titler that looks at every run of the house."""
    made = Titler(house.store, OneModelCatalog(house.provider), house.accountant)
    house.engine.on_end(made.consider)
    yield made
    await made.close()


async def converse(house: House, *said: str) -> None:
    """Have a question answered, and the service asked for a title."""
    await house.answer(*whole_answer(*said), request=ask("What is a penstock?", conversation_id="c1"))
    await until(lambda: len(house.provider.scripts) == 2)


def kept(house: House) -> Conversation:
    return house.store.conversations["c1"]


async def test_an_answered_conversation_is_named_by_the_model(house: House, titler: Titler):
    await converse(house, "A pipe ", "with a gate.")
    assert kept(house).title_source == "words"
    script = house.provider.script
    assert script.request.options.max_output_tokens is not None
    (prompt,) = script.request.messages
    assert "What is a penstock?" in str(prompt)
    assert "A pipe with a gate." in str(prompt)
    script.give(*whole_answer('"Pipes and ', 'gates."'))
    script.end()
    await until(lambda: kept(house).title_source == "model")
    assert kept(house).title == "Pipes and gates"
    assert script.is_closed
    await until(lambda: "tasks=0" in repr(titler))


@pytest.mark.usefixtures("titler")
async def test_what_the_title_took_is_kept(house: House):
    await converse(house, "A pipe.")
    house.provider.script.give((STARTED, TEXT), (delta("Pipes"),), (TEXT_ENDED, FINISHED))
    house.provider.script.give((e.Usage(input=7, output=1, total=8),))
    house.provider.script.end()
    await until(lambda: kept(house).title_usage is not None)
    assert kept(house).title_usage == TokenUsage(input=7, output=1, total=8)
    assert kept(house).title_cost == Cost(usd=8.0, price_model="scripted/scripted-2026")


@pytest.mark.usefixtures("titler")
async def test_what_no_service_counted_is_estimated(house: House):
    await converse(house, "A pipe.")
    house.provider.script.give(*whole_answer("Two words"))
    house.provider.script.end()
    await until(lambda: kept(house).title_usage is not None)
    usage = kept(house).title_usage
    assert usage is not None
    assert (usage.output, usage.source) == (2, "estimated")


@pytest.mark.usefixtures("titler")
async def test_an_answer_that_was_cut_is_no_title(house: House):
    await converse(house, "A pipe.")
    cut = e.StepFinished(index=0, finish_reason="length", raw="length")
    house.provider.script.give((STARTED, TEXT), (delta("Pipes and"),), (TEXT_ENDED, cut))
    house.provider.script.end()
    await until(lambda: kept(house).title_usage is not None)
    assert (kept(house).title, kept(house).title_source) == ("What is a penstock?", "words")


async def test_a_service_that_fails_leaves_the_first_words(house: House, titler: Titler):
    await converse(house, "A pipe.")
    house.provider.script.fail(ProviderError("busy"))
    await until(lambda: "tasks=0" in repr(titler))
    assert kept(house).title == "What is a penstock?"
    assert house.provider.script.is_closed


async def test_a_conversation_that_a_person_named_is_not_asked_about(house: House, titler: Titler):
    named = Conversation(id="c1", owner=OWNER, title="Mine", title_source="person", created_at=1.0, updated_at=1.0)
    await house.store.create_conversation(named)
    await house.answer(*whole_answer("A pipe."), request=ask(conversation_id="c1"))
    await turns(20)
    await until(lambda: "tasks=0" in repr(titler))
    assert len(house.provider.scripts) == 1


@pytest.mark.usefixtures("titler")
async def test_a_run_without_a_conversation_is_not_asked_about(house: House):
    await house.answer(*whole_answer("A pipe."))
    await turns(20)
    assert len(house.provider.scripts) == 1


async def test_an_answer_that_did_not_finish_is_not_asked_about(house: House, titler: Titler):
    run_id, script = await house.begin(ask(conversation_id="c1"))
    script.give((STARTED, TEXT), (delta("A"),))
    await house.engine.stop(OWNER, run_id)
    await turns(20)
    await until(lambda: "tasks=0" in repr(titler))
    assert len(house.provider.scripts) == 1


async def test_an_answer_without_words_is_not_asked_about(house: House, titler: Titler):
    await house.answer((STARTED, FINISHED), request=ask(conversation_id="c1"))
    await turns(20)
    await until(lambda: "tasks=0" in repr(titler))
    assert len(house.provider.scripts) == 1


async def test_a_conversation_that_is_deleted_meanwhile_needs_no_name(house: House, titler: Titler):
    await converse(house, "A pipe.")
    await house.store.delete_conversation(OWNER, "c1", at=5.0)
    house.provider.script.give(*whole_answer("Pipes"))
    house.provider.script.end()
    await until(lambda: "tasks=0" in repr(titler))
    assert kept(house).title == "What is a penstock?"


async def test_closing_gives_up_what_is_under_way(house: House, titler: Titler):
    await converse(house, "A pipe.")
    async with asyncio.timeout(5):
        await titler.close()
    assert house.provider.script.is_closed
    assert kept(house).title_source == "words"


async def test_the_model_that_was_set_is_asked(house: House):
    titler = Titler(house.store, OneModelCatalog(house.provider), house.accountant, model_id="other")
    house.engine.on_end(titler.consider)
    await converse(house, "A pipe.")
    assert house.provider.script.request.model == "other-deployment"
    await titler.close()


class OwnCodeCatalog(OneModelCatalog):
    def find(self, model_id: str | None) -> Model:
        return msgspec.structs.replace(super().find(model_id), is_own_code=True)


async def test_a_program_s_own_code_is_asked_for_no_title(house: House):
    titler = Titler(house.store, OwnCodeCatalog(house.provider), house.accountant)
    house.engine.on_end(titler.consider)
    await house.answer(*whole_answer("A pipe."), request=ask("What is a penstock?", conversation_id="c1"))
    await until(lambda: "tasks=0" in repr(titler))
    assert len(house.provider.scripts) == 1
    assert kept(house).title_source == "words"


async def test_what_finds_no_room_is_named_at_its_next_answer(house: House):
    titler = Titler(house.store, OneModelCatalog(house.provider), house.accountant, most=1)
    house.engine.on_end(titler.consider)
    await converse(house, "A pipe.")
    silent = house.provider.script
    await house.answer(*whole_answer("Water."), request=ask("What flows?", conversation_id="c2"))
    await turns(20)
    assert "tasks=1" in repr(titler)
    silent.give(*whole_answer("Pipes"))
    silent.end()
    await until(lambda: "tasks=0" in repr(titler))
    await house.answer(*whole_answer("Water."), request=ask("And now?", conversation_id="c2"))
    await until(lambda: len(house.provider.scripts) == 5)
    house.provider.script.give(*whole_answer("What flows"))
    house.provider.script.end()
    await until(lambda: house.store.conversations["c2"].title == "What flows")
    await titler.close()
