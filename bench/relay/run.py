"""Penstock, with its durable log on, against the ways people relay a stream: same upstream, same readers, one run.

Prints one JSON document: CPU microseconds per token of each server's process tree, as figures and as ratios, the added
latency, the added time to first token, and the memory per open stream. Servers run on core 0, the model service and the
readers on other cores; rounds are interleaved and the median round counts.

    python bench/relay/run.py                    all of it (about ten minutes)
    python bench/relay/run.py --quick            burst and one paced level
    python bench/relay/run.py --servers gateway litellm --levels 20      Penstock's /v1 against LiteLLM's proxy
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import litellm_proxy

HERE = Path(__file__).parent
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))


@dataclass
class Server:
    """One way to relay."""

    name: str
    path: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen | None = None


def free_port() -> int:
    """Give a port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tree(pid: int) -> list[int]:
    """Give a process and all below it."""
    found = [pid]
    for member in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{member}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, of the process tree so far (scheduler's nanoseconds where the kernel has them)."""
    total = 0.0
    for member in tree(pid):
        for task in Path(f"/proc/{member}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0]) / 1e9
    return total


def memory_bytes(pid: int) -> int:
    """Proportional set size of the process tree."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            found = re.search(r"Pss: +(\d+)", Path(f"/proc/{member}/smaps_rollup").read_text())
            total += int(found[1]) * 1024 if found else 0
    return total


def pinned(core: int) -> list[str]:
    """Give the command prefix that keeps a program on one core."""
    return ["taskset", "-c", str(CORES[core % len(CORES)])] if shutil.which("taskset") else []


def wait_for(port: int, seconds: float = 90) -> None:
    """Wait until something listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    message = f"nothing listens on port {port}"
    raise TimeoutError(message)


def nginx_command(folder: Path, port: int, upstream: int) -> list[str]:
    """Write nginx's configuration and give its command."""
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_timeout 60;
  upstream service {{ server 127.0.0.1:{upstream}; keepalive 1024; }}
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://service/openai/v1/chat/completions; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_buffering off; }} }} }}
""")
    return ["nginx", "-c", str(folder / "nginx.conf")]


def servers(folder: Path, upstream: int, names: list[str]) -> list[Server]:
    """Give the servers to compare, those that are installed."""
    url = f"http://127.0.0.1:{upstream}"
    uvicorn = [sys.executable, "-m", "uvicorn", "--app-dir", str(HERE), "--log-level", "warning", "--backlog", "4096"]
    penstock = [sys.executable, "-m", "penstock.cli.main", "serve"]
    settings = {
        "AZURE_OPENAI_ENDPOINT": url,
        "AZURE_OPENAI_API_KEY": "benchmark",
        "PENSTOCK_CONFIG": str(penstock_config(folder, url)),
        "PENSTOCK_DATA_DIR": str(folder / "data"),
    }
    found = [
        Server("penstock", "/api/chat", penstock, settings),
        Server("raw-relay", "/", [*uvicorn, "raw_relay:app"], {"UPSTREAM": url}),
        Server("tutorial", "/chat/stream", [*uvicorn, "tutorial:app"], {"UPSTREAM": url}),
    ]
    if shutil.which("nginx"):
        found.append(Server("nginx", "/", []))
    if "gateway" in names:
        found.append(Server("gateway", "/v1/chat/completions", penstock, settings))
    if "litellm" in names:
        command = [str(litellm_proxy.program()), "--config", str(litellm_proxy.config(folder, url, DEPLOYMENTS))]
        command += ["--host", "127.0.0.1", "--num_workers", "1"]
        found.append(Server("litellm", "/v1/chat/completions", command, litellm_proxy.ENVIRONMENT))
    return [server for server in found if not names or server.name in names]


def penstock_config(folder: Path, url: str) -> Path:
    """Write the settings: the benchmark's deployments as models, and no limit in the way."""
    lines = ("[[models]]", 'id = "{0}"', 'provider = "azure_openai"', 'deployment = "{0}"', 'endpoint = "{1}"')
    model = "\n".join((*lines, 'api_key = "benchmark"\n'))
    models = "\n".join(model.format(name, url) for name in DEPLOYMENTS)
    path = folder / "penstock.toml"
    path.write_text(models)
    return path


PACED_TOKENS = 400
TUTORIAL_STREAMS = 100
DEPLOYMENTS = ["burst-1000", "burst-1", f"paced-50-{PACED_TOKENS}"]


@contextlib.contextmanager
def running(server: Server, folder: Path, upstream: int) -> Iterator[Server]:
    """Start a server on core 0 and stop it afterwards."""
    server.port = free_port()
    if server.name == "nginx":
        command = nginx_command(folder, server.port, upstream)
    else:
        command = [*server.command, "--port", str(server.port)]
    with (folder / f"{server.name}.log").open("ab") as log:
        server.process = subprocess.Popen(
            [*pinned(0), *command], env={**os.environ, **server.environment}, stdout=log, stderr=log, cwd=folder
        )
    try:
        wait_for(server.port)
        yield server
    finally:
        server.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(10)
        server.process.kill()
        server.process.wait()


@dataclass(frozen=True)
class Workload:
    """What the readers ask for."""

    name: str
    deployment: str
    streams: int
    tokens: int
    ramp_s: float = 0.0


ONE_TOKEN = Workload("first token", "burst-1", 1, 1)


def measure(server: Server, workload: Workload) -> dict[str, object]:
    """Run one round and give what it cost."""
    body = json.dumps({"model": workload.deployment, "messages": [{"role": "user", "content": "Go."}], "stream": True})
    command = [
        *pinned(2), sys.executable, str(HERE / "load.py"), "--port", str(server.port), "--path", server.path,
        "--body", body, "--streams", str(workload.streams), "--tokens", str(workload.tokens),
        "--ramp-s", str(workload.ramp_s),
    ]  # fmt: skip
    before = cpu_s(server.process.pid)
    reader = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    opened = json.loads(reader.stdout.readline())
    memory = 0
    if workload.ramp_s:
        time.sleep(2)
        memory = memory_bytes(server.process.pid)
    result = json.loads(reader.stdout.readline())
    reader.wait()
    spent = cpu_s(server.process.pid) - before
    return result | {"cpu_us_per_token": spent / max(1, result["tokens"]) * 1e6, "memory_bytes": memory, **opened}


def median(rounds: list[dict[str, object]]) -> dict[str, object]:
    """Give the round with the median CPU."""
    return sorted(rounds, key=lambda one: one["cpu_us_per_token"])[len(rounds) // 2]


def first_token(server: Server, requests: int) -> float:
    """Median milliseconds to the first token of one stream at a time."""
    return statistics.median(measure(server, ONE_TOKEN)["first_token_ms"]["p50"] for _ in range(requests))


def one_round(server: Server, workload: Workload, folder: Path, upstream: int) -> dict[str, object]:
    """Start the server, warm it when the workload is short, measure, stop it."""
    with running(server, folder, upstream):
        if not workload.ramp_s:
            measure(server, workload)
        result = measure(server, workload)
    print(workload.name, server.name, round(result["cpu_us_per_token"], 2), file=sys.stderr)
    return result


def can_hold(server: Server, workload: Workload) -> bool:
    """Whether the server can hold the rate at all: these cannot beyond about a hundred streams."""
    return server.name not in {"tutorial", "litellm"} or not workload.ramp_s or workload.streams <= TUTORIAL_STREAMS


def first_tokens(chosen: list[Server], folder: Path, upstream: int) -> dict[str, float]:
    """Give every server's time to the first token, and that of the service itself."""
    with subprocess.Popen(["sleep", "600"]) as nobody:
        direct = Server("direct", "/openai/v1/chat/completions", [], port=upstream, process=nobody)
        waits = {"direct": first_token(direct, 11)}
        nobody.kill()
    for server in chosen:
        with running(server, folder, upstream):
            first_token(server, 3)
            waits[server.name] = first_token(server, 11)
    return waits


def compare(folder: Path, upstream: int, arguments: argparse.Namespace) -> dict[str, object]:
    """Run every workload on every server, interleaved."""
    levels = [200] if arguments.quick else arguments.levels
    paced = f"paced-50-{PACED_TOKENS}"
    workloads = [
        Workload("burst 32x1000", "burst-1000", 32, 1000),
        *(Workload(f"paced {n}", paced, n, PACED_TOKENS, max(1.0, n / 250)) for n in levels),
    ]
    chosen = servers(folder, upstream, arguments.servers)
    results: dict[str, dict[str, object]] = {}
    for workload in workloads:
        able = [server for server in chosen if can_hold(server, workload)]
        turns = [{s.name: one_round(s, workload, folder, upstream) for s in able} for _ in range(arguments.rounds)]
        results[workload.name] = {server.name: median([turn[server.name] for turn in turns]) for server in able}
    return {
        "workloads": results,
        "first_token_ms": first_tokens(chosen, folder, upstream),
        "ratios": ratios(results),
    }


def ratios(results: dict[str, dict[str, dict]]) -> dict[str, dict[str, float]]:
    """Give each server's CPU per token as a multiple of nginx's, or of the cheapest when nginx is not installed."""
    found = {}
    for name, by_server in results.items():
        base = by_server.get("nginx") or min(by_server.values(), key=lambda one: one["cpu_us_per_token"])
        found[name] = {
            server: round(result["cpu_us_per_token"] / base["cpu_us_per_token"], 2)
            for server, result in by_server.items()
        }
    return found


def main() -> None:
    """Start the model service, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="burst and one paced level")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--levels", type=int, nargs="*", default=[50, 500, 1000], help="paced streams at once")
    parser.add_argument("--servers", nargs="*", default=[], help="only these")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        command = [*pinned(1), sys.executable, str(HERE / "upstream.py")]
        upstream = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            port = int(upstream.stdout.readline())
            print(json.dumps(compare(Path(name), port, arguments), indent=2))
        finally:
            upstream.kill()
            upstream.wait()


if __name__ == "__main__":
    main()
