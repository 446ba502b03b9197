"""The text of a letter, what two persons said of it, and what follows for its sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from services.notification.letters.values import LetterClass, LetterKind

NOT_SAID: Final = "class_not_approved"
"""Why a letter waits: by its words it is not what it was declared as, and nobody has said what it is."""


@dataclass(frozen=True, kw_only=True)
class LetterTexts:
    """A letter with all its texts as they stand in this release, by file: its own, and those every letter has."""

    kind: LetterKind
    own: Mapping[str, str] = field(repr=False)
    shared: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class LetterReading:
    """What was found in the texts of a letter: their digest, and the words of an offer in them."""

    kind: LetterKind
    text_sha256: str
    offers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Two persons said of a letter with this text which class it is of, and what Mailgun is used for by it.

    It counts from `valid_from` on, and before `valid_to`.
    """

    letter: str
    letter_class: LetterClass
    purpose: str
    text_sha256: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the class of a letter stands. `letter_class` is None where the letter does not leave.

    `proposed` is what the program takes it for by its words, `because` those words, `approved` what two persons
    said of just this text.
    """

    letter: str
    declared: LetterClass
    proposed: LetterClass
    because: tuple[str, ...]
    approved: LetterClass | None
    letter_class: LetterClass | None
    text_sha256: str
