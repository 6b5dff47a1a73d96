"""What the engine was given: the adapters, behind their ports."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from penstock.core.messages import RunStatus
from penstock.core.ports import Accountant, Bus, Catalog, Clock, Files, Ids, Store
from penstock.runs.limits import Limits
from penstock.runs.pages import Pages


class Adapters(TypedDict):
    """The adapters that the composition root picks, by the names of their ports."""

    store: Store
    catalog: Catalog
    accountant: Accountant
    bus: Bus
    clock: Clock
    ids: Ids
    files: NotRequired[Files | None]
    """For kept messages that carry attachments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The engine's surroundings; nothing in this room makes its own."""

    store: Store
    catalog: Catalog
    accountant: Accountant
    bus: Bus
    clock: Clock
    ids: Ids
    limits: Limits
    instance: str
    """This engine's own id, under which its runs are begun."""
    pages: Pages
    """The store's journals, read for many followers at once."""
    files: Files | None = None
    endings: Counter[RunStatus] = field(default_factory=Counter[RunStatus])
    """How many runs were ended here since the start, by how they ended."""
