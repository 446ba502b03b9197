"""How the classes of letters stand, for staff."""

from __future__ import annotations

from shared.calls import Call
from shared.records import Record
from shared.staff import READERS, Act, Role


class LetterClassShown(Record):
    """How the class of a letter stands; `letter_class` is null where it does not leave.

    `proposed` is what the program takes it for, `because` the words that say so, `approved` what two persons said
    of just this text, whose digest is `text_sha256`.
    """

    letter: str
    purpose: str
    declared: str
    proposed: str
    because: tuple[str, ...]
    approved: str | None
    letter_class: str | None
    text_sha256: str


class LetterClassesShown(Record):
    """Each letter that there is but those of campaigns, of which each says its own (`campaigns`)."""

    letters: tuple[LetterClassShown, ...]


class LetterClasses(
    Call[LetterClassesShown],
    service="notification",
    staff=Act(roles=(*READERS, Role.OPERATOR, Role.MANAGEMENT)),
):
    """How the class of each letter stands: declared, proposed by its words, and said by two persons."""
