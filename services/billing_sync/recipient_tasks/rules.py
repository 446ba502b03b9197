"""Which corrections a recipient is to be told. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from shared.calendar import oslo_date
from shared.terms import enforces
from shared.terms.clauses.rights import RIGHT_OF_RECTIFICATION
from shared.terms.parameters import in_force

LONGEST_MONTH: Final = timedelta(days=31)
TRIPLETEX: Final = "tripletex"
OF_PERSON: Final = frozenset({"name", "email", "phone"})
OF_COMPANY: Final = OF_PERSON | {"org_number", "contact_address", "billing_address"}
"""What is copied of a contact, and of the customer itself."""


@enforces(RIGHT_OF_RECTIFICATION)
def to_be_told(changed: Collection[str], copied: frozenset[str], *, had_copy: bool) -> list[str]:
    """The fields of a correction that Tripletex is told: those it was given; none where nothing was copied yet."""
    return sorted(copied.intersection(changed)) if had_copy else []


def kept_since(now: datetime) -> datetime:
    """What was closed before then is forgotten: as long as the file of a request would be kept."""
    return now - LONGEST_MONTH * in_force("file.rights_request", oslo_date(now)).default
