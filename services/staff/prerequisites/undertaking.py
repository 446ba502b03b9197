"""The text of the undertaking of confidentiality, and the digests by which it is known what somebody signed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.staff.prerequisites.calls import LANGUAGES

FOLDER: Final = Path(__file__).with_name("texts")


@dataclass(frozen=True, slots=True)
class Text:
    """The text in one language."""

    language: str
    text: str
    sha256: str


def _read(language: str) -> Text:
    raw = (FOLDER / f"undertaking.{language}.txt").read_bytes()
    return Text(language, raw.decode("utf-8"), hashlib.sha256(raw).hexdigest())


TEXTS: Final = MappingProxyType({language: _read(language) for language in LANGUAGES})
"""As it is signed now, by language."""
DIGESTS: Final = frozenset(each.sha256 for each in TEXTS.values())
