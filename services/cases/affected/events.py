"""What the ledger gets of whom a breach concerns: customers and users by their ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar
from uuid import UUID

from services.cases.affected.values import Subject
from services.cases.engine.events import AboutCase
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class BreachListFrozen(AboutCase):
    """A decision rests on whom a breach concerns: one of the `parts` of that list, which nothing changes any more.

    `part` counts from nought. `customers` and `persons` are how many the whole list names, as `n12`, and `left_out`
    how many customers with an agreement it does not name, for they are inactive. The users of `user_ids` are of the
    first of `account_ids`, each of the one beside it; the others stand for themselves.
    """

    type: ClassVar[str] = "breach.list_frozen"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    list_id: UUID
    decision_id: UUID
    part: Code
    parts: Code
    scope: Code
    as_of: datetime
    window_from: datetime | None
    window_to: datetime | None
    asked_at: datetime
    computed_at: datetime
    customers: Code
    persons: Code
    account_ids: list[UUID]
    user_ids: list[UUID]
    left_out: Code | None = None

    def subjects(self) -> Iterator[Subject]:
        """Who stands in this part: a customer, with a user of it or by itself."""
        return zip_longest(self.account_ids, self.user_ids)
