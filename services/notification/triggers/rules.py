"""Pure decisions about which letter an event asks for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from services.notification.letters.kinds import LETTERS
from shared.calendar import REMINDER_DAYS, erasure_due_after_notice
from shared.errors import Invalid
from shared.terms import enforces
from shared.terms.clauses import erasure, monitoring
from shared.terms.parameters import in_force


@enforces(erasure.ERASE_AFTER_INACTIVE)
def letter_of_return(way: str) -> str:
    """The letter for an inactive user who asked for a way in. Raises `Invalid` for a way nobody knows."""
    letter = f"return_{way}"
    if letter not in LETTERS:
        raise Invalid("there is no letter for this way back")
    return letter


@enforces(erasure.ERASE_AFTER_INACTIVE)
def letters_on_schedule(user_id: UUID | None, trigger: str) -> tuple[str, ...]:
    """The letters that tell the date of erasure on the day inactivity begins; of a company, all its users hear.

    None where it was asked for not to wait: the last letter follows at once and says what there is to say.
    """
    if trigger == "early_request":
        return ()
    return ("account_deactivated", "company_closed") if user_id is None else ("user_deactivated",)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def reminder_is_sent(days_left: int) -> bool:
    """Whether a reminder becomes a letter; the one of the first day is told by the letter on the schedule."""
    return days_left <= max(REMINDER_DAYS)


@enforces(erasure.ERASE_AFTER_INACTIVE)
def reminder_letter(user_id: UUID | None) -> str:
    """The reminder of a coming erasure: of a company to those who answer for it, of one person to that person."""
    return "account_reminder" if user_id is None else "user_reminder"


@enforces(erasure.ERASE_AFTER_NOTICE)
def erased_after_notice(noticed_on: date, notice_ends_on: date) -> date:
    """The date of erasure that the letter about a notice promises, by the figure of the day of the notice."""
    months = in_force("retention.inactive_account", noticed_on).default
    return erasure_due_after_notice(notice_ends_on, months)


@enforces(monitoring.DISAGREEMENT_IS_TALKED_ABOUT)
def receipt_letter(about: str) -> str:
    """The receipt of what a customer reports: a disagreement is talked about, anything else is examined."""
    return "dispute_received" if about == "disagreement" else "nonconformity_received"


@enforces(monitoring.DISAGREEMENT_IS_TALKED_ABOUT)
def answer_letter(outcome: str) -> str:
    """The letter that tells a customer how the case ended in which something was reported."""
    return "dispute_ended" if outcome in ("settled", "withdrawn") else "nonconformity_answered"
