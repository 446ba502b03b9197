"""Somebody inactive asks for a way in: told like everybody, and by letter how to come back."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from shared.errors import Conflict, Forbidden, Locked, NotFound
from tests.plugins.account_world import INDEX

pytestmark = pytest.mark.integration
WISHES = ("request_password_reset", "sign_up")


def ask(world, email: str, wish: str = "request_password_reset") -> None:
    """Ask for a new password or sign up, and let the letters be written."""
    fields = world.application(email) if wish == "sign_up" else {"email": email}
    assert world.call(wish, **fields) == {"status": "accepted"}
    world.run("answer_letter_requests")


def told(world, member) -> list[dict]:
    return [e for e in world.outbox("user.return_requested") if e["user_id"] == str(member.user_id)]


def link(world, member, event) -> str:
    facts = world.call(
        "letter_facts", user_id=member.user_id, letter="return_by_link", ticket_id=event["ticket_id"]
    )
    assert facts["email"] == member.email
    return facts["link_token"]


def users_with(world, email: str) -> int:
    return len(world.rows("SELECT 1 FROM account_user WHERE email_index = %s", INDEX.of_email(email)))


@pytest.mark.clause("LINK-1", "ISOLATE-1")
@pytest.mark.parametrize("wish", WISHES)
def test_an_owner_gets_a_link_and_comes_back_by_it_once(world, wish) -> None:
    owner = world.sign_up()
    world.deactivate(owner)
    accounts = world.rows("SELECT count(*) FROM account")
    ask(world, owner.email, wish)
    assert world.rows("SELECT count(*) FROM account") == accounts
    assert users_with(world, owner.email) == 1
    (event,) = told(world, owner)
    assert event["way"] == "by_link"
    token = link(world, owner, event)
    with pytest.raises(NotFound):
        world.call("reset_password", token=token, new_password="Helt nytt passord 12")
    back = world.call("reactivate_by_letter", token=token)
    assert (back["account_id"], back["state"]) == (str(owner.account_id), "active")
    assert world.log_in(owner)["token"]
    (event,) = [e for e in world.outbox("account.reactivated") if e["account_id"] == str(owner.account_id)]
    assert event["_envelope"]["actor"] == owner.actor
    with pytest.raises(NotFound):
        world.call("reactivate_by_letter", token=token)


@pytest.mark.clause("LINK-1", "SUSPECT-1")
@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize(
    ("who", "by", "way"),
    [
        ("user of a company that left", "owner", "by_company"),
        ("user whom an owner closed", "owner", "by_company"),
        ("owner of a company that staff closed", "staff:kari", "by_staff"),
        ("user of a company that staff closed", "staff:kari", "by_staff"),
        ("user whom staff closed", "staff:kari", "by_staff"),
    ],
)
def test_others_are_told_whom_to_ask(world, wish, who, by, way) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    actor = owner.actor if by == "owner" else by
    if "whom" in who:
        fields = {"account_id": owner.account_id, "user_id": user.user_id, "actor": actor}
        world.call("deactivate_user", **fields, version=world.version(user, of_user=True))
    else:
        world.deactivate(owner, actor=actor)
    reader = owner if who.startswith("owner") else user
    ask(world, reader.email, wish)
    (event,) = told(world, reader)
    assert (event["way"], event["ticket_id"]) == (way, None)
    assert users_with(world, reader.email) == 1, "not a second account"
    letter = {"user_id": reader.user_id, "letter": f"return_{way}"}
    assert world.call("letter_facts", **letter)["email"] == reader.email


def test_nobody_is_flooded_with_letters_about_being_inactive(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    world.deactivate(owner)
    for _ in range(5):
        for member in (owner, user):
            ask(world, member.email)
            ask(world, member.email, "sign_up")
    assert (len(told(world, owner)), len(told(world, user))) == (3, 3)
    for _ in range(24):
        for _ in range(3):
            world.clock.move(timedelta(minutes=20))
            ask(world, owner.email)
    assert 24 <= len(told(world, owner)) <= 6 + 24


def test_an_address_that_is_unknown_or_was_given_free_gets_no_letter(world) -> None:
    squatter = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=15))
    world.run("close_abandoned_sign_ups")
    seen = world.outbox()[-1]["_row"]
    for email in (squatter.email, world.fresh_email("ukjent")):
        ask(world, email)
    assert world.outbox(since=seen) == []


@pytest.mark.clause("SUSPECT-1", "FORGET-1")
def test_a_link_back_is_worth_nothing_once_staff_or_an_erasure_came_before(world) -> None:
    owner = world.sign_up()
    heir = world.add_user(owner)
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": heir.user_id}
    world.call("update_user", **fields, version=world.version(heir, of_user=True), role="owner")
    world.deactivate(owner)
    ask(world, owner.email)
    token = link(world, owner, told(world, owner)[-1])
    world.call("reactivate_with_password", email=heir.email, password=heir.password, origin=world.origin())
    with pytest.raises(NotFound):
        world.call("reactivate_by_letter", token=token)
    world.deactivate(heir, actor="staff:kari")
    with pytest.raises(NotFound):
        world.call("reactivate_by_letter", token=token)
    world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=world.version(owner))
    world.deactivate(owner)
    ask(world, owner.email)
    token = link(world, owner, told(world, owner)[-1])
    world.call("begin_erasure", erasure_id=uuid4(), account_id=owner.account_id)
    with pytest.raises(Conflict, match="erasure has begun"):
        world.call("reactivate_by_letter", token=token)


def test_a_link_back_works_for_a_day(world) -> None:
    owner = world.sign_up()
    world.deactivate(owner)
    ask(world, owner.email)
    token = link(world, owner, told(world, owner)[-1])
    world.clock.move(timedelta(hours=24))
    with pytest.raises(NotFound):
        world.call("reactivate_by_letter", token=token)
    with pytest.raises((Locked, Forbidden)):
        world.log_in(owner)
