"""Settings -> models."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.composition.catalog import configured_models, find_title_model, make_catalog
from penstock.composition.provider_factory import Providers
from penstock.composition.settings import ModelSettings, Settings, SettingsError
from penstock.core.errors import CallerError


def test_nothing_configured_is_nothing():
    assert configured_models(Settings()) == ()


def test_the_standard_variables_give_models_of_several_providers():
    settings = Settings(
        azure_openai_endpoint="https://x.example",
        azure_openai_deployment=("a", "b"),
        openai_api_key="k",
        deepseek_api_key="k",
        ollama_host="127.0.0.1:11434",
    )
    found = [(model.id, model.provider) for model in configured_models(settings)]
    assert found == [
        ("a", "azure_openai"),
        ("b", "azure_openai"),
        ("gpt-5.4-mini", "openai"),
        ("deepseek-chat", "deepseek"),
        ("deepseek-reasoner", "deepseek"),
        ("llama3.2", "ollama"),
    ]


def test_the_model_for_titles_must_be_one_of_them():
    models = (ModelSettings(id="a", provider="ollama"),)
    catalog = make_catalog(models, Providers(Settings()))
    assert find_title_model(Settings(), catalog) is None
    assert find_title_model(Settings(title_model="a"), catalog) == "a"
    with pytest.raises(SettingsError, match=r"title_model.*'b'"):
        find_title_model(Settings(title_model="b"), catalog)


@pytest.mark.parametrize(
    "fields", [{"azure_openai_endpoint": "https://x.example"}, {"azure_openai_deployment": ("a",)}]
)
def test_half_an_azure_is_a_sentence(fields: Any):
    with pytest.raises(SettingsError, match="AZURE_OPENAI"):
        configured_models(Settings(**fields))


def test_two_models_of_one_id_are_a_sentence():
    model = ModelSettings(id="a", provider="openai")
    with pytest.raises(SettingsError, match="same id"):
        configured_models(Settings(models=(model, model)))


async def test_the_default_is_found_for_none_and_an_unknown_id_is_the_callers_error():
    settings = Settings(models=(ModelSettings(id="a", provider="openai"), ModelSettings(id="b", provider="openai")))
    providers = Providers(settings)
    catalog = make_catalog(configured_models(settings), providers)
    assert catalog.find(None).info.id == "a"
    assert catalog.find("b").service_name == "b"
    with pytest.raises(CallerError) as caught:
        catalog.find("c")
    assert caught.value.field == "model"
    await providers.close()


async def test_a_program_s_own_code_comes_first_and_is_asked_by_its_id():
    catalog = make_catalog(
        (ModelSettings(id="mine", provider="openai", api_key="test"),),
        Providers(Settings()),
        pipelines={"handbook": lambda _request: ["text"]},
    )

    assert [(info.id, info.is_default) for info in catalog.list()] == [("handbook", True), ("mine", False)]
    assert catalog.find("handbook").is_own_code


async def test_an_id_that_no_model_can_have_is_refused():
    with pytest.raises(SettingsError, match="id of a model"):
        make_catalog((), Providers(Settings()), pipelines={"my handbook": lambda _request: []})
