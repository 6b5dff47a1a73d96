"""The reverse proxies of ``deploy/`` as programs of a test, with their files but for the addresses."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.programs import free_port

DEPLOY = Path(__file__).parents[2] / "deploy"
START_S = 30.0


@dataclass(frozen=True)
class Proxy:
    """How a proxy is run with a configuration of ours."""

    file: Path
    server: str
    """The line that names an instance."""
    wrap: Callable[[str, Path], str]
    command: Callable[[Path], list[str]]


def as_snippet(text: str, folder: Path) -> str:
    """Put nginx's ``conf.d`` file where it is included from."""
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log stderr warn;\nevents {{ worker_connections 2048; }}\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        # What a distribution's nginx.conf has that could hold an answer back.
        f"gzip on; gzip_types *;\n{text}\n}}\n"
    )


PROXIES: Mapping[str, Proxy] = {
    "nginx": Proxy(
        DEPLOY / "nginx" / "penstock.conf",
        "server 127.0.0.1:8000 max_fails=0;",
        as_snippet,
        lambda path: ["-p", str(path.parent), "-c", str(path)],
    ),
    "caddy": Proxy(
        DEPLOY / "caddy" / "Caddyfile",
        "reverse_proxy 127.0.0.1:8000 {",
        lambda text, _: "{\n\tadmin off\n\tauto_https off\n}\n" + text,
        lambda path: ["run", "--config", str(path), "--adapter", "caddyfile"],
    ),
    "haproxy": Proxy(
        DEPLOY / "haproxy" / "haproxy.cfg",
        "server one 127.0.0.1:8000 check inter 2s",
        lambda text, _: text,
        lambda path: ["-db", "-f", str(path)],
    ),
}


def program_of(name: str) -> str:
    """Give the path of a proxy's program; skips the test when there is none."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@contextmanager
def running_proxy(name: str, folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Run the named proxy before the servers on these ports; gives its URL."""
    program = program_of(name)
    proxy = PROXIES[name]
    port = free_port()
    text = proxy.file.read_text(encoding="utf-8")
    assert proxy.server in text
    assert "8080" in text
    servers = "\n".join(proxy.server.replace("127.0.0.1:8000", f"127.0.0.1:{target}") for target in ports)
    path = folder / f"{name}.conf"
    path.write_text(
        proxy.wrap(text.replace("8080", str(port)).replace(proxy.server, servers), folder), encoding="utf-8"
    )
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
