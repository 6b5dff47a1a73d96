"""The models of one program."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from penstock.composition.settings import SettingsError
from penstock.core.errors import CallerError
from penstock.core.requests import ModelRequest
from penstock.emulator.server import Emulator
from penstock.toolkit.answer import AnswerError
from penstock.toolkit.client import Client


async def test_it_is_configured_by_arguments(emulator: Emulator):
    async with Client(
        azure_openai_endpoint=emulator.url, azure_openai_api_key="test", azure_openai_deployment="one, two"
    ) as client:
        models = await client.list_models()
        answer = await client.collect("count 3")

    assert [model.id for model in models] == ["one", "two"]
    assert (answer.status, answer.finish_reason) == ("finished", "stop")


async def test_it_is_configured_by_the_standard_variables(emulator: Emulator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_BASE_URL", f"{emulator.url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "test")

    async with Client() as client:
        assert (await client.collect("echo: by the environment")).text == "by the environment"


async def test_with_nothing_configured_the_emulator_answers_and_a_warning_says_so(caplog: pytest.LogCaptureFixture):
    async with Client(emulator_profile="fast") as client:
        models = await client.list_models()
        assert (await client.collect("echo: hello")).text == "hello"

    assert all(model.is_emulated for model in models)
    assert [record.name for record in caplog.records] == ["penstock"]


async def test_a_wrong_setting_is_named():
    with pytest.raises(SettingsError, match="AZURE_OPENAI_ENDPOINT"):
        Client(azure_openai_endpoint="not a url")


async def test_a_wrong_request_is_refused_before_anything_is_opened(client: Client):
    with pytest.raises(CallerError) as caught:
        client.stream("Hello", temperature=9)

    assert caught.value.field == "temperature"


async def test_connections_are_kept_from_one_answer_to_the_next(client: Client):
    await client.collect("count 2")
    await client.close()

    assert (await client.collect("count 2")).status == "finished"


async def test_collecting_what_is_not_whole_raises_with_the_part(client: Client):
    with pytest.raises(AnswerError) as caught:
        await client.collect("long 900 words", model="cut")

    assert caught.value.answer.text


async def test_a_program_s_own_code_answers_like_a_model():
    async def shout(request: ModelRequest) -> AsyncIterator[str]:
        yield request.question.upper()

    async with Client(pipelines={"shout": shout}) as client:
        models = await client.list_models()
        answer = await client.collect("hello")

    assert [(model.id, model.is_default, model.is_emulated) for model in models] == [("shout", True, False)]
    assert (answer.text, answer.finish_reason) == ("HELLO", "stop")
