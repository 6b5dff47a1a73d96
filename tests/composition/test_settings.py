"""Settings: the environment first, then the file; a wrong one is one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.composition.settings import SettingsError, load_settings


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch):
    Path("penstock.toml").write_text('port = 1111\nheartbeat_s = 5\nazure_openai_deployment = ["a", "b"]\n')
    monkeypatch.setenv("PENSTOCK_PORT", "2222")
    settings = load_settings()
    assert (settings.port, settings.heartbeat_s) == (2222, 5)
    assert settings.azure_openai_deployment == ("a", "b")


def test_the_command_line_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_PORT", "2222")
    assert load_settings(port=3333).port == 3333


def test_the_standard_variables_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com")
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "one, two")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "secret-key")
    settings = load_settings()
    assert settings.azure_openai_endpoint == "https://x.openai.azure.com"
    assert settings.azure_openai_deployment == ("one", "two")
    assert "secret-key" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('port = "x"', "PENSTOCK_PORT"),
        ("port = 99999", "PENSTOCK_PORT"),
        ("prot = 1", "prot"),
        ('azure_openai_endpoint = "x.openai.azure.com"', "AZURE_OPENAI_ENDPOINT"),
        ('[[models]]\nid = "a"\nprovider = "telepathy"', "models.0.provider"),
        ('[[models]]\nprovider = "openai"', "models.0.id"),
        ('[[models]]\nid = "a"\nprovider = "openai"\napi_kee = "x"', "models.0.api_kee"),
        ("port =", "penstock.toml"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(text: str, name: str):
    Path("penstock.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert name in caught.value.message
    assert "\n" not in caught.value.message


def test_a_name_that_clients_could_not_send_is_refused_where_it_was_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_OPENAI_DEPLOYMENT", "fine, not fine")
    with pytest.raises(SettingsError, match=r"AZURE_OPENAI_DEPLOYMENT\) is wrong: 'not fine' cannot be the id"):
        load_settings()


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PENSTOCK_MODELS", "[{]")
    with pytest.raises(SettingsError, match="models"):
        load_settings()


def test_a_key_never_stands_in_the_sentence():
    Path("penstock.toml").write_text('azure_openai_api_key = ["secret-key"]')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "secret-key" not in caught.value.message


def test_a_file_that_was_named_must_exist(tmp_path: Path):
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings(tmp_path / "none.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path):
    with pytest.raises(SettingsError, match="is not a file"):
        load_settings(tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path: Path):
    path = tmp_path / "penstock.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"penstock\.toml is not valid TOML"):
        load_settings(path)


def test_a_key_loses_the_line_end_of_its_file(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", " secret-key\n")
    key = load_settings().azure_openai_api_key
    assert key is not None
    assert key.get_secret_value() == "secret-key"


@pytest.mark.parametrize("key", ["secret\nkey", "secret key", "s\u00e9cret-key"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch, key: str):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", key)
    with pytest.raises(SettingsError, match="AZURE_OPENAI_API_KEY") as caught:
        load_settings()
    assert "cret" not in caught.value.message


def test_the_address_is_a_url_for_any_host_and_the_port_that_was_taken():
    assert load_settings(host="127.0.0.1", port=8001).address() == "http://127.0.0.1:8001"
    assert load_settings(host="::1", port=0).address(4711) == "http://[::1]:4711"
