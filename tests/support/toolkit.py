"""The toolkit's settings over a real emulator."""

from __future__ import annotations

from penstock.composition.settings import ModelSettings, Settings
from penstock.emulator.server import Emulator
from support.running import DEPLOYMENTS


def settings_of(emulator: Emulator, **changes: object) -> Settings:
    """Give settings with the models of `DEPLOYMENTS`, ``fast`` first."""
    models = tuple(
        ModelSettings(id=name, provider="azure_openai", deployment=deployment, endpoint=emulator.url, api_key="test")
        for name, deployment in DEPLOYMENTS.items()
    )
    return Settings(models=models, **changes)  # pyright: ignore[reportArgumentType] - a test's shorthand
