from __future__ import annotations

import pytest

from services.account.users.rules import (
    USERS_LIMIT,
    check_role_change,
    check_room_for_user,
    check_user_deactivation,
)
from shared.errors import Conflict
from tests.unit.account.states import user

pytestmark = pytest.mark.unit


def test_an_account_is_never_without_an_owner() -> None:
    owner = user(role="owner")
    check_user_deactivation(owner, 2)
    check_user_deactivation(user(), 1)
    with pytest.raises(Conflict):
        check_user_deactivation(owner, 1)
    with pytest.raises(Conflict):
        check_user_deactivation(user(state="inactive"), 1)
    check_role_change(owner, "user", 2)
    check_role_change(owner, "owner", 1)
    check_role_change(user(), "user", 1)
    check_role_change(user(), "owner", 1)
    with pytest.raises(Conflict):
        check_role_change(owner, "user", 1)
    for newcomer in (user(confirmed=False), user(state="inactive")):
        with pytest.raises(Conflict):
            check_role_change(newcomer, "owner", 1)


def test_an_account_has_room_for_so_many_users() -> None:
    check_room_for_user(USERS_LIMIT - 1)
    with pytest.raises(Conflict):
        check_room_for_user(USERS_LIMIT)
