"""A letter under way, as rules are asked about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.notification.letter_lifecycle.values import Letter, State
from services.notification.letters.values import Facts

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
USER, ACCOUNT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def letter(code="user_reminder", **changes) -> Letter:
    values = {
        "id": UUID(int=9), "event_id": UUID(int=8), "mailing_id": None, "account_id": ACCOUNT, "user_id": USER,
        "letter": code, "renewal": 0, "state": State.SENDING, "attempts": 1, "checks": 0, "requested_at": NOW,
        "expires_at": NOW + timedelta(days=3), "begun_at": NOW, "sent_at": None, "facts": Facts(),
    }  # fmt: skip
    return Letter(**(values | changes))
