"""The files that only pages of staff are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from shared.web.assets import Assets

HERE: Final = Path(__file__).parent / "static"
SCRIPTS: Final = (HERE / "passkey.js", HERE / "age.js")


def assets_of_desk() -> Assets:
    """All that the pages of staff need. Raises `SettingError` for what is missing."""
    return Assets(*SCRIPTS)
