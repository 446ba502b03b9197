"""What a notice of changed security measures can say, as closed lists of codes with their words.

It goes to customers that agreed to be told (L61): how the risk differs now, how that was found, what it may lead
to, and what is done. What it may lead to is said in the codes of a notice of a breach; all its other codes differ
from those, so that nobody takes one for the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from shared.breach_words import CONSEQUENCES
from shared.words import Words

HOLDERS: Final = "holders"
"""Whom such a notice is for, as a notice names its audience."""

CHANGES: Final[Words] = MappingProxyType(
    {
        "threat_grown": ("trusselen er blitt større", "the threat has grown"),
        "weakness_found": ("en ny svakhet er funnet", "a new weakness was found"),
        "measure_weaker": (
            "et sikkerhetstiltak virker dårligere enn før",
            "a security measure works less well than before",
        ),
        "measure_ended": ("et sikkerhetstiltak er fjernet", "a security measure was removed"),
        "measure_replaced": ("et sikkerhetstiltak er byttet ut", "a security measure was replaced"),
        "measure_added": ("et nytt sikkerhetstiltak er innført", "a security measure was added"),
        "supplier_changed": ("noe er endret hos en leverandør", "something has changed at one of our suppliers"),
    }
)
"""How risk and threats differ from when the agreement was made."""

FOUND_BY: Final[Words] = MappingProxyType(
    {
        "own_review": ("vår egen gjennomgang", "our own review"),
        "own_monitoring": ("overvåkingen vår", "our monitoring"),
        "outside_test": ("en test utført av andre", "a test carried out by others"),
        "told_by_customer": ("en kunde som sa fra", "a customer who told us"),
        "told_by_supplier": ("en leverandør som sa fra", "a supplier who told us"),
        "published_warning": ("et offentlig varsel", "a public warning"),
        "planned_change": ("en endring som vi selv planla", "a change that we planned"),
    }
)
"""How it was discovered."""

PLANS: Final[Words] = MappingProxyType(
    {
        "put_right": ("det er rettet", "it has been put right"),
        "being_put_right": ("det rettes nå", "it is being put right"),
        "measure_planned": ("et nytt tiltak er planlagt", "a new measure is planned"),
        "watched_closer": ("vi følger nærmere med", "we watch more closely"),
        "supplier_acts": ("leverandøren retter det", "the supplier puts it right"),
        "risk_accepted": ("vi godtar risikoen inntil videre", "we accept the risk for the time being"),
    }
)
"""What is done about it."""

OF_NOTICE: Final[Mapping[str, Words]] = MappingProxyType(
    {"natures": CHANGES, "causes": FOUND_BY, "consequences": CONSEQUENCES, "measures": PLANS}
)
"""The fields of a notice that such a one says something in, each with its words."""
NEEDED: Final = ("natures", "causes", "measures")
"""What it always says (L61)."""
