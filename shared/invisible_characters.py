"""Characters of which nothing is to be seen: refused in names and passwords, left out of letters."""

from __future__ import annotations

import unicodedata
from typing import Final

JOINERS: Final = frozenset("\u200c\u200d")
"""Zero width, but part of the spelling of names in Persian and in Indian scripts, between two letters."""
BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Unicode calls them letters, marks or signs, and nothing is to be seen of them."""


def invisible(text: str) -> bool:
    """Whether something in the text cannot be seen, blanks and the joiners inside of words aside."""
    for at, letter in enumerate(text):
        if letter in JOINERS:
            sides = text[at - 1 : at], text[at + 1 : at + 2]
            if not all(side and unicodedata.category(side)[0] in "LM" for side in sides):
                return True
        elif letter in BLANK_LETTERS or _is_ignorable(letter):
            return True
    return False


def _is_ignorable(letter: str) -> bool:
    """Formatting and control characters, variation selectors, unassigned and private code points."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Cn", "Co", "Cs") or (
        "\u180b" <= letter <= "\u180f" or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    )
