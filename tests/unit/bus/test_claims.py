"""Who may be said to act, and what is told of who said otherwise."""

from __future__ import annotations

import pytest

from deploy.provision.broker_permissions import CALLS
from shared.bus.actor_claims import Claims
from shared.bus.actors import may_claim, presumed
from shared.errors import Forbidden, Unauthenticated

pytestmark = pytest.mark.unit

USER = "user:0198c0de-0000-7000-8000-000000000001"
ACTORS = (USER, "staff:kari", "system", "public", "user", "staff", "", "admin:kari", "SYSTEM", "system:x")
ALLOWED = {
    "": {"public"},
    "gateway": {"public", USER, "user"},
    "desk": {"staff:kari", "staff"},
}
SERVICE = {"system", "system:x"}


@pytest.mark.parametrize("user", ["", *sorted(CALLS), "nogd"])
def test_each_user_speaks_for_its_own_kind_and_no_other(user):
    assert {actor for actor in ACTORS if may_claim(user, actor)} == ALLOWED.get(user, SERVICE)


def test_who_says_nothing_acts_for_nobody():
    assert [presumed(user) for user in ("", "gateway", "account")] == ["public", "public", "system"]


@pytest.mark.parametrize("field", ["actor", "approved_by", "checked_by"])
def test_every_argument_that_names_an_actor_is_looked_at(field):
    with pytest.raises(Forbidden) as refused:
        Claims().check(user="gateway", header=None, session=None, fields={field: "staff:kari"})
    assert "kari" not in str(refused.value.details) + str(refused.value)


def test_a_customer_acts_by_the_session_that_is_theirs():
    claims = Claims(actor_of_session={"mine": USER}.get)
    claims.check(user="gateway", header=USER, session="mine", fields={"actor": USER})
    for session, actor in ((None, USER), ("", USER), ("another's", USER), ("mine", "user:2")):
        with pytest.raises(Unauthenticated):
            claims.check(user="gateway", header=None, session=session, fields={"actor": actor})
