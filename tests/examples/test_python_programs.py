"""The examples for Python as a person runs them: each as its README says, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from support.browser import chromium
from support.programs import Program, emulator, free_port

COUNTED = "".join(f"⟨{number}⟩" for number in range(1, 31))
SERVERS = {
    "uvicorn": ("fastapi-sse", "uvicorn app:app --port {port}"),
    "flask": ("flask-sse", "flask run --port {port}"),
    "gunicorn": ("flask-sse", "gunicorn --worker-class gthread --threads 8 --bind 127.0.0.1:{port} app:app"),
    "waitress": ("flask-sse", "waitress --threads 8 --listen 127.0.0.1:{port} app:app"),
}
"""Server -> the example, and the module that serves it."""


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A service whose answers take their time."""
    program = emulator(tmp_path_factory.mktemp("service"), "azure-default")
    try:
        asyncio.run(program.start(ready="/emulator/stats"))
        yield program
    finally:
        program.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as session:
        yield session


def environment(**changes: str) -> dict[str, str]:
    """Give an environment in which nothing but this is configured."""
    prefixes = ("AZURE_", "OPENAI_", "PENSTOCK_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(prefixes)}
    return {**clean, "PENSTOCK_EMULATOR_PROFILE": "fast", **changes}


def at(service: Program, deployment: str = "gpt-5.4-mini") -> dict[str, str]:
    """Give an environment in which a model there is configured."""
    return environment(
        AZURE_OPENAI_ENDPOINT=service.url, AZURE_OPENAI_DEPLOYMENT=deployment, AZURE_OPENAI_API_KEY="test"
    )


@asynccontextmanager
async def serving(command: str, folder: Path, variables: dict[str, str]) -> AsyncIterator[str]:
    """Serve a program, and wait until its page is there; gives its address."""
    port = free_port()
    arguments = command.format(port=port).split()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=folder, env=variables, stdout=PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read())
    url = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(40):
            while not await answers(url):
                assert process.returncode is None, await reading
                await asyncio.sleep(0.05)
        yield url
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def answers(url: str) -> bool:
    """Whether the page is there."""
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


async def stats(session: aiohttp.ClientSession, service: Program) -> dict[str, Any]:
    """What the service has seen."""
    async with session.get(f"{service.url}/emulator/stats") as response:
        return await response.json()


async def until_closed(session: aiohttp.ClientSession, service: Program, *, before: int) -> None:
    """Wait until the service saw its caller leave."""
    async with asyncio.timeout(30):
        while True:
            seen = await stats(session, service)
            if seen["open"] == 0 and seen["closed_early"] > before:
                return
            await asyncio.sleep(0.05)


