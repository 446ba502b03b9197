"""What is judged of an act before it is signed that somebody does it, and what becomes of a look at people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.staff.grants.values import Grant
from shared.staff import KnownAct
from shared.statements import ApprovedBy

NOT_KNOWN_YET: Final = UUID(int=0)
"""The account of a look of which the reply will say whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """An act that its person may do now: by which grant, and approved by whom where it takes two.

    Of a `rehearsal` nobody has approved anything: it names who asks and, as far as known, who would.
    """

    known: KnownAct
    digest: str
    grant: Grant
    account_id: UUID | None
    approval: ApprovedBy | None
    rehearsal: bool = False

    @property
    def shows_people(self) -> bool:
        """Whether its reply tells about people of an account."""
        return self.known.act.shows is not None and self.account_id is not None

    @property
    def finds_people(self) -> bool:
        """Whether its reply will say of which accounts it tells about people."""
        return self.known.act.finds


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPermitted:
    """An act that its person may not do now, and why; `purposes` are those for which they may."""

    act: str
    reason: str
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A look at people of one account for one purpose, until it is told whom it showed.

    `visit_id` is shared by looks that show the same again, as a form does whose act was refused. The account may be
    `NOT_KNOWN_YET`: the reply says which one it is.
    """

    id: UUID
    visit_id: UUID | None
    session_id: UUID
    staff_code: str
    account_id: UUID
    purpose: str
    acts: tuple[str, ...]
    begun_at: datetime
