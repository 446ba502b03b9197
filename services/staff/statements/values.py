"""What is judged of an act before it is signed that somebody does it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from services.staff.grants.values import Grant
from shared.staff import KnownAct
from shared.statements import ApprovedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """An act that its person may do now: by which grant, and approved by whom where it takes two."""

    known: KnownAct
    digest: str
    grant: Grant
    account_id: UUID | None
    approval: ApprovedBy | None
