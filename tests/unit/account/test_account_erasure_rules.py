from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from services.account.erasure.rules import archive_until, check_erasable
from shared.errors import Permanent
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit


@pytest.mark.clause("ERASE-1")
def test_what_is_in_use_is_not_erased() -> None:
    check_erasable(account("inactive"), None)
    check_erasable(account("inactive"), user())
    check_erasable(account(), user(state="inactive"))
    with pytest.raises(Permanent):
        check_erasable(account(), None)
    with pytest.raises(Permanent):
        check_erasable(account(), user())


@pytest.mark.clause("ERASE-5")
@pytest.mark.parametrize(
    ("ended", "until"),
    [
        (datetime(2027, 1, 31, 12, tzinfo=UTC), date(2031, 6, 30)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2030, 6, 30)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), date(2031, 6, 30)),
    ],
)
def test_the_agreement_is_kept_three_and_a_half_years_after_the_financial_year(ended, until) -> None:
    assert archive_until(ended) == until
