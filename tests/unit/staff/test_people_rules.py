"""Who may be invited, and what a link is good for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.staff.people import rules
from services.staff.people.calls import InvitePerson, link_digest
from services.staff.people.values import EnrolmentLink, LinkPurpose, Person, PersonState
from shared.errors import Conflict, Forbidden, Invalid

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def person(state: PersonState = PersonState.INVITED) -> Person:
    return Person(id=uuid4(), code="kari", state=state, invited_at=NOW)


def link(**changes) -> EnrolmentLink:
    values = {"person_id": uuid4(), "purpose": LinkPurpose.INVITATION, "expires_at": NOW + HOUR}
    return EnrolmentLink(**values | changes)


def test_there_is_room_up_to_the_bound() -> None:
    rules.check_room(rules.MOST - 1)
    with pytest.raises(Conflict):
        rules.check_room(rules.MOST)


@pytest.mark.parametrize("state", [PersonState.ACTIVE, PersonState.LEFT])
def test_only_who_has_not_come_is_invited_anew(state) -> None:
    rules.check_not_come(person())
    with pytest.raises(Conflict) as refused:
        rules.check_not_come(person(state))
    assert refused.value.details == {"state": state.value}


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, PersonState.LEFT, "person_left"),
        ({"used_at": NOW - MINUTE}, PersonState.INVITED, "link_used"),
        ({"expires_at": NOW}, PersonState.INVITED, "link_ended"),
        ({"expires_at": NOW - MINUTE}, PersonState.ACTIVE, "link_ended"),
        ({"expires_at": NOW + timedelta(days=1)}, PersonState.INVITED, "link_ended"),
    ],
    ids=["left", "used", "to the second", "over", "dated further ahead than a link can last"],
)
def test_a_link_that_enrols_nothing_says_why(changes, state, reason) -> None:
    with pytest.raises(Forbidden) as refused:
        rules.check_usable(link(**changes), person(state), NOW)
    assert refused.value.details == {"reason": reason}


@pytest.mark.parametrize("left", [timedelta(seconds=1), HOUR])
@pytest.mark.parametrize("state", [PersonState.INVITED, PersonState.ACTIVE])
def test_a_link_is_good_within_its_hour(left, state) -> None:
    rules.check_usable(link(expires_at=NOW + left), person(state), NOW)


@pytest.mark.parametrize(
    "code", ["Kari", "kari.n", "-kari", "kari-", "kåre", "kari nordmann", "k" * 59, "", "1kari"]
)
def test_a_code_has_one_spelling(code) -> None:
    InvitePerson.from_json({"code": "kari-n2", "token_digest": link_digest("secret")})
    with pytest.raises(Invalid) as refused:
        InvitePerson.from_json({"code": code, "token_digest": link_digest("secret")})
    assert set(refused.value.details["fields"]) == {"code"}


def test_a_token_itself_is_not_taken_for_its_digest() -> None:
    with pytest.raises(Invalid):
        InvitePerson.from_json({"code": "kari", "token_digest": "secret"})
