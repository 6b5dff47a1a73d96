"""OpenAI's Responses API, on the emulator: streams, tools, refusals and failures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from penstock.core import events as e
from penstock.core.errors import ProviderError
from penstock.core.messages import ImagePart, Part, TextPart
from penstock.core.ports import ResumableStream, ResumingProvider
from penstock.core.requests import InputMessage, ModelRequest, Options
from penstock.emulator.server import Emulator, start_emulator
from penstock.providers.azure_openai import AzureDeployment, AzureOpenAISettings
from penstock.providers.openai_chat import OpenAIChatSettings, OpenAIDeployment
from penstock.providers.openai_responses import OpenAIResponses, OpenAIResponsesSettings
from providers.conftest import collect, text_of

TOOLS = tuple(
    {"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("weather", "time")
)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    started = await start_emulator(profile="fast")
    yield started
    await started.close()


@pytest.fixture(params=["azure", "openai"])
async def responses(request: pytest.FixtureRequest, emulator: Emulator) -> AsyncIterator[OpenAIResponses]:
    route: Any = AzureDeployment(AzureOpenAISettings(endpoint=emulator.url, api_key="k"), route="responses")
    if request.param == "openai":
        route = OpenAIDeployment(OpenAIChatSettings(base_url=f"{emulator.url}/v1", api_key="k"), route="responses")
    made = OpenAIResponses(route, OpenAIResponsesSettings(name=request.param))
    yield made
    await made.close()


def asked(*parts: Part | str, model: str = "gpt-5.4-mini", **options: Any) -> ModelRequest:
    given = tuple(TextPart(text=part) if isinstance(part, str) else part for part in parts)
    message = InputMessage(role="user", parts=given)
    return ModelRequest(model=model, messages=(message,), options=Options(**options))


async def test_an_answer_streams_with_a_summary_of_its_reasoning(responses: OpenAIResponses):
    events, error = await collect(responses.open(asked("echo: Hello there")))
    assert error is None
    assert text_of(events) == "Hello there"
    (started,) = [event for event in events if isinstance(event, e.ReasoningStarted)]
    assert started.kind == "summary"
    assert isinstance(events[0], e.StepStarted)
    assert events[0].model == "gpt-5.4-mini-2026-03-17"
    assert isinstance(events[-1], e.StepFinished)
    (usage,) = [event for event in events if isinstance(event, e.Usage)]
    assert usage.output == (usage.reasoning or 0) + 2
    assert {event.stage for event in events if isinstance(event, e.ContentFilter)} == {"prompt", "completion"}


async def test_a_model_that_does_not_reason_is_not_asked_to(responses: OpenAIResponses):
    events, error = await collect(responses.open(asked("echo: Hi", model="gpt-4.1-mini")))
    assert error is None
    assert not any(isinstance(event, e.ReasoningStarted) for event in events)


async def test_what_a_deployment_refuses_is_learned(responses: OpenAIResponses):
    """A deployment called gpt-5 that stands on a model which refuses a temperature."""
    events, error = await collect(responses.open(asked("echo: Hi", temperature=0.3)))
    assert error is None
    assert text_of(events) == "Hi"


async def test_tools_are_called_and_their_results_answered(responses: OpenAIResponses):
    events, error = await collect(responses.open(asked('call weather and time {"city": "Oslo"}', tools=TOOLS)))
    assert error is None
    calls = [event for event in events if isinstance(event, e.ToolCallReady)]
    assert [(call.name, call.input) for call in calls] == [("weather", {"city": "Oslo"}), ("time", {"city": "Oslo"})]
    assert isinstance(events[-1], e.StepFinished)
    assert events[-1].finish_reason == "tool-calls"


async def test_an_image_goes_along(responses: OpenAIResponses):
    events, _ = await collect(responses.open(asked("Look", ImagePart(url="data:image/png;base64,iVBORw0KGgo="))))
    assert "1 image: image/png of 8 bytes" in text_of(events)


async def test_a_limit_ends_it_by_length(responses: OpenAIResponses):
    events, _ = await collect(responses.open(asked("count 100", model="gpt-4.1-mini", max_output_tokens=16)))
    assert isinstance(events[-1], e.StepFinished)
    assert (events[-1].finish_reason, events[-1].raw) == ("length", "max_output_tokens")


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("fault-401", "authentication"),
        ("fault-429-day", "rate_limited"),
        ("fault-cut-fin", "upstream_eof"),
        ("fault-error-frame", "server_error"),
        ("fault-filter-inline", "content_filter"),
    ],
)
async def test_a_failure_is_translated(responses: OpenAIResponses, model: str, code: str):
    events, error = await collect(responses.open(asked("long 300 words", model=model)))
    assert error is not None
    assert error.code == code
    assert not any(isinstance(event, e.StepFinished) for event in events)


async def test_stop_sequences_are_refused_before_anything_is_sent(responses: OpenAIResponses, emulator: Emulator):
    _, error = await collect(responses.open(asked("Hi", stop=("x",))))
    assert isinstance(error, ProviderError)
    assert emulator.closings == []


async def test_only_an_answer_in_the_background_can_be_resumed(responses: OpenAIResponses):
    stream = responses.open(asked("Hi"))
    assert isinstance(responses, ResumingProvider)
    assert not isinstance(stream, ResumableStream)
    await stream.close()


async def test_it_can_be_tried(responses: OpenAIResponses):
    assert "gpt-5.4-mini-2026-03-17" in (await responses.list_models()).models
    report = await responses.probe("gpt-5.4-mini")
    assert report.is_answering
