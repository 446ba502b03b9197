"""Which names are names: something to see, nothing hidden, and nothing that a vendor or a mail program acts on.

Whoever signs up chooses names, and they go into letters, into Tripletex and onto screens. What is refused here is
refused with its reason, so that whoever means well can write it in another way.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from shared.invisible_characters import invisible

DIRECTIONS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of the text around them, so that something else is read than what is written."""
PILE: Final = re.compile(r"[\u0300-\u036f\u0483-\u0489\u20d0-\u20f0]{5}")
"""More accents on one letter than any language has."""
VARIABLE: Final = re.compile(r"%\s*[A-Za-z][\w.]*\s*%|\{\{|\}\}|\$\{|<|>|\|")
"""What Mailgun, a template or a browser would take for something to fill in or to carry out."""
FORMULA: Final = re.compile(r"[=@]|[+-](?![^\W\d_])")
"""What a spreadsheet takes for a formula at the beginning of a cell; what we copy is exported into such."""
LINK: Final = re.compile(r"://|\bwww\.", re.IGNORECASE)
DOMAIN: Final = re.compile(r"[^\W_]\.[^\W_]{2,}")
"""A full stop in the middle of a word, which mail programs make a link of; `O. Hansen` has a blank there."""
LEGAL_FORM: Final = re.compile(
    "asa?|ans|da|enk|nuf|sa|ba|i?ks|kf|sf|fkf|sti|bbl|brl|borettslag|(allmenn)?aksjeselskap"
    "|enkeltpersonforetak|ltd|limited"
)


def objection_to(name: str, *, of_person: bool) -> str | None:
    """Why this cannot be a name, or None. A company may have a full stop in the middle of a word, as in FINN.no."""
    return _objection_to_letters(name) or _objection_to_effects(name, of_person=of_person)


def _objection_to_letters(name: str) -> str | None:
    if any(letter in DIRECTIONS for letter in name):
        return "without characters that turn the direction of writing"
    if invisible(name):
        return "without invisible characters"
    if not any(unicodedata.category(letter)[0] in "LN" for letter in name):
        return "at least one letter or digit"
    if PILE.search(unicodedata.normalize("NFD", name)):
        return "at most four accents on a letter"
    return None


def _objection_to_effects(name: str, *, of_person: bool) -> str | None:
    # Full-width signs and the ideographic full stop are read as their plain forms by those who make links.
    plain = unicodedata.normalize("NFKC", name).replace("\u3002", ".")
    if VARIABLE.search(plain):
        return "without signs that programs act on: <, >, |, doubled braces, or a word between percent signs"
    if FORMULA.match(plain):
        return "not beginning like a formula"
    if LINK.search(plain) or (of_person and ("@" in plain or DOMAIN.search(plain))):
        return "not a web or e-mail address; after a full stop comes a blank, as in O. Hansen"
    return None


def name_words(name: str) -> list[str]:
    """The words by which a company is known: case, punctuation and legal form aside."""
    folded = unicodedata.normalize("NFKC", name).casefold().replace("&", " og ").replace("+", " og ")
    folded = folded.replace(".", "").replace("/", "").replace("aa", "å")
    words = re.findall(r"\w+", folded)
    bare = [word for word in words if not LEGAL_FORM.fullmatch(word)]
    return bare or words
