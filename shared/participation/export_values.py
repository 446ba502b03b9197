"""What copies are of, and where the values in them come from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

ORDER_KEPT: Final = timedelta(days=90)
"""So long a copy is tried to be made; what is not ready by then is ordered anew."""


class Origin(StrEnum):
    """Where a value comes from: what is derived is told on access, and is not among what may be taken along."""

    PROVIDED = "provided"
    OBSERVED = "observed"
    DERIVED = "derived"


class Whose(StrEnum):
    """In whose copy a table is: in that of one person, of the company, or in either."""

    PERSON = "person"
    COMPANY = "company"
    EITHER = "either"


class ExportKind(StrEnum):
    """What is asked for: all that is held, with what the law wants told; or what one may take along."""

    ACCESS = "access"
    PORTABILITY = "portability"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportScope:
    """Of whom a copy is: of one user, or of the company where `user_id` is None.

    `with_company` is for an owner whose company is a person's, as a sole proprietorship: what is held on the
    company is held on this person.
    """

    account_id: UUID
    user_id: UUID | None
    kind: ExportKind
    with_company: bool = False
