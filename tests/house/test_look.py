"""The look can be read: every ink on every paper reaches WCAG 2's AA for small text, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LOOK = Path(__file__).parents[2] / "web" / "src" / "app" / "look.css"
INKS = ("ink", "ink-soft", "ink-faint")
PAPERS = ("paper", "paper-sunk", "paper-raised", "code-paper")
AA = 4.5

COLOURS = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", LOOK.read_text(encoding="utf-8"))
light = {name: colour for name, colour, _ in COLOURS}
dark = {name: colour for name, _, colour in COLOURS}


def luminance(colour: str) -> float:
    """Give the relative luminance (WCAG 2.2)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [light, dark], ids=["light", "dark"])
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("ink", INKS)
def test_small_text_stands_out(colours: dict[str, str], ink: str, paper: str):
    bright, dim = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= AA
