from __future__ import annotations

import pytest

from services.account.authorisation.rules import check_proved
from services.account.users.rules import (
    USERS_LIMIT,
    check_role_change,
    check_room_for_user,
    check_user_deactivation,
    is_about_owners,
)
from shared.actor import SYSTEM, Actor
from shared.errors import Conflict, Invalid
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


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize(
    ("role", "changes", "is_needed"),
    [
        ("user", {"role": "owner"}, True),
        ("owner", {"role": "user"}, True),
        ("owner", {"email": "ny@firma.example"}, True),
        ("user", {"email": "ny@firma.example"}, False),
        ("owner", {"role": "owner", "name": "Kåre"}, False),
        ("owner", {"phone": "+4741234567"}, False),
    ],
)
def test_a_change_of_who_answers_for_the_company_takes_the_password(role, changes, is_needed) -> None:
    assert is_about_owners(user(role=role), changes) is is_needed


@pytest.mark.clause("ISOLATE-1")
def test_a_session_alone_proves_no_password_and_staff_sign_instead() -> None:
    me = Actor.user(user().id)
    check_proved(me, is_proved=True)
    for actor in (SYSTEM, Actor("staff", name="kari")):
        check_proved(actor, is_proved=False)
    with pytest.raises(Invalid) as refused:
        check_proved(me, is_proved=False)
    assert set(refused.value.details["fields"]) == {"current_password"}
