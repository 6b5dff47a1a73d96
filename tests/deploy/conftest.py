"""Real proxies with the configuration of ``deploy/``, before a real server."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.programs import Program, emulator, free_port, server

DEPLOY = Path(__file__).parents[2] / "deploy"
MODELS = ("gpt-5.4-mini", "fault-stall-first")
START_S = 20.0


@dataclass(frozen=True)
class Proxy:
    """How a proxy is run with a configuration of ours."""

    file: Path
    wrap: Callable[[str, Path], str]
    command: Callable[[Path], list[str]]


def as_snippet(text: str, folder: Path) -> str:
    """Put nginx's ``conf.d`` file where it is included from."""
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log stderr warn;\nevents {{ worker_connections 512; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        # What a distribution's nginx.conf has that could hold an answer back.
        f"gzip on; gzip_types *;\n{text}\n}}\n"
    )


PROXIES: Mapping[str, Proxy] = {
    "nginx": Proxy(
        DEPLOY / "nginx" / "penstock.conf", as_snippet, lambda path: ["-p", str(path.parent), "-c", str(path)]
    ),
    "caddy": Proxy(
        DEPLOY / "caddy" / "Caddyfile",
        lambda text, _: "{\n\tadmin off\n\tauto_https off\n}\n" + text,
        lambda path: ["run", "--config", str(path), "--adapter", "caddyfile"],
    ),
    "haproxy": Proxy(DEPLOY / "haproxy" / "haproxy.cfg", lambda text, _: text, lambda path: ["-db", "-f", str(path)]),
}


def program_of(name: str) -> str:
    """Give the path of a proxy's program; skips the test when there is none."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the module's programs."""
    return tmp_path_factory.mktemp("deploy")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Program]:
    """The emulator."""
    program = emulator(folder, "async-filter")
    asyncio.run(program.start(ready="/emulator/stats"))
    yield program
    program.close()


@pytest.fixture(scope="module")
def penstock(folder: Path, service: Program) -> Iterator[Program]:
    """The server behind the proxies."""
    program = server(folder, service, *MODELS, PENSTOCK_HEARTBEAT_S="0.4")
    asyncio.run(program.start())
    yield program
    program.close()


@pytest.fixture(scope="module", params=sorted(PROXIES))
def front(request: pytest.FixtureRequest, folder: Path, penstock: Program) -> Iterator[str]:
    """The URL of each proxy in turn, with the file of ``deploy/`` but for its two addresses."""
    name: str = request.param
    program = program_of(name)
    port = free_port()
    proxy = PROXIES[name]
    text = proxy.file.read_text(encoding="utf-8")
    assert "127.0.0.1:8000" in text
    assert "8080" in text
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{penstock.port}").replace("8080", str(port))
    path = folder / f"{name}.conf"
    path.write_text(proxy.wrap(text, folder), encoding="utf-8")
    environment = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen([program, *proxy.command(path)], stdout=output, stderr=output, env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        assert is_ready(url + "/readyz"), log.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(10)


def is_ready(url: str) -> bool:
    """Wait until the server answers through the proxy; False when it does not in time."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(url, timeout=1) as response:
            return response.status == 200
        time.sleep(0.05)
    return False
