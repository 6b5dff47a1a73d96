"""LiteLLM's proxy for the comparison: installed by the benchmark into an environment of its own, never the project's.

Its requirements exclude the project's own (an older openai), so that the two can't share one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

from platformdirs import user_cache_path

REQUIREMENT = "litellm[proxy]"


def program() -> Path:
    """Give the proxy's program; the first call installs it, which takes minutes."""
    folder = user_cache_path("penstock") / "bench-litellm"
    found = folder / "bin" / "litellm"
    if not found.exists():
        print(f"installing {REQUIREMENT} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", REQUIREMENT], check=True)
    return found


def config(folder: Path, url: str, deployments: list[str]) -> Path:
    """Write its configuration (YAML, and so JSON will do): the benchmark's deployments, nothing logged."""
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": f"{url}/openai/v1", "api_key": "benchmark"},
        }
        for name in deployments
    ]
    path = folder / "litellm.yaml"
    path.write_text(json.dumps({"model_list": models, "litellm_settings": {"telemetry": False}}))
    return path


ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_LOG": "ERROR",
    "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    "NO_DOCS": "True",
}
