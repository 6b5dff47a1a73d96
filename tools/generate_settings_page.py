"""Write `docs/reference/settings.md` from the settings' own descriptions.

python tools/generate_settings_page.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from penstock.server.settings_page import write_page

TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "reference" / "settings.md"

if __name__ == "__main__":
    TARGET.write_text(write_page(), encoding="utf-8")