def contents(body: str) -> list[dict[str, Any]]:
    """The objects of the ``sse`` wire."""
    return [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: {")]


async def run(folder: Path, *arguments: str, variables: dict[str, str]) -> tuple[str, str, int | None]:
    """Run a program to its end; gives its outputs and its code."""
    process = await asyncio.create_subprocess_exec(*arguments, cwd=folder, env=variables, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(60):
        output, errors = await process.communicate()
    return output.decode(), errors.decode(), process.returncode


@pytest.mark.parametrize("server", SERVERS)
async def test_a_route_streams_under_each_server_and_closes_upstream_when_its_reader_goes(
    examples: Path, session: aiohttp.ClientSession, service: Program, server: str
):
    folder, command = SERVERS[server]
    async with serving(command, examples / folder, at(service)) as url:
        async with session.post(f"{url}/ask", json={"text": "count 30"}) as response:
            objects = contents(await response.text())
        before = (await stats(session, service))["closed_early"]
        async with session.post(f"{url}/ask", json={"text": "long 900 words"}) as response:
            while b"content" not in await response.content.readline():
                pass
            assert (await stats(session, service))["open"] == 1
            response.close()
        await until_closed(session, service, before=before)

    assert "".join(one.get("content", "") for one in objects) == COUNTED
    assert (objects[-1]["done"], objects[-1]["finish_reason"]) == (True, "stop")


@pytest.mark.parametrize("server", ["uvicorn", "flask"])
async def test_the_page_shows_the_answer_and_stop_closes_the_call(
    examples: Path, session: aiohttp.ClientSession, service: Program, server: str
):
    folder, command = SERVERS[server]
    async with serving(command, examples / folder, at(service)) as url, chromium() as browser:
        page = await browser.new_page()
        await page.goto(url)
        await page.get_by_label("Question").fill("count 30")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.locator("#answer")).to_have_text(COUNTED, timeout=20_000)
        await expect(page.get_by_role("status")).to_have_text("Done, 30 tokens.")
        before = (await stats(session, service))["closed_early"]
        await page.get_by_label("Question").fill("long 900 words")
        await page.get_by_role("button", name="Ask").click()
        await expect(page.locator("#answer")).not_to_be_empty(timeout=20_000)
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_role("status")).to_have_text("Stopped.")
        await until_closed(session, service, before=before)


async def test_a_page_says_what_broke(examples: Path, service: Program):
    folder, command = SERVERS["uvicorn"]
    variables = at(service, "fault-no-finish")
    async with serving(command, examples / folder, variables) as url, chromium() as browser:
        page = await browser.new_page()
        await page.goto(url)
        await page.get_by_role("button", name="Ask").click()
        await expect(page.get_by_role("status")).to_contain_text("Failed: The model service ended", timeout=20_000)


async def test_a_pipeline_searches_cites_and_answers_in_the_api_and_the_page(
    examples: Path, session: aiohttp.ClientSession, tmp_path: Path
):
    variables = environment(PENSTOCK_DATA_DIR=str(tmp_path))
    async with serving("uvicorn app:app --port {port}", examples / "own-rag", variables) as url, chromium() as browser:
        body = {"messages": [{"role": "user", "content": "How many holidays do I have?"}]}
        async with session.post(f"{url}/api/chat", json=body) as response:
            objects = contents(await response.text())
        async with session.get(f"{url}/api/runs/{response.headers['X-Run-Id']}") as again:
            kept = await again.json()
        page = await browser.new_page()
        await page.goto(url)
        await page.get_by_role("textbox").first.fill("How many holidays do I have?")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("holidays", exact=True).first).to_be_visible(timeout=20_000)

    assert [one["progress"]["state"] for one in objects if "progress" in one] == ["started", "finished"]
    assert next(one["source"]["title"] for one in objects if "source" in one) == "holidays"
    assert (kept["model"], kept["status"]) == ("handbook", "finished")
    assert objects[-1]["usage"]["source"] == "provider"


async def test_a_script_prints_each_piece_and_what_the_answer_took(examples: Path):
    command = (sys.executable, "collect.py", "count 30")
    output, errors, code = await run(examples / "collector", *command, variables=environment())

    assert (output.strip(), code) == (COUNTED, 0)
    assert "[stop, 30 tokens, $0.000" in errors


async def test_a_script_hears_why_an_answer_is_not_whole(examples: Path, service: Program):
    variables = at(service, "fault-no-finish")
    output, errors, code = await run(examples / "collector", sys.executable, "collect.py", variables=variables)

    assert output.strip()
    assert f"[upstream_eof after {len(output.rstrip(chr(10)))} characters]" in errors
    assert code == 1


async def test_openai_s_library_streams_through_the_gateway(examples: Path, program: Program):
    variables = environment(PENSTOCK_URL=program.url)
    command = (sys.executable, "chat.py", "count 30")
    output, errors, code = await run(examples / "openai-sdk-python", *command, variables=variables)
    _, refused, failed = await run(examples / "openai-sdk-python", *command, "fault-no-finish", variables=variables)

    assert (output.strip(), code) == (COUNTED, 0)
    assert "[stop]" in errors
    assert "[30 tokens]" in errors
    assert "without saying" in refused
    assert failed == 1


async def test_curl_shows_the_answer_and_reads_its_log_again(examples: Path, program: Program):
    variables = environment(PENSTOCK_URL=program.url)
    output, errors, code = await run(
        examples / "curl", "sh", "chat.sh", 'count 30 "and" no \\ more', variables=variables
    )

    assert (errors, code) == ("", 0)
    assert output.startswith(COUNTED)
    assert '"status":"finished"' in output
    assert output.rstrip().splitlines()[-1].startswith('data: {"type":"run-finished"')
