"""The document whose promises these are, and how its places are named.

The text itself is not kept here: its owner publishes it.  The digest says which text the line numbers count in.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

DOCUMENT: Final = "vilkar-2020-04-26"
VERSION: Final = 1
DATED: Final = date(2020, 4, 26)
SHA256: Final = "7b3b4c0bdebf7370ebec27b63664d4de6570fff17507dc7cbceb88cd3d109723"
LINES: Final = 206


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of the document: its part, its number within the part, its first line and a short name of ours."""

    part: str
    number: int
    first_line: int
    nb: str
    en: str


HEADINGS: Final = (
    Heading("I", 0, 5, "Innledning", "Opening"),
    Heading("I", 1, 13, "Omfang", "Scope"),
    Heading("I", 2, 25, "Markedsføring", "Marketing"),
    Heading("I", 3, 31, "Rettigheter", "Rights"),
    Heading("I", 4, 45, "Beskyttelse", "Protection"),
    Heading("I", 5, 70, "Sikkerhet", "Security"),
    Heading("I", 6, 82, "Partenes plikter", "Mutual duties"),
    Heading("I", 7, 86, "Tredjeparter", "Third parties"),
    Heading("I", 8, 104, "Endringer", "Changes"),
    Heading("II", 1, 110, "Om selskapet", "About the company"),
    Heading("II", 2, 116, "Om avtalen", "About the agreement"),
    Heading("II", 3, 128, "Formål", "Purpose"),
    Heading("II", 4, 134, "Opplysningene", "The data"),
    Heading("II", 5, 146, "Databehandlerens plikter", "Duties of the processor"),
    Heading("II", 6, 164, "Kundens plikter", "Duties of the controller"),
    Heading("II", 7, 182, "Tredjeparter", "Third parties"),
    Heading("II", 8, 202, "Oppsigelse og sletting", "Termination and erasure"),
)
"""In the order of the document. The source numbers its headings badly, so they are counted here."""

_FIRST_LINES: Final = tuple(heading.first_line for heading in HEADINGS)


@dataclass(frozen=True, slots=True)
class Reference:
    """One line of the source and the heading it stands under; prints as `I 4 (L59)`."""

    heading: Heading
    line: int

    def __str__(self) -> str:
        return f"{self.heading.part} {self.heading.number} (L{self.line})"

    def as_json(self) -> dict[str, Any]:
        """Return the reference as plain JSON values."""
        return {
            "part": self.heading.part,
            "heading": self.heading.number,
            "name": {"nb": self.heading.nb, "en": self.heading.en},
            "line": self.line,
        }


def reference(line: int) -> Reference:
    """Return the reference for a line of the source; the heading follows from the line."""
    if not HEADINGS[0].first_line <= line <= LINES:
        raise ValueError(f"the source has no line {line} under a heading")
    return Reference(HEADINGS[bisect_right(_FIRST_LINES, line) - 1], line)
