"""The reference page of the settings, written from the model by ``tools/generate_settings_page.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, cast

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from penstock.composition.settings import ModelSettings, Settings, environment_name

_HEAD: Final = """\
# Settings

Every setting has an environment variable and a key in `penstock.toml`, which is read from the current folder, or from
where `--config` (or `PENSTOCK_CONFIG`) says. The environment wins over the file. Lists are comma-separated in the
environment. With no model configured, `penstock serve` answers with the bundled emulator.

| Environment | `penstock.toml` | Default | What |
|---|---|---|---|
"""

_MODELS: Final = """
## Models

`[[models]]` tables in `penstock.toml` list models; the first is the default. Models of the variables above follow them.

```toml
[[models]]
id = "gpt-5.4-mini"
provider = "azure_openai"
endpoint = "https://my-resource.openai.azure.com"
deployment = "my-deployment"
```

| Key | Default | What |
|---|---|---|
"""

_COMPUTED: Final = {"data_dir": ""}


def write_page() -> str:
    """Write the page."""
    settings = "".join(
        f"| `{environment_name(name)}` | `{name}` | {default} | {what} |\n"
        for name, default, what in _rows(Settings.model_fields)
        if name != "models"
    )
    models = "".join(
        f"| `{name}` | {default} | {what} |\n" for name, default, what in _rows(ModelSettings.model_fields)
    )
    return _HEAD + settings + _MODELS + models


def _rows(fields: Mapping[str, FieldInfo]) -> Iterator[tuple[str, str, str]]:
    for name, field in fields.items():
        yield name, _COMPUTED.get(name, _show(field)), field.description or ""


def _show(field: FieldInfo) -> str:
    match field.default:
        case None:
            return ""
        case value if value is PydanticUndefined:
            return "required"
        case bool(value):
            return f"`{str(value).lower()}`"
        case tuple():
            names = cast("tuple[str, ...]", field.default)
            return f"`{', '.join(names)}`" if names else ""
        case value:
            return f"`{value}`"
