"""The spelling in which a name is compared. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

WORD: Final = re.compile(r"[^\W_]+")
FORMS: Final = frozenset({"ans", "as", "asa", "ba", "da", "enk", "ks", "nuf", "sa"})
"""Legal forms as Norwegian companies have them behind their name."""


def compared_name(text: str) -> str:
    """The words of a name in small letters and alphabetical order, without the legal form of a company.

    So `Østby, Kåre` is `Kåre Østby`, and `Fjøsåker Bakeri` is `FJØSÅKER BAKERI AS`. A name without any word is
    compared as it is written.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = WORD.findall(unicodedata.normalize("NFKC", plain))
    telling = [each for each in words if each not in FORMS] or words
    return " ".join(sorted(telling)) or plain.strip()
