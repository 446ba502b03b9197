"""Which letter an event asks for."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from services.notification.letters.rules import farewell_letter
from services.notification.triggers.rules import (
    erased_after_notice,
    letters_on_schedule,
    reminder_is_sent,
    reminder_letter,
)

pytestmark = pytest.mark.unit

USER, ACCOUNT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)


def test_the_letter_fits_whether_a_company_or_a_person_is_concerned() -> None:
    assert letters_on_schedule(None, "account_inactivated") == ("account_deactivated", "company_closed")
    assert letters_on_schedule(None, "contract_terminated") == ("account_deactivated", "company_closed")
    assert letters_on_schedule(USER, "user_inactivated") == ("user_deactivated",)
    assert reminder_letter(None) == "account_reminder"
    assert reminder_letter(USER) == "user_reminder"
    assert farewell_letter(None) == "account_erased"
    assert farewell_letter(USER) == "user_erased"


def test_whoever_asked_not_to_wait_gets_no_letter_about_a_date_to_wait_for() -> None:
    assert letters_on_schedule(None, "early_request") == ()
    assert letters_on_schedule(USER, "early_request") == ()


@pytest.mark.clause("ERASE-2")
def test_s04_the_letter_about_a_notice_promises_the_date_that_retention_keeps() -> None:
    assert erased_after_notice(date(2026, 12, 10), date(2027, 1, 31)) == date(2027, 4, 30)


@pytest.mark.parametrize(("days_left", "sent"), [(92, False), (31, False), (30, True), (7, True), (0, True)])
def test_the_reminder_of_the_first_day_is_told_by_the_letter_on_the_schedule(days_left, sent) -> None:
    assert reminder_is_sent(days_left) is sent
