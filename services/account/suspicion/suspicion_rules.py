"""Who may instruct for a company, and what staff must have done before they make one inactive. Pure.

A signal is no proof: nothing here closes anything by itself, and whoever is stopped is told whom to write to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.account.accounts.values import AccountState
from services.account.rules import is_estate
from services.account.suspicion.values import REASONS
from shared import calendar
from shared.actor import Actor
from shared.errors import ASK_VENDOR, Conflict, Invalid
from shared.terms import documents, enforces, watch
from shared.terms.parameters import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactAttempt:
    """One attempt to reach the customer; the day is a day in Oslo."""

    channel: str
    outcome: str
    attempted_on: date


@enforces(watch.SUSPICIOUS_ACCOUNTS, watch.DIALOGUE_BEFORE_DELETION)
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


@enforces(documents.DPA_WITH_THE_ACCOUNT, watch.SUSPICIOUS_ACCOUNTS)
def check_may_instruct(actor: Actor, account: AccountState) -> None:
    """Raises `Conflict` for an owner of a bankrupt company: from then on only the trustee of the estate instructs.

    Staff act on what the trustee asks for, and let an owner instruct again where a person has looked at it.
    """
    if actor.kind == "user" and is_estate(account):
        raise only_the_trustee()


def only_the_trustee() -> Conflict:
    """What the owner of a bankrupt company is told."""
    return Conflict(
        "the company is bankrupt, and only the trustee of the estate may decide for it",
        details={"reason": "bankrupt", **ASK_VENDOR},
    )


@enforces(documents.DPA_WITH_THE_ACCOUNT)
def check_number_change(current: str | None, wanted: str | None) -> None:
    """Raises `Conflict` for another organisation number: that is another company, with an agreement of its own."""
    if current is not None and wanted != current:
        raise Conflict(
            "another organisation number is another company, which signs up itself; the vendor corrects one that"
            " was mistyped, or changed by a merger",
            details={"reason": "org_number", **ASK_VENDOR},
        )
