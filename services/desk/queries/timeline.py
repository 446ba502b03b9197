"""Everything that happened to one account, as all services tell it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from services.audit.trail.calls import RowShown, Trail
from services.desk.client import Desk
from services.notification.history.calls import Letters

TRAIL_LIMIT: Final = 200


def events_of_account(at: Desk, account_id: UUID) -> list[dict[str, Any]]:
    """The audit trail and the letters of one account as one list in order of time."""
    trail = at.ask(Trail(subject=f"account/{account_id}", limit=TRAIL_LIMIT)).rows
    letters = at.ask(Letters(account_id=account_id)).letters
    entries = [
        {"at": row.to_json()["occurred_at"], "who": row.source, "what": row.type, "more": _more(row)}
        for row in trail
    ]
    for letter in letters:
        shown = letter.to_json()
        at_instant = shown["sent_at"] or shown["requested_at"]
        entries.append(
            {"at": at_instant, "who": "notification", "what": f"letter {letter.letter}", "more": letter.state}
        )
    return sorted(entries, key=lambda entry: str(entry["at"]))


def _more(row: RowShown) -> str:
    facts = [f"{name}={value}" for name, value in row.facts.items()]
    return " ".join([*map(str, row.field_names), *facts])
