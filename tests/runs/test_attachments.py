"""What becomes of attachments on their way to the model."""

from __future__ import annotations

import pytest

from penstock.core.errors import CallerError
from penstock.core.messages import AttachmentKind, AttachmentPart, ImagePart, TextPart
from penstock.core.requests import ChatRequest, InputMessage
from penstock.runs.attachments import MOST_BYTES
from runs.conftest import House
from runs.scripted import whole_answer

QUESTION = TextPart(text="What is it?")


def attached(
    number: int = 1, *, kind: AttachmentKind = "text", size_bytes: int = 4, name: str = "notes.txt"
) -> AttachmentPart:
    media_type = "image/png" if kind == "image" else "text/plain"
    return AttachmentPart(
        attachment_id=f"att_{number}", kind=kind, name=name, media_type=media_type, size_bytes=size_bytes
    )


def ask_with(*parts: AttachmentPart, model: str | None = "other", **fields: object) -> ChatRequest:
    messages = (InputMessage(role="user", parts=(*parts, QUESTION)),)
    return ChatRequest(**{"messages": messages, "conversation_id": "c1", "model": model, **fields})  # pyright: ignore[reportArgumentType] - a test's shorthand


async def prompt_of(house: House, request: ChatRequest) -> tuple[object, ...]:
    """Give the parts of the newest message that the service got."""
    await house.answer(*whole_answer("It is."), request=request)
    return house.provider.script.request.messages[-1].parts


async def test_a_text_file_goes_into_the_prompt_under_its_name(house: House):
    house.files.kept["att_1"] = "\ufeffline one\n".encode()
    parts = await prompt_of(house, ask_with(attached(name='a "b" <c>.txt')))
    shown = '<file name="a &quot;b&quot; &lt;c>.txt">\nline one\n\n</file>\n\n'
    assert parts == (TextPart(text=shown), QUESTION)


async def test_an_image_goes_to_a_model_that_sees(house: House):
    house.files.kept["att_1"] = b"\x89PNG"
    parts = await prompt_of(house, ask_with(attached(kind="image")))
    assert parts == (ImagePart(url="data:image/png;base64,iVBORw==", media_type="image/png"), QUESTION)


async def test_an_image_for_a_model_that_does_not_see_is_refused(house: House):
    with pytest.raises(CallerError, match="does not see images") as refused:
        await house.engine.begin("ann", ask_with(attached(kind="image"), model="plain"))
    assert (refused.value.field, refused.value.code) == ("attachments", "model_sees_no_images")
    assert house.store.runs == {}


async def test_an_earlier_image_is_named_to_a_model_that_does_not_see(house: House):
    house.files.kept["att_1"] = b"\x89PNG"
    await prompt_of(house, ask_with(attached(kind="image", name="cat.png")))
    await prompt_of(house, ask_with(model="plain"))
    earlier = house.provider.script.request.messages[0].parts
    assert earlier == (TextPart(text="[The file cat.png is not shown to you.]\n\n"), QUESTION)


async def test_a_file_that_is_lost_is_said_to_be(house: House):
    parts = await prompt_of(house, ask_with(attached()))
    assert parts[0] == TextPart(text="[The file notes.txt is not shown to you.]\n\n")


async def test_a_prompt_carries_the_newest_files_up_to_a_bound(house: House):
    house.files.kept.update(att_1=b"old", att_2=b"new")
    await prompt_of(house, ask_with(attached(1, size_bytes=MOST_BYTES)))
    newest = await prompt_of(house, ask_with(attached(2)))
    assert "new" in str(newest[0])
    assert "old" not in str(house.provider.script.request.messages[0].parts)


async def test_more_files_than_a_message_may_carry_are_refused(house: House):
    with pytest.raises(CallerError, match="10 files") as refused:
        await house.engine.begin("ann", ask_with(*(attached(number) for number in range(11))))
    assert refused.value.field == "attachments"


async def test_a_message_of_a_file_alone_is_named_after_it(house: House):
    house.files.kept["att_1"] = b"x"
    message = InputMessage(role="user", parts=(attached(name="report.txt"),))
    await house.answer(*whole_answer("a"), request=ChatRequest(messages=(message,), conversation_id="c1"))
    assert house.store.conversations["c1"].title == "report.txt"
