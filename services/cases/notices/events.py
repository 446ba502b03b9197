"""What is told of notices of breaches. It names customers by their ids, for it is they who are to be told.

What was decided and who was told is in the ledger: after a restore each is told once. Nobody is told before it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import ClassVar
from uuid import UUID

from services.cases.engine.events import AboutCase
from services.cases.notices.values import Mark, recipient_id
from shared.events import Code


@dataclass(frozen=True, kw_only=True)
class BreachNoticesOrdered(AboutCase):
    """A person has decided that these are told of a breach; what the letter says is asked for when it is sent.

    `account_ids` are a part of those on the list that was frozen with the decision, each once; for a letter to
    persons `user_ids` runs beside it, else it is empty. After a restore letters may have left of which nobody
    knows, at `in_doubt_since` at the earliest: the provider is asked before one leaves.
    """

    type: ClassVar[str] = "breach.notices_ordered"

    notice_id: UUID
    letter: Code
    account_ids: list[UUID]
    user_ids: list[UUID]
    in_doubt_since: datetime | None = None

    def recipients(self) -> Iterator[tuple[UUID, UUID, UUID | None]]:
        """Each recipient: the id by which it is known in this notice, its company, and the person if it is one."""
        for account_id, user_id in zip_longest(self.account_ids, self.user_ids):
            yield recipient_id(self.notice_id, account_id, user_id), account_id, user_id


@dataclass(frozen=True, kw_only=True)
class BreachNoticeDecided(AboutCase):
    """A person has decided what those on a list are told: the notice that it sends, in codes of `breach_words`.

    `number`, `records`, `recipients`, `attempts` and `breaches` are counts, as `n12`.
    """

    type: ClassVar[str] = "breach.notice_decided"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases",)

    notice_id: UUID
    list_id: UUID
    decision_id: UUID
    decided_at: datetime
    number: Code
    audience: Code
    natures: list[Code]
    groups: list[Code]
    kinds_of_data: list[Code]
    records: Code | None
    consequences: list[Code]
    measures: list[Code]
    advice: list[Code]
    unknown: list[Code]
    staff_code: Code
    drafted_at: datetime
    late_reason: Code | None
    recipients: Code
    causes: list[Code] | None = None
    whereabouts: list[Code] | None = None
    attempts: Code | None = None
    breaches: Code | None = None


@dataclass(frozen=True, kw_only=True)
class BreachRecipientsFollowed(AboutCase):
    """How far the telling of some recipients of a notice has come: `sent`, `told`, or `failed` for a `reason`.

    Each of `at` is when it was so for the one beside it. Of a failure there is one recipient, with the case in
    which a person sees to it.
    """

    type: ClassVar[str] = "breach.recipients_followed"
    replayed_by: ClassVar[tuple[str, ...]] = ("cases", "notification")

    notice_id: UUID
    mark: Code
    account_ids: list[UUID]
    user_ids: list[UUID]
    at: list[datetime]
    reason: Code | None
    failure_case_id: UUID | None

    @property
    def is_told(self) -> bool:
        """Whether these have been told."""
        return Mark(self.mark) is Mark.TOLD

    @property
    def is_failure(self) -> bool:
        """Whether a person tells this one."""
        return Mark(self.mark) is Mark.FAILED

    def recipients(self) -> Iterator[tuple[UUID, UUID, UUID | None, datetime]]:
        """Each recipient: its id in this notice, its company, the person if it is one, and when it was so."""
        for (account_id, user_id), at in zip(zip_longest(self.account_ids, self.user_ids), self.at, strict=True):
            yield recipient_id(self.notice_id, account_id, user_id), account_id, user_id, at
