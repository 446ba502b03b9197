from __future__ import annotations

import pytest

from services.account.login.rules import login_refusal
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit


@pytest.mark.clause("LINK-1")
def test_the_right_password_is_not_enough() -> None:
    assert login_refusal(account(), user()) is None
    assert login_refusal(account("inactive"), user()) == "account_inactive"
    assert login_refusal(account(), user(state="inactive")) == "user_inactive"
    assert login_refusal(account(), user(confirmed=False)) == "unconfirmed"
