"""Every setting of the app: environment first, then ``penstock.toml``, then the default that stands here.

A setting is a field with a description; the reference page is generated from this file (``server/settings_page.py``).
Nothing here opens a connection or reads anything but the environment and that one file.
"""

from __future__ import annotations

import re
from pathlib import Path
from tomllib import TOMLDecodeError
from typing import Annotated, Final, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from penstock.core.errors import PenstockError
from penstock.core.requests import Effort

Capability = Literal["text", "images", "tools", "reasoning"]
ModelApi = Literal["chat", "responses", "completions"]
ProviderKind = Literal["azure_openai", "openai", "deepseek", "ollama", "openai_chat"]
CONFIG_FILE = "penstock.toml"
_MODEL_ID: Final = re.compile(r"[A-Za-z0-9._:/-]{1,100}")


class SettingsError(PenstockError):
    """A setting is wrong; the sentence names it and says how to put it right."""

    code = "wrong_setting"


def _split(value: object) -> object:
    """Read ``a, b`` as a list: what one writes in an environment variable."""
    if isinstance(value, str):
        return tuple(item.strip() for item in value.split(",") if item.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""A list in ``penstock.toml``, comma-separated in the environment."""


def check_model_id(value: str) -> str:
    """Give the id of a model as it is; raises `ValueError` for what clients could not name."""
    if _MODEL_ID.fullmatch(value) is None:
        message = f"{value[:100]!r} cannot be the id of a model: it has 1 to 100 of A-Z a-z 0-9 . _ : / -"
        raise ValueError(message)
    return value


ModelId = Annotated[str, AfterValidator(check_model_id)]
ModelIds = Annotated[tuple[ModelId, ...], NoDecode, BeforeValidator(_split)]


def _trim_key(value: object) -> object:
    """Drop the line's end that a secret read from a file has, and refuse what no HTTP header can carry."""
    if not isinstance(value, str):
        return value
    key = value.strip()
    if not (key.isascii() and key.isprintable()) or " " in key:
        message = "a key has printable ASCII characters only, and no spaces"
        raise ValueError(message)
    return key


Key = Annotated[SecretStr, BeforeValidator(_trim_key)]


class ModelSettings(BaseModel):
    """One ``[[models]]`` table: a model that people can pick."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: ModelId = Field(description="How clients name the model.")
    name: str | None = Field(default=None, description="What the picker shows; the id when absent.")
    provider: ProviderKind = Field(description="The kind of service that answers.")
    deployment: str | None = Field(
        default=None, description="The service's own name: the Azure deployment or the model; the id when absent."
    )
    endpoint: str | None = Field(
        default=None, description="URL of the service; that of the provider's settings when absent."
    )
    api_key: Key | None = Field(default=None, description="Key of the service; that of the provider when absent.")
    api_version: str | None = Field(default=None, description="Azure only: use the classic API of this version.")
    api: ModelApi = Field(
        default="chat",
        description="`chat` (chat completions), `responses` (OpenAI and Azure: the Responses API), or `completions` "
        "(for models that only continue text).",
    )
    background: bool = Field(
        default=False,
        description="With `responses`: the service makes answers by itself, so that they outlive this server.",
    )
    family: str | None = Field(
        default=None, description="Model family, such as `gpt-5`, when the deployment's name hides it."
    )
    context_window: int | None = Field(default=None, ge=1, description="Tokens of context; looked up when absent.")
    capabilities: tuple[Capability, ...] | None = Field(
        default=None, description="What the model can do; told by its name when absent."
    )
    reasoning_effort: Effort | None = Field(default=None, description="Effort used when a request names none.")


class Settings(BaseSettings):
    """The settings of one server process."""

    model_config = SettingsConfigDict(
        env_prefix="PENSTOCK_",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        toml_file=CONFIG_FILE,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    allowed_hosts: Names = Field(
        default=(), description="Host names, beside the loopback ones, under which browsers may reach the server."
    )
    insecure: bool = Field(default=False, description="Allow listening on other than loopback without authentication.")

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("penstock", appauthor=False),
        description="Folder of the database and of uploaded files. Default: the platform's folder for user data.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="`sqlite:///path` of the database, default `penstock.db` in the data folder; or "
        "`postgresql://user:password@host/name`, which several instances may share.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="`redis://:password@host:6379/0`: carries live tokens and stops between instances that share a "
        "PostgreSQL database. Without it the database does, slower.",
    )
    workers: int = Field(default=1, ge=1, le=64, description="Processes that serve; more than one needs PostgreSQL.")

    azure_openai_endpoint: str | None = Field(
        default=None, validation_alias="azure_openai_endpoint", description="URL of the Azure OpenAI resource."
    )
    azure_openai_api_key: Key | None = Field(
        default=None, validation_alias="azure_openai_api_key", description="Its key; Entra ID signs in when absent."
    )
    azure_openai_deployment: ModelIds = Field(
        default=(),
        validation_alias="azure_openai_deployment",
        description="Deployments to offer; the first is the default.",
    )
    openai_api_version: str | None = Field(
        default=None,
        validation_alias="openai_api_version",
        description="Use Azure's classic API of this version, not v1.",
    )
    openai_api_key: Key | None = Field(
        default=None,
        validation_alias="openai_api_key",
        description="Key of OpenAI, or of the service at `OPENAI_BASE_URL`.",
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias="openai_base_url", description="URL of an OpenAI-compatible service."
    )
    openai_models: ModelIds = Field(default=("gpt-5.4-mini",), description="Models to offer from OpenAI.")
    deepseek_api_key: Key | None = Field(
        default=None, validation_alias="deepseek_api_key", description="Key of DeepSeek."
    )
    deepseek_models: ModelIds = Field(
        default=("deepseek-chat", "deepseek-reasoner"), description="Models to offer from DeepSeek."
    )
    ollama_host: str | None = Field(
        default=None,
        validation_alias="ollama_host",
        description="Address of an Ollama server, such as `127.0.0.1:11434`.",
    )
    ollama_models: ModelIds = Field(default=("llama3.2",), description="Models to offer from Ollama.")
    models: tuple[ModelSettings, ...] = Field(default=(), description="Models as `[[models]]` tables; they come first.")

    emulator_profile: str = Field(
        default="azure-default",
        description="Latency profile of the bundled emulator, used when no model is configured.",
    )

    auto_titles: bool = Field(
        default=True, description="Let a model name new conversations in the background; first words otherwise."
    )
    title_model: str | None = Field(
        default=None, description="Id of the model that names conversations; the one that answered when absent."
    )

    attachment_limit_bytes: int = Field(default=10 * 1024 * 1024, gt=0, description="Largest file in a message.")
    text_attachment_limit_bytes: int = Field(
        default=512 * 1024, gt=0, description="Largest text file in a message; its text goes into the prompt."
    )
    attachment_quota_bytes: int = Field(
        default=1024 * 1024 * 1024, ge=0, description="Bytes of files that one person may have."
    )
    deleted_retention_days: float = Field(
        default=30, gt=0, description="Days for which a deleted conversation can be restored; then it is dropped."
    )

    connect_timeout_s: float = Field(
        default=10.0, gt=0, description="Seconds to wait for a connection to a model service."
    )
    first_token_timeout_s: float = Field(default=120.0, gt=0, description="Seconds to wait for the first token.")
    between_tokens_timeout_s: float = Field(default=60.0, gt=0, description="Seconds to wait between two tokens.")

    heartbeat_s: float = Field(default=12.0, gt=0, le=15, description="Seconds of silence before a heartbeat is sent.")
    write_deadline_s: float = Field(
        30.0, gt=0, description="Seconds after which a reader that reads nothing is dropped."
    )
    header_deadline_s: float = Field(
        default=15.0, gt=0, description="Seconds that a request's head may take to arrive, and that its body may pause."
    )
    keep_alive_s: int = Field(
        default=75,
        gt=0,
        description="Seconds that a connection without a request stays open. More than the proxy in front keeps one, "
        "which is 60 for most: else a request now and then meets a closed one.",
    )
    body_limit_bytes: int = Field(default=4 * 1024 * 1024, gt=0, description="Largest request body.")
    backlog: int = Field(default=2048, gt=0, description="Connections that may wait to be accepted.")
    max_connections_per_address: int = Field(
        default=0, ge=0, description="Connections that one address may have; 0: any. Behind a proxy, limit them there."
    )
    max_live_runs: int = Field(default=1000, gt=0, description="Runs that may be live at once.")
    max_live_runs_per_owner: int = Field(default=0, ge=0, description="Those of one person; 0: any.")
    recycle_streams_after_s: float = Field(
        default=0,
        ge=0,
        description="Seconds after which a reader of a run's events is asked to come back; 0: never. "
        "Below the limit of what stands in front, such as 240.",
    )
    drain_grace_s: float = Field(default=3.0, ge=0, le=4, description="Seconds that live runs may go on at shutdown.")

    @field_validator("azure_openai_endpoint", "openai_base_url")
    @classmethod
    def _is_url(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            message = "must start with https:// (or http://)"
            raise ValueError(message)
        return value

    @classmethod
    def settings_customise_sources(  # pyright: ignore[reportIncompatibleMethodOverride] - it is called by keyword
        cls,
        settings_cls: type[BaseSettings],
        *,
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        **_unused: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line (as arguments), environment, file: in this order."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def storage_url(self) -> str:
        """The database's URL, from ``database_url`` or the data folder; it may have a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir.expanduser() / 'penstock.db'}"

    @property
    def attachments_dir(self) -> Path:
        """Where uploaded files are kept."""
        return self.data_dir.expanduser() / "attachments"

    def address(self, port: int | None = None) -> str:
        """Give the URL under which the server is reached here; ``port`` is what it was given instead of the setting."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port if port is None else port}"

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the address that is listened on."""
        return self.host in LOOPBACK_HOSTS or self.host.startswith("127.")


LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def environment_name(field: str) -> str:
    """Give the environment variable that sets a field."""
    info = Settings.model_fields[field]
    alias = info.validation_alias
    return alias.upper() if isinstance(alias, str) else f"PENSTOCK_{field.upper()}"


def load_settings(config: Path | None = None, **overrides: object) -> Settings:
    """Read the settings; ``config`` is a file to read in the place of ``penstock.toml`` in the current folder.

    Raises `SettingsError` with one sentence that names the setting at fault.
    """
    if config is not None and not config.is_file():
        message = f"The settings file {config} {'is not a file' if config.exists() else 'does not exist'}."
        raise SettingsError(message)
    path = config or Path(CONFIG_FILE)

    class _Settings(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    try:
        return _Settings(**overrides)  # pyright: ignore[reportArgumentType] - pydantic validates what it is given
    except ValidationError as error:
        raise SettingsError(_explain(error)) from error
    except (TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{path} is not valid TOML: {error}."
        raise SettingsError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}."
        raise SettingsError(message) from error
    except ValueError as error:
        message = f"An environment variable of the settings cannot be read: {error}."
        raise SettingsError(message) from error


def _explain(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    path = [str(step) for step in first["loc"]]
    dotted = ".".join(path)
    if first["type"] == "extra_forbidden":
        return f"There is no setting named {dotted}; look for a misspelling in penstock.toml."
    top = path[0] if path else ""
    where = f" (environment variable {environment_name(top)})" if top in Settings.model_fields else ""
    reason = first["msg"].removeprefix("Value error, ")
    return f"The setting {dotted}{where} is wrong: {reason[:1].lower()}{reason[1:]}."
