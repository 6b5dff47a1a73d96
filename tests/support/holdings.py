"""What a server's process holds, as the kernel and its own counters tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from support.programs import Program


@dataclass(frozen=True)
class Holdings:
    """What a process holds; equal when everything but the memory is."""

    tasks: int
    threads: int
    files: dict[str, int]
    """How many descriptors there are of each file, by its name."""
    clients: int
    """Connections of those who asked it."""
    services: int
    """Connections to model services."""
    others: int
    """Other sockets: the one that listens, the loop's own, those to a database and a bus."""
    memory_bytes: int = field(compare=False)

    def __str__(self) -> str:
        sockets = self.clients + self.services + self.others
        return (
            f"{self.memory_bytes / 1024**2:.0f} MiB, {self.tasks} tasks, {self.threads} threads, "
            f"{sum(self.files.values())} files, {sockets} sockets"
        )


async def holdings_of(program: Program, service: Program) -> Holdings:
    """Read what the server holds; the connection that asks for its tasks is closed before the others are counted."""
    figures = await figures_of(program)
    names = Counter(_descriptors(program.pid))
    ends = _ends_of_connections()
    sockets = [ends.get(name, (0, 0)) for name in names.elements() if name.startswith("socket:")]
    clients = sum(local == program.port and remote != 0 for local, remote in sockets)
    services = sum(remote == service.port for _, remote in sockets)
    return Holdings(
        tasks=figures["penstock_tasks"],
        threads=int(_status(program.pid)["Threads"]),
        files={name: count for name, count in names.items() if name.startswith("/")},
        clients=clients,
        services=services,
        others=len(sockets) - clients - services,
        memory_bytes=resident_bytes(program.pid),
    )


async def figures_of(program: Program) -> dict[str, int]:
    """Give the server's own counters."""
    async with aiohttp.ClientSession() as session, session.get(f"{program.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {name: int(value) for name, value in (line.split() for line in lines if not line.startswith("#"))}


def resident_bytes(pid: int) -> int:
    """Give the resident memory of a process."""
    return int(_status(pid)["VmRSS"].split()[0]) * 1024


def _status(pid: int) -> dict[str, str]:
    return dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())


def _descriptors(pid: int) -> Iterator[str]:
    """Give what each descriptor stands for: a file's path, or a kind with a number, as the kernel writes it."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(descriptor.readlink())


def _ends_of_connections() -> dict[str, tuple[int, int]]:
    """Give the local and the remote port of every TCP socket of this machine, by its name among the descriptors."""
    ends: dict[str, tuple[int, int]] = {}
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            _, local, remote, *_, inode = line.split()[:10]
            ends[f"socket:[{inode}]"] = (int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16))
    return ends
