"""What staff must have done before they make an account inactive on suspicion. Pure.

A signal is no proof: nothing here closes anything by itself, and whoever is stopped is told whom to write to.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.account.suspicion.values import REASONS, ContactAttempt
from shared import calendar
from shared.errors import Conflict, Invalid
from shared.terms import enforces
from shared.terms.clauses import monitoring
from shared.terms.parameters import in_force


@enforces(monitoring.SUSPICIOUS_ACCOUNTS, monitoring.DIALOGUE_BEFORE_DELETION)
def check_staff_deactivation(reason: str | None, attempts: Sequence[ContactAttempt], today: date) -> None:
    """Raises `Invalid` without a reason, and `Conflict` where it is suspicion and the customer was not approached.

    Asked for are so many attempts by so many channels, and so many working days since there were enough of both, in
    which the customer could answer. A customer who disputes it is heard: then a person decides about that first.
    """
    if reason is None or reason not in REASONS:
        raise Invalid("staff say why", details={"reason": [f"one of {', '.join(REASONS)}"]})
    if not REASONS[reason]:
        return
    wanted = {
        name: in_force(f"suspicion.contact_{name}", today).default for name in ("attempts", "channels", "wait")
    }
    made = sorted(attempts, key=lambda each: each.attempted_on)
    channels = {each.channel for each in made}
    enough_on = _enough_on(made, attempts=wanted["attempts"], channels=wanted["channels"])
    if enough_on is None:
        raise Conflict(
            f"the customer was approached {len(made)} times by {len(channels)} channels:"
            f" {wanted['attempts']} times by {wanted['channels']} channels are promised",
            details={"reason": "contact_attempts", "attempts": len(made), "channels": len(channels)},
        )
    opens_on = calendar.add_working_days(enough_on, wanted["wait"])
    if not any(each.outcome == "answered" for each in made) and today < opens_on:
        raise Conflict(
            "the customer has time to answer", details={"reason": "contact_wait", "opens_on": opens_on.isoformat()}
        )
    if made[-1].outcome == "disputed":
        raise Conflict("the customer disputes it: talk first", details={"reason": "disputed"})


def _enough_on(made: Sequence[ContactAttempt], *, attempts: int, channels: int) -> date | None:
    """The day of the attempt with which there were enough, by enough channels; None where there never were."""
    for number, last in enumerate(made, start=1):
        if number >= attempts and len({each.channel for each in made[:number]}) >= channels:
            return last.attempted_on
    return None


def check_attempt(attempted_on: date, today: date) -> None:
    """Raises `Invalid` for a day that has not come."""
    if attempted_on > today:
        raise Invalid("nobody was reached tomorrow", details={"attempted_on": ["must not lie ahead"]})
