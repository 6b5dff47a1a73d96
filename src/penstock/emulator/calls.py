"""A chat completion request as the emulator understands it: parsed once at the edge, trusted inside."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from penstock.core.events import Json
from penstock.emulator import refusals
from penstock.emulator.refusals import Refusal
from penstock.emulator.tokens import count_prompt
from penstock.emulator.tools import Toolbox, check_results, read_toolbox

_REASONING_FAMILY = re.compile(r"(gpt-[5-9]|o\d)")
_MODELS: Mapping[str, str] = {
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5.4": "gpt-5.4-2026-03-05",
    "gpt-5.4-mini": "gpt-5.4-mini-2026-03-17",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
}
MODEL_NAMES = tuple(sorted(_MODELS))
_STAND_IN = _MODELS["gpt-5.4-mini"]
_FIXED_TO_DEFAULT: Mapping[str, float] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
_UNSUPPORTED = ("logprobs", "top_logprobs", "logit_bias")
_CONTEXT_TOKENS = 128_000
_FIRST_VERSION_WITH_USAGE = "2024-09-01"


class ChatCall(Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    deployment: str
    model: str
    """The model named in the chunks; a fault's or profile's deployment stands on the default model."""
    messages: tuple[tuple[str, str], ...]
    """Role and text of each message."""
    is_stream: bool
    has_usage: bool
    has_obfuscation: bool
    max_tokens: int | None
    is_text: bool = False
    """A legacy completion: its prompt is the one user message, and its answer is bare text."""
    toolbox: Toolbox = Toolbox()
    wants_summary: bool = False
    """Of its reasoning, which the Responses API can show."""
    images: tuple[str, ...] = ()
    """What the last user message shows, in words."""

    @property
    def prompt_tokens(self) -> int:
        """The prompt's size by the emulator's own rule."""
        return count_prompt([text for _, text in self.messages])

    @property
    def results(self) -> list[str]:
        """The results of tools that the request ends with, oldest first."""
        results: list[str] = []
        for role, text in reversed(self.messages):
            if role != "tool":
                break
            results.insert(0, text)
        return results

    @property
    def user_texts(self) -> list[str]:
        """The texts of the user's messages, oldest first."""
        return [text for role, text in self.messages if role == "user"]


def model_of(deployment: str) -> str:
    """Give the model that a deployment stands on."""
    if deployment.startswith(("fault-", "profile-")):
        return _STAND_IN
    return _MODELS.get(deployment, deployment)


def is_reasoning(model: str) -> bool:
    """Whether models of this name reason."""
    return _REASONING_FAMILY.match(model) is not None


def read_body(raw: bytes) -> Mapping[str, Json]:
    """Parse a request body; raises `Refusal` if it is no JSON object."""
    try:
        return msgspec.json.decode(raw, type=dict[str, Json])
    except msgspec.DecodeError as error:
        raise Refusal(refusals.invalid_request("We could not parse the JSON body of your request.")) from error


def read_call(body: Mapping[str, Json], deployment: str, api_version: str | None) -> ChatCall:
    """Read a request as the service would; raises `Refusal` with the service's 400.

    ``deployment`` comes from the path (classic) or from the body's ``model`` (v1); ``api_version`` is None on v1.
    """
    model = model_of(deployment)
    _check_parameters(body, model)
    options = _read_options(body.get("stream_options"))
    if options and api_version is not None and api_version < _FIRST_VERSION_WITH_USAGE:
        raise Refusal(refusals.invalid_request("Unrecognized request argument supplied: stream_options"))
    call = ChatCall(
        deployment=deployment,
        model=model,
        messages=_read_messages(body.get("messages")),
        is_stream=body.get("stream") is True,
        has_usage=options.get("include_usage") is True,
        has_obfuscation=options.get("include_obfuscation") is not False,
        max_tokens=_read_limit(body, "max_completion_tokens") or _read_limit(body, "max_tokens"),
        toolbox=read_toolbox(body),
        images=_read_images(body["messages"]),
    )
    if call.prompt_tokens > _CONTEXT_TOKENS:
        raise Refusal(refusals.context_length(call.prompt_tokens))
    return call


def _read_options(value: Json) -> Mapping[str, Json]:
    try:
        return msgspec.convert(value or {}, type=dict[str, Json])
    except msgspec.ValidationError as error:
        message = "Invalid type for 'stream_options': expected an object."
        raise Refusal(refusals.invalid_request(message, param="stream_options", code="invalid_type")) from error


def _read_limit(body: Mapping[str, Json], name: str) -> int | None:
    try:
        return msgspec.convert(body.get(name), type=int | None)
    except msgspec.ValidationError as error:
        message = f"Invalid type for '{name}': expected an integer."
        raise Refusal(refusals.invalid_request(message, param=name, code="invalid_type")) from error


def _check_parameters(body: Mapping[str, Json], model: str) -> None:
    if not is_reasoning(model):
        return
    if body.get("max_tokens") is not None:
        raise Refusal(refusals.unsupported_parameter("max_tokens", "Use 'max_completion_tokens' instead."))
    for name, default in _FIXED_TO_DEFAULT.items():
        value = body.get(name)
        if value is not None and value != default:
            raise Refusal(refusals.unsupported_value(name, value, default))
    for name in _UNSUPPORTED:
        if body.get(name):
            raise Refusal(refusals.unsupported_parameter(name))


def _read_messages(value: Json) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise Refusal(
            refusals.invalid_request(
                "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter"
            )
        )
    try:
        messages = msgspec.convert(value, type=list[dict[str, Json]])
        check_results(messages)
        return tuple((str(message["role"]), _read_content(message.get("content"))) for message in messages)
    except (msgspec.ValidationError, KeyError) as error:
        message = "Invalid value for 'messages': expected an array of objects with 'role' and 'content'."
        raise Refusal(refusals.invalid_request(message, param="messages", code="invalid_value")) from error


def _read_images(messages: list[dict[str, Json]]) -> tuple[str, ...]:
    """Say what images the last user message has: their type and size, or where they are."""
    content = next((message.get("content") for message in reversed(messages) if message["role"] == "user"), None)
    if not isinstance(content, list):
        return ()
    parts = msgspec.convert(content, type=list[dict[str, Json]])
    return tuple(_describe_image(part["image_url"]["url"]) for part in parts if part.get("type") == "image_url")


def _describe_image(url: str) -> str:
    if not url.startswith("data:"):
        return url
    media_type, _, data = url.removeprefix("data:").partition(";base64,")
    try:
        return f"{media_type} of {len(base64.b64decode(data, validate=True))} bytes"
    except ValueError as error:
        message = "Invalid base64 image_url."
        raise Refusal(refusals.invalid_request(message, param="messages", code="invalid_base64")) from error


def _read_content(content: Json) -> str:
    if isinstance(content, str):
        return content
    parts = msgspec.convert(content or [], type=list[dict[str, Json]])
    return "\n".join(str(part["text"]) for part in parts if part.get("type") == "text" and "text" in part)
