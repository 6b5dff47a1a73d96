"""The models, open."""

from __future__ import annotations

import pytest

from penstock.composition.models import open_models
from penstock.composition.settings import ModelSettings, Settings


async def test_nothing_configured_opens_the_emulator_with_two_models():
    async with open_models(Settings(emulator_profile="fast")) as models:
        infos = models.catalog.list()

    assert models.emulator_url is not None
    assert [info.is_emulated for info in infos] == [True, True]
    assert len({info.provider for info in infos}) == 2


async def test_what_is_configured_answers_alone():
    settings = Settings(models=(ModelSettings(id="mine", provider="openai", api_key="test"),))

    async with open_models(settings) as models:
        assert models.emulator_url is None
        assert [info.id for info in models.catalog.list()] == ["mine"]


async def test_an_unknown_profile_of_the_emulator_is_an_error():
    with pytest.raises(ValueError, match="profile"):
        async with open_models(Settings(emulator_profile="none-such")):
            pass
