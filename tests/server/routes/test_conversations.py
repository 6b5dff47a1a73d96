"""Conversations over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.core.messages import Conversation
from support.running import Running

MATCH = {"If-Match": '"1"'}


async def create(server: Running, **fields: Any):
    return await server.json("POST", "/api/conversations", json=fields, status=201)


async def test_a_conversation_is_created_with_an_id_of_the_clients_or_of_ours(server: Running):
    mine = await create(server, id="my-own_1", title="A", system_prompt="Be brief.", model="fast")
    assert (mine["id"], mine["title"], mine["system_prompt"]) == ("my-own_1", "A", "Be brief.")
    other = await create(server)
    assert other["id"].startswith("conv_")


async def test_an_id_that_is_taken_is_409(server: Running):
    await create(server, id="c1")
    await server.json("POST", "/api/conversations", json={"id": "c1"}, status=409)


@pytest.mark.parametrize("fields", [{"id": "a b"}, {"id": "x" * 65}, {"id": ""}, {"model": "nobody"}])
async def test_a_wrong_creation_is_400_and_names_the_field(server: Running, fields: Any):
    problem = await server.json("POST", "/api/conversations", json=fields, status=400)
    assert problem["field"] == next(iter(fields))


async def test_the_list_is_newest_first_paged_and_searched(server: Running):
    for number in range(5):
        await create(server, id=f"c{number}", title=f"Title {number}")
    first = await server.json("GET", "/api/conversations?limit=3")
    rest = await server.json("GET", f"/api/conversations?limit=3&cursor={first['next_cursor']}")
    ids = [item["id"] for item in first["conversations"] + rest["conversations"]]
    assert sorted(ids) == ["c0", "c1", "c2", "c3", "c4"]
    assert rest["next_cursor"] is None
    found = await server.json("GET", "/api/conversations?q=Title 3")
    assert [item["id"] for item in found["conversations"]] == ["c3"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%00bad"])
async def test_a_wrong_page_is_400(server: Running, query: str):
    await server.json("GET", f"/api/conversations?{query}", status=400)


async def test_a_change_needs_the_version_that_was_read(server: Running):
    await create(server, id="c1")
    await server.json("PATCH", "/api/conversations/c1", json={"title": "A"}, status=428)
    changed = await server.json("PATCH", "/api/conversations/c1", json={"title": "A", "version": 1})
    assert (changed["title"], changed["version"]) == ("A", 2)
    await server.json("PATCH", "/api/conversations/c1", json={"title": "B", "version": 1}, status=409)
    stale = await server.json("PATCH", "/api/conversations/c1", json={"title": "B"}, headers=MATCH, status=412)
    assert stale["field"] == "If-Match"
    async with server.call(
        "PATCH", "/api/conversations/c1", json={"pinned": True}, headers={"If-Match": '"2"'}
    ) as response:
        assert response.status == 200
        assert response.headers["ETag"] == '"3"'


async def test_a_search_says_where_it_found_the_words(server: Running):
    accepted = await server.send("c1", "echo: a penstock is a pipe")
    await server.wait_for_end(accepted["run"]["id"])
    found = await server.json("GET", "/api/conversations?q=PENSTOCK")
    (match,) = found["matches"]
    assert match["conversation_id"] == "c1"
    assert {"text": "penstock", "is_match": True} in match["snippet"]


async def test_who_has_the_newest_list_hears_304(server: Running):
    await create(server, id="c1")
    async with server.call("GET", "/api/conversations") as response:
        tag = {"If-None-Match": response.headers["ETag"]}
    async with server.call("GET", "/api/conversations", headers=tag) as response:
        assert (response.status, await response.read()) == (304, b"")
    await create(server, id="c2")
    async with server.call("GET", "/api/conversations", headers=tag) as response:
        assert response.status == 200


async def test_an_answer_is_unseen_until_somebody_looks_at_it(server: Running):
    accepted = await server.send("c1", "count 1000", model="slow")
    assert (await server.json("GET", "/api/conversations"))["running"] == ["c1"]
    await server.json("POST", f"/api/runs/{accepted['run']['id']}/stop")
    listed = await server.json("GET", "/api/conversations")
    assert listed["running"] == []
    (conversation,) = listed["conversations"]
    assert "seen_at" not in conversation
    seen = await server.json("POST", "/api/conversations/c1/seen")
    assert seen["seen_at"] >= conversation["answered_at"]
    assert (await server.json("GET", "/api/conversations"))["conversations"] == [seen]


async def test_a_conversation_tells_what_all_its_answers_took(server: Running):
    first = await server.send("c1", "echo: one")
    await server.wait_for_end(first["run"]["id"])
    again = await server.json(
        "POST",
        f"/api/conversations/c1/messages/{first['message_id']}/regenerate",
        headers={"Prefer": "respond-async"},
        status=202,
    )
    await server.wait_for_end(again["run"]["id"])
    runs = [await server.json("GET", f"/api/runs/{one['run']['id']}") for one in (first, again)]
    spending = await server.json("GET", "/api/conversations/c1/usage")
    assert spending["runs"] == 2
    assert spending["usage"]["output"] >= sum(run["usage"]["output"] for run in runs)
    assert (await server.json("GET", "/api/conversations/c1"))["spending"]["runs"] == 2


async def test_a_title_given_at_the_creation_is_the_persons(server: Running):
    assert (await create(server, title="Mine"))["title_source"] == "person"
    assert "title_source" not in await create(server)


async def test_what_a_change_leaves_out_stays(server: Running):
    await create(server, id="c1", title="A", system_prompt="P")
    changed = await server.json("PATCH", "/api/conversations/c1", json={"system_prompt": None, "version": 1})
    assert changed["title"] == "A"
    assert "system_prompt" not in changed


async def test_a_wrong_change_is_400(server: Running):
    await create(server, id="c1")
    for body in ({"title": 5}, {"model": "nobody"}, {"pinned": "yes"}, {"owner": "me"}):
        await server.json("PATCH", "/api/conversations/c1", json=body | {"version": 1}, status=400)


async def test_a_deleted_conversation_is_gone_until_it_is_restored(server: Running):
    await create(server, id="c1")
    await server.json("DELETE", "/api/conversations/c1")
    await server.json("GET", "/api/conversations/c1", status=404)
    assert (await server.json("GET", "/api/conversations"))["conversations"] == []
    await server.json("POST", "/api/conversations/c1/restore")
    assert (await server.json("GET", "/api/conversations/c1"))["conversation"]["id"] == "c1"


async def test_deleting_a_conversation_stops_what_is_written_in_it(server: Running):
    accepted = await server.send("c1", "count 1000", model="slow")
    await server.json("DELETE", "/api/conversations/c1")
    assert (await server.json("GET", f"/api/runs/{accepted['run']['id']}"))["status"] == "stopped"
    await server.json("POST", "/api/conversations/c1/restore")
    opened = await server.json("GET", "/api/conversations/c1")
    assert [message["role"] for message in opened["messages"]] == ["user", "assistant"]


async def test_an_unknown_conversation_is_404_everywhere(server: Running):
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/restore"),
        ("GET", "/export"),
        ("GET", "/usage"),
        ("POST", "/seen"),
        ("POST", "/messages/m1/regenerate"),
    ):
        await server.json(method, f"/api/conversations/nobody{path}", status=404)
    await server.json("PATCH", "/api/conversations/nobody", json={"version": 1}, status=404)


async def test_an_open_conversation_shows_what_runs_and_no_half_message(server: Running):
    accepted = await server.send("c1", "count 1000", model="slow")
    opened = await server.json("GET", "/api/conversations/c1")
    assert opened["active_run"]["id"] == accepted["run"]["id"]
    assert [message["role"] for message in opened["messages"]] == ["user"]
    await server.json("POST", "/api/chat/c1/stop")
    opened = await server.json("GET", "/api/conversations/c1")
    assert opened["active_run"] is None
    assert opened["messages"][-1]["status"] == "stopped"


@pytest.mark.parametrize(("text", "model"), [("count 1000", "slow"), ("echo: hello", "fast")])
async def test_a_question_that_comes_while_a_conversation_is_opened_has_its_run_or_its_answer(
    server: Running, monkeypatch: pytest.MonkeyPatch, text: str, model: str
):
    await create(server, id="c1")
    store = server.application.services.store
    read = store.get_conversation

    async def read_as_a_question_comes(owner: str, conversation_id: str) -> Conversation:
        monkeypatch.undo()
        run = (await server.send("c1", text, model=model))["run"]
        if model == "fast":
            await server.json("GET", f"/api/runs/{run['id']}/events?wire=json")
        return await read(owner, conversation_id)

    monkeypatch.setattr(store, "get_conversation", read_as_a_question_comes)
    opened = await server.json("GET", "/api/conversations/c1")
    assert (opened["active_run"] is not None) != any(message["role"] == "assistant" for message in opened["messages"])


async def test_a_conversation_is_exported_as_markdown_and_json(server: Running):
    accepted = await server.send("c1", "echo: **hello**")
    await server.wait_for_end(accepted["run"]["id"])
    async with server.call("GET", "/api/conversations/c1/export") as response:
        text = await response.text()
        assert response.headers["Content-Disposition"] == 'attachment; filename="conversation-c1.md"'
    assert "## You\n\necho: **hello**" in text
    assert "**hello**" in text.split("## Assistant")[1]
    tree = await server.json("GET", "/api/conversations/c1/export?format=json")
    assert len(tree["messages"]) == 2
    await server.json("GET", "/api/conversations/c1/export?format=pdf", status=400)
