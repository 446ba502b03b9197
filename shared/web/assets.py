"""The files that pages are made of besides themselves: style sheets and scripts, each under its digest."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from shared.config import SettingError

HERE: Final = Path(__file__).parent / "static"
BROUGHT: Final = Path(sys.prefix) / "share/vilkar/web"
"""Where set-up and the build of the image put what comes from elsewhere (deploy/web_assets)."""
STYLES: Final = (BROUGHT / "theme.css", BROUGHT / "designsystemet.css", HERE / "pages.css")
"""In the order in which a page takes them: ours has the last word."""
ICON: Final = HERE / "icon.svg"
TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
DIGEST_LENGTH: Final = 16


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    path: str
    content: bytes
    content_type: str


class Assets:
    """All of them, read once."""

    def __init__(self, *own: Path) -> None:
        """`own` are files of one host alone. Raises `SettingError` for one that is missing."""
        self._by_name: dict[str, Asset] = {}
        for file in (*STYLES, ICON, *own):
            try:
                content = file.read_bytes()
            except OSError:
                raise SettingError(f"the pages need {file.name}, which is not there: make setup") from None
            digest = sha256(content).hexdigest()[:DIGEST_LENGTH]
            self._by_name[file.name] = Asset(f"/assets/{digest}/{file.name}", content, TYPES[file.suffix])
        self._by_path: Mapping[str, Asset] = {each.path: each for each in self._by_name.values()}

    @property
    def styles(self) -> list[str]:
        """The addresses of the style sheets, in their order."""
        return [self._by_name[file.name].path for file in STYLES]

    def path_of(self, name: str) -> str:
        """The address of a file."""
        return self._by_name[name].path

    @property
    def icon(self) -> str:
        """The address of the picture by which a browser shows the pages in a row of tabs."""
        return self.path_of(ICON.name)

    def at(self, path: str) -> Asset | None:
        """The file at an address; None where there is none, or another version of it."""
        return self._by_path.get(path)
