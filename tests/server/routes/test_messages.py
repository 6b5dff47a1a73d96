"""New messages: streamed, or accepted and followed elsewhere."""

from __future__ import annotations

import asyncio

from support.running import Running


async def test_a_message_streams_canonical_events(server: Running):
    async with server.call("POST", "/api/conversations/c1/messages", json={"text": "count 3"}) as response:
        text = await response.text()
    assert response.headers["X-Conversation-Id"] == "c1"
    assert '"type":"run-started"' in text
    assert '"type":"run-finished"' in text


async def test_a_message_can_be_accepted_and_followed_elsewhere(server: Running):
    headers = {"Prefer": "respond-async"}
    async with server.call(
        "POST", "/api/conversations/c1/messages", json={"text": "count 3"}, headers=headers
    ) as response:
        accepted = await response.json()
    assert response.status == 202
    assert response.headers["Location"] == f"/api/runs/{accepted['run']['id']}"
    assert response.headers["Preference-Applied"] == "respond-async"
    await server.wait_for_end(accepted["run"]["id"])
    user, answer = (await server.json("GET", "/api/conversations/c1"))["messages"]
    assert (user["id"], answer["id"]) == (accepted["user_message_id"], accepted["message_id"])
    assert answer["parent_id"] == user["id"]


async def test_many_submits_at_once_are_one_run(server: Running):
    accepted = await asyncio.gather(*(server.send("c1", "count 3", client_message_id="k1") for _ in range(8)))
    assert len({answer["run"]["id"] for answer in accepted}) == 1
    await server.wait_for_end(accepted[0]["run"]["id"])
    assert len((await server.json("GET", "/api/conversations/c1"))["messages"]) == 2


async def test_a_regeneration_is_a_sibling(server: Running):
    first = await server.send("c1", "count 3")
    await server.wait_for_end(first["run"]["id"])
    path = f"/api/conversations/c1/messages/{first['message_id']}/regenerate"
    headers = {"Prefer": "respond-async"}
    second = await server.json("POST", path, json={"model": "slow"}, headers=headers, status=202)
    await server.wait_for_end(second["run"]["id"])
    messages = (await server.json("GET", "/api/conversations/c1"))["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "assistant"]
    assert messages[1]["parent_id"] == messages[2]["parent_id"]


async def test_a_continuation_follows_what_broke_off(server: Running):
    first = await server.send("c1", "count 300", options={"max_output_tokens": 100})
    await server.wait_for_end(first["run"]["id"])
    path = f"/api/conversations/c1/messages/{first['message_id']}/continue"
    second = await server.json("POST", path, headers={"Prefer": "respond-async"}, status=202)
    await server.wait_for_end(second["run"]["id"])
    _, cut, rest = (await server.json("GET", "/api/conversations/c1"))["messages"]
    assert rest["parent_id"] == cut["id"] == first["message_id"]
    assert cut["parts"][0]["text"] + rest["parts"][0]["text"] == "".join(f"⟨{number}⟩" for number in range(1, 301))
    problem = await server.json("POST", path.replace(cut["id"], rest["id"]), status=409)
    assert problem["field"] == "message_id"


async def test_a_regeneration_needs_no_body(server: Running):
    first = await server.send("c1", "count 3")
    await server.wait_for_end(first["run"]["id"])
    path = f"/api/conversations/c1/messages/{first['message_id']}/regenerate"
    async with server.call("POST", path) as response:
        assert '"run-finished"' in await response.text()


async def test_an_edit_is_a_branch(server: Running):
    first = await server.send("c1", "count 3")
    await server.wait_for_end(first["run"]["id"])
    edited = await server.send("c1", "count 4", is_root=True)
    await server.wait_for_end(edited["run"]["id"])
    messages = (await server.json("GET", "/api/conversations/c1"))["messages"]
    assert [message.get("parent_id") for message in messages if message["role"] == "user"] == [None, None]


async def test_a_parent_of_another_conversation_is_404(server: Running):
    first = await server.send("c1", "count 3")
    await server.wait_for_end(first["run"]["id"])
    body = {"text": "hi", "parent_id": first["message_id"]}
    await server.json("POST", "/api/conversations/c2/messages", json=body, status=404)
