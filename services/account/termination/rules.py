"""What is decided about the end of a contract: its notice period, a notice, its withdrawal, its last day. Pure.

All dates are dates in Oslo. A notice once given keeps the dates it was given, whatever figures change later.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from services.account.accounts.rules import STAFF, is_last_owner
from services.account.accounts.values import AccountState, UserState
from services.account.termination.values import Contract, Notice
from shared import calendar
from shared.errors import Conflict, Invalid
from shared.terms import enforces
from shared.terms.clauses import collection, erasure
from shared.terms.parameters import in_force

ENDED_BY: Final = frozenset({"contract_terminated", "early_request"})
"""What makes an account inactive and ends its contract as well."""


@enforces(erasure.ERASE_AFTER_NOTICE)
def notice_months(contract: Contract) -> int:
    """The notice period in calendar months: what was agreed apart, or the figure of the day of the agreement."""
    return contract.notice_months or in_force("contract.notice_period", contract.agreed_on).default


@enforces(collection.TERMINATION_IS_HEARD, erasure.ERASE_AFTER_NOTICE)
def give_notice(contract: Contract, given: Notice | None, *, noticed_on: date, today: date) -> Notice:
    """The notice that begins to run; `noticed_on` is the day it was received, which may be before today.

    Raises `Conflict` where one is in force, and `Invalid` for a day ahead, before the account was made, or so long
    ago that the period would be over: an end nobody was told of in time would take the customer's last days away.
    """
    if given is not None:
        raise Conflict(
            "notice has been given already",
            details={"reason": "noticed", "notice_ends_on": given.ends_on.isoformat()},
        )
    if noticed_on > today:
        raise _wrong_day("must not be ahead")
    if noticed_on < contract.began_on:
        raise _wrong_day("is before the account was made")
    notice = Notice(noticed_on=noticed_on, ends_on=calendar.notice_ends_on(noticed_on, notice_months(contract)))
    if has_ended(notice, today):
        raise _wrong_day("is so long ago that the notice period would be over")
    return notice


@enforces(collection.TERMINATION_IS_HEARD)
def check_withdrawal(given: Notice | None, today: date) -> None:
    """Raises `Conflict` where no notice is in force, or its last day has passed."""
    if given is None:
        raise Conflict("no notice of termination is in force", details={"reason": "not_noticed"})
    if has_ended(given, today):
        raise Conflict("the notice period is over", details={"reason": "notice_over"})


@enforces(erasure.ERASE_AFTER_NOTICE)
def has_ended(notice: Notice, today: date) -> bool:
    """Whether the last day of the notice period has passed in full."""
    return today > notice.ends_on


@enforces(collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE)
def needs_acceptance(account: AccountState, given: Notice | None, *, today: date) -> bool:
    """Whether coming back concludes the contract anew, because it has ended: the terms in force must be accepted.

    An account that was only made inactive is still under its contract.
    """
    over = given is not None and has_ended(given, today)
    return account.state != "active" and (over or account.inactivated_by in ENDED_BY)


@enforces(collection.NO_ACCOUNT_WITHOUT_ACCEPTANCE)
def must_accept(account: AccountState, given: Notice | None, *, today: date, is_staff: bool) -> bool:
    """Whether this return is refused without an acceptance.

    Staff lift what staff closed, and nothing more: a notice whose period passed meanwhile ends the contract then,
    and the owner comes back by accepting. For the owner staff accept nothing.
    """
    if is_staff and account.inactivated_by == STAFF:
        return False
    return needs_acceptance(account, given, today=today)


@enforces(erasure.EARLY_ERASURE_IN_WRITING)
def check_early_end(
    account: AccountState, given: Notice | None, *, wished_at: datetime | None, back_at: datetime | None
) -> None:
    """Raises `Conflict` where an early erasure may not end the account.

    It is active, and the notice under which that was asked for is in force no more; or the customer wished it at
    `wished_at` without any, and came back at `back_at`, since then.
    """
    if account.state != "active" or given is not None:
        return
    if wished_at is None:
        raise Conflict("the account is active and no notice of termination is in force")
    if back_at is not None and back_at > wished_at:
        raise Conflict("the customer came back since they wished it")


@enforces(erasure.ERASE_ON_REQUEST)
def check_early_end_of_user(
    user: UserState, active_owners: int, *, wished_at: datetime | None, back_at: datetime | None
) -> None:
    """Raises `Conflict` where a person's own wish to be erased may not make this user inactive.

    The user is active, and came back at `back_at`, since it was wished, or is the last owner of the company: its
    `reason` is `last_owner` then. A wish that nobody has dated ends nothing.
    """
    if user.state != "active":
        return
    if wished_at is None or (back_at is not None and back_at > wished_at):
        raise Conflict("the user came back since they wished it")
    if is_last_owner(user, active_owners):
        raise Conflict("the last owner cannot go alone", details={"reason": "last_owner"})


def _wrong_day(reason: str) -> Invalid:
    return Invalid("this cannot be the day of the notice", details={"fields": {"received_on": [reason]}})
