"""What is told of notices of breaches. It names customers by their ids, for it is they who are to be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import AboutCase
from services.cases.notices.values import recipient_id
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class BreachNoticesOrdered(AboutCase):
    """A person has decided that these are told of a breach; what the letter says is asked for when it is sent.

    `account_ids` are a part of those on the list that was frozen with the decision, each once; for a letter to
    persons `user_ids` runs beside it, else it is empty.
    """

    type: ClassVar[str] = "breach.notices_ordered"

    notice_id: UUID
    letter: Code
    account_ids: list[UUID]
    user_ids: list[UUID]

    def recipients(self) -> Iterator[tuple[UUID, UUID, UUID | None]]:
        """Each recipient: the id by which it is known in this notice, its company, and the person if it is one."""
        for account_id, user_id in zip_longest(self.account_ids, self.user_ids):
            yield recipient_id(self.notice_id, account_id, user_id), account_id, user_id
