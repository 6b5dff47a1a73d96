"""Entra ID tokens: loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys

from penstock.providers.entra import EntraTokens


def test_the_library_is_not_loaded_before_a_token_is_asked_for():
    """Starting with an API key must not pay for it."""
    program = (
        "import sys; from penstock.providers import entra; entra.EntraTokens('s'); sys.exit('azure' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


async def test_closing_an_unused_source_is_nothing():
    tokens = EntraTokens("scope")
    await tokens.close()
    assert repr(tokens) == "EntraTokens(scope='scope')"
