"""Penstock streams model answers to people.

A name is loaded when it is first used: a program that wants one pays for that one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from penstock.composition.settings import SettingsError
    from penstock.core import events
    from penstock.core.errors import CallerError, PenstockError, ProviderError
    from penstock.core.events import Event
    from penstock.core.requests import ModelRequest
    from penstock.providers.own_code import Pipeline
    from penstock.toolkit.answer import Answer, AnswerError
    from penstock.toolkit.answer_stream import AnswerStream
    from penstock.toolkit.asking_once import collect, collect_sync, stream, stream_sync, text_stream
    from penstock.toolkit.client import Client
    from penstock.toolkit.collector import Collector
    from penstock.toolkit.stages import Stage, source
    from penstock.toolkit.sync_client import SyncAnswerStream, SyncClient

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "AnswerError",
    "AnswerStream",
    "CallerError",
    "Client",
    "Collector",
    "Event",
    "ModelRequest",
    "PenstockError",
    "Pipeline",
    "ProviderError",
    "SettingsError",
    "Stage",
    "SyncAnswerStream",
    "SyncClient",
    "collect",
    "collect_sync",
    "events",
    "source",
    "stream",
    "stream_sync",
    "text_stream",
]

_PLACES: Final = {
    "penstock.composition.settings": ("SettingsError",),
    "penstock.core.errors": ("CallerError", "PenstockError", "ProviderError"),
    "penstock.core.events": ("Event",),
    "penstock.core.requests": ("ModelRequest",),
    "penstock.providers.own_code": ("Pipeline",),
    "penstock.toolkit.answer": ("Answer", "AnswerError"),
    "penstock.toolkit.answer_stream": ("AnswerStream",),
    "penstock.toolkit.asking_once": ("collect", "collect_sync", "stream", "stream_sync", "text_stream"),
    "penstock.toolkit.client": ("Client",),
    "penstock.toolkit.collector": ("Collector",),
    "penstock.toolkit.sync_client": ("SyncAnswerStream", "SyncClient"),
    "penstock.toolkit.stages": ("Stage", "source"),
}
"""Module -> the names that are found there."""


if not TYPE_CHECKING:  # a type checker that saw this would believe in every name

    def __getattr__(name: str) -> object:
        """Load what was asked for."""
        if name == "events":
            return import_module("penstock.core.events")
        for module, names in _PLACES.items():
            if name in names:
                return getattr(import_module(module), name)
        message = f"penstock has no {name!r}"
        raise AttributeError(message)


def __dir__() -> list[str]:
    """Name what can be loaded, too."""
    return sorted({*globals(), *__all__})
