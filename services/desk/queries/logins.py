"""Log-ins of a customer's people, for a stated purpose: each look is a disclosure of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from services.audit.logins.calls import PURPOSES, Logins, LoginsShown
from services.desk.client import Desk
from shared.staff import Purpose

DISCLOSED_FOR: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        "own_access": Purpose.RIGHTS_REQUEST,
        "security_breach": Purpose.SECURITY,
        "account_takeover": Purpose.SECURITY,
        "system_administration": Purpose.OPERATIONS,
    }
)
"""For which purpose of a grant log-ins are disclosed for each of theirs."""
OF_GRANTS: Final = tuple(dict.fromkeys(each.value for each in DISCLOSED_FOR.values()))


def disclosed_for(granted: list[str]) -> list[str]:
    """What log-ins may be disclosed for to whoever is granted these purposes."""
    return [each for each in PURPOSES if DISCLOSED_FOR[each].value in granted]


def logins(
    at: Desk, account_id: UUID, *, user_id: UUID | None, since: datetime, until: datetime, purpose: str
) -> LoginsShown:
    """The report; `at` asks for what that purpose of theirs is granted for. Raises what `Logins` does."""
    asked = Logins(account_id=account_id, user_id=user_id, from_=since, to=until, purpose=purpose, actor=at.who)
    return at.ask(asked)
