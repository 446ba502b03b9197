"""Where one can go from each page, in this order."""

from __future__ import annotations

from typing import Final

NAVIGATION: Final = (
    ("/", "Start", "Start"),
    ("/find", "Finn kunde", "Find a customer"),
    ("/approvals", "Godkjenninger", "Approvals"),
    ("/alarms", "Alarmer", "Alarms"),
    ("/cases", "Saker", "Cases"),
    ("/support", "Brukerstøtte", "Support"),
    ("/registers", "Registre", "Registers"),
    ("/holds", "Tilbakehold", "Holds"),
    ("/restrictions", "Begrensninger", "Restrictions"),
    ("/erasures", "Slettinger", "Erasures"),
    ("/letters", "E-poster", "Letters"),
    ("/parked", "Parkerte meldinger", "Parked messages"),
    ("/backups", "Sikkerhetskopier", "Backups"),
    ("/databases", "Databaser", "Databases"),
    ("/people", "Medarbeidere", "Staff"),
    ("/machine", "Maskinen", "The machine"),
    ("/terms", "Løftene", "The promises"),
)
"""Address, and name in Norwegian and English. What does not exist yet has no place here."""
