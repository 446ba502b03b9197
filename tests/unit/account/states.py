"""Companies and users as the rules see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.account.accounts.values import AccountState, UserState

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ACCOUNT_ID = uuid4()


def account(state: str = "active", **changes) -> AccountState:
    inactivated_at = NOW if state == "inactive" else None
    return AccountState(
        **{"id": ACCOUNT_ID, "state": state, "version": 3, "inactivated_at": inactivated_at} | changes
    )


def user(**changes) -> UserState:
    fields = {
        "id": uuid4(),
        "account_id": ACCOUNT_ID,
        "role": "user",
        "state": "active",
        "version": 2,
        "confirmed": True,
        "has_password": True,
    }
    return UserState(**fields | changes)


def minutes(*ago: float) -> list[datetime]:
    return [NOW - timedelta(minutes=each) for each in ago]
