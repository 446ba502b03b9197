"""Where one can go from each page, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Place:
    """A page that the menu names; one `is_for_owners` is shown to them alone."""

    address: str
    norwegian: str
    english: str
    is_for_owners: bool = False


NAVIGATION: Final = (
    Place("/", "Start", "Start"),
    Place("/me", "Om meg", "About me"),
    Place("/log-ins", "Pålogginger", "Log-ins"),
    Place("/rights", "Rettighetene dine", "Your rights"),
    Place("/copies", "Kopier", "Copies"),
    Place("/support", "Brukerstøtte", "Support"),
    Place("/incidents", "Avvik", "Incidents"),
    Place("/people", "Brukere", "Users", is_for_owners=True),
    Place("/company", "Virksomheten", "The company"),
)
"""What does not exist yet has no place here."""
