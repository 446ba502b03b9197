"""How far erasures are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from services.desk.client import Desk
from services.retention.monitoring.calls import ErasureShown, Timeline
from shared.hold_scope import LEGAL_HOLD

CERTIFIED: Final = "certified"
OVER: Final = (CERTIFIED, "cancelled")
"""States from which an erasure does not go on."""


def erased(at: Desk, account_id: UUID, user_id: UUID | None = None) -> tuple[ErasureShown, ...]:
    """The erasures after which only what is held is stored, while it is known whom they were about."""
    return certified(at.ask(Timeline(account_id=account_id)).erasures, user_id)


def kept_back(erasures: Iterable[ErasureShown]) -> tuple[ErasureShown, ...]:
    """Those that are over of which something is left, because it was held and nothing has erased it since."""
    over = certified(erasures)
    of_all = [each for each in over if each.user_id is None]
    completed = {each.completes for each in over}
    return tuple(
        each
        for each in of_all or over
        if each.certificate_id not in completed and any(LEGAL_HOLD in part.retained for part in each.participants)
    )


def certified(erasures: Iterable[ErasureShown], user_id: UUID | None = None) -> tuple[ErasureShown, ...]:
    """Those that are over, as `concerning`."""
    return tuple(each for each in concerning(erasures, user_id) if each.state == CERTIFIED)


def concerning(erasures: Iterable[ErasureShown], user_id: UUID | None) -> tuple[ErasureShown, ...]:
    """All of them, or those of one user, among which are those of the whole account."""
    return tuple(each for each in erasures if user_id is None or each.user_id in (None, user_id))


def under_way(erasures: Iterable[ErasureShown]) -> list[ErasureShown]:
    """Those that go on, or will."""
    return [each for each in erasures if each.state not in OVER]
