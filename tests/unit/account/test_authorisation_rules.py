from __future__ import annotations

from uuid import uuid4

import pytest

from services.account.authorisation.rules import authorise, may_see
from shared.actor import PUBLIC, Actor
from shared.errors import Forbidden, Locked, NotFound
from tests.unit.account.states import account, user

pytestmark = pytest.mark.unit


@pytest.mark.clause("ISOLATE-1")
def test_users_enter_their_own_account_only() -> None:
    me = user()
    mine = Actor("user", me.id)
    authorise(mine, me, account(), owner_only=False)
    authorise(Actor("staff", name="kari"), None, account(), owner_only=True)
    authorise(Actor("system"), None, account(), owner_only=True)
    with pytest.raises(NotFound):
        authorise(PUBLIC, None, account(), owner_only=False)
    with pytest.raises(NotFound):
        authorise(mine, None, account(), owner_only=False)
    with pytest.raises(NotFound):
        authorise(mine, user(account_id=uuid4()), account(), owner_only=False)
    with pytest.raises(Locked):
        authorise(mine, user(state="inactive"), account(), owner_only=False)
    with pytest.raises(Forbidden):
        authorise(mine, me, account(), owner_only=True)
    authorise(mine, user(role="owner"), account(), owner_only=True)


@pytest.mark.clause("ISOLATE-1")
def test_owners_and_staff_see_all_users_others_themselves() -> None:
    me, other = user(), user()
    assert may_see(Actor("user", me.id), me, me)
    assert not may_see(Actor("user", me.id), me, other)
    assert may_see(Actor("user", me.id), user(role="owner"), other)
    assert may_see(Actor("staff", name="kari"), None, other)
