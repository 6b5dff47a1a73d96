"""An example is a folder that runs as it stands, so that some files stand in two of them: they are kept equal."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fastapi-sse/index.html", "flask-sse/index.html"),
        ("react-use-chat/src/look.css", "use-chat-v4/src/look.css"),
        ("react-use-chat/vite.config.js", "use-chat-v4/vite.config.js"),
    ],
)
def test_what_two_examples_share_is_the_same_in_both(one: str, other: str):
    message = f"examples/{one} and examples/{other} are one file in two places: change both."
    assert (EXAMPLES / one).read_bytes() == (EXAMPLES / other).read_bytes(), message
