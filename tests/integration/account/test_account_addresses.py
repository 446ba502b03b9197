"""A change of address: with the password, confirmed by its holder, and told to the address before it."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from shared.errors import Conflict, Forbidden, Locked, NotFound, TooMany, Unauthenticated

pytestmark = pytest.mark.integration


def moved(world, member, *, by=None) -> str:
    """Let a member change address, by himself or by somebody else, and confirm it; the address before."""
    fresh, before = world.fresh_email("flyttet"), member.email
    if by is None:
        world.change_email(member, fresh)
    else:
        fields = {"account_id": member.account_id, "actor": by, "user_id": member.user_id}
        world.call("update_user", **fields, version=world.version(member, of_user=True), email=fresh)
    world.call("confirm_email", token=world.token_of(member, "email_confirmation", "address_change"))
    member.email = fresh
    return before


def told(world, member) -> list[dict]:
    return [e for e in world.outbox("user.address_changed") if e["user_id"] == str(member.user_id)]


def facts(world, member, event):
    return world.call(
        "letter_facts", user_id=member.user_id, letter="address_changed", ticket_id=event["ticket_id"]
    )


def kept(world, member) -> int:
    return world.rows("SELECT count(*) FROM former_address WHERE user_id = %s", member.user_id)[0][0]


@pytest.mark.clause("ISOLATE-1")
def test_ones_own_address_is_changed_with_the_current_password_only(world) -> None:
    member = world.sign_up()
    fields = {"account_id": member.account_id, "actor": member.actor, "user_id": member.user_id, "version": 2}
    with pytest.raises(Forbidden, match="current password"):
        world.call("update_user", **fields, email=world.fresh_email())
    with pytest.raises(Forbidden, match="password is wrong"):
        world.change_email(member, world.fresh_email(), current_password="feil passord her")
    with pytest.raises(Unauthenticated):
        world.change_email(member, world.fresh_email(), token="x" * 43)
    assert world.rows("SELECT new_email_sealed FROM account_user WHERE id = %s", member.user_id) == [(None,)]
    assert world.change_email(member, world.fresh_email()) == {
        "user_id": str(member.user_id), "version": 3, "state": "active",
    }  # fmt: skip


def test_guessing_the_password_by_way_of_the_address_is_slowed(world) -> None:
    member = world.sign_up()
    token = world.log_in(member)["token"]
    for _ in range(5):
        with pytest.raises(Forbidden):
            world.change_email(member, world.fresh_email(), token=token, current_password="feil passord her")
    with pytest.raises(TooMany):
        world.change_email(member, world.fresh_email(), token=token)


def test_an_address_that_cannot_be_had_is_no_failed_guess(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    for _ in range(6):
        with pytest.raises(Conflict):
            world.change_email(user, owner.email)
    assert world.log_in(user)["token"]


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("actor", ["owner", "staff:kari", None])
def test_the_address_before_is_told_whoever_changed_it(world, actor) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    before = moved(world, user, by=owner.actor if actor == "owner" else actor)
    (event,) = told(world, user)
    assert event["changed_at"] == world.clock.now().isoformat()
    assert before not in json.dumps(world.outbox())
    answer = facts(world, user, event)
    assert (answer["email"], answer["link_token"], answer["name"]) == (before, None, "Ola Sletten")
    assert world.call("letter_facts", user_id=user.user_id, letter="password_changed")["email"] == user.email


def test_an_address_that_nobody_ever_confirmed_is_told_nothing(world) -> None:
    squatter = world.sign_up(confirmed=False)
    moved(world, squatter, by="staff:kari")
    assert (told(world, squatter), kept(world, squatter)) == ([], 0)
    owner = world.sign_up()
    invited = world.add_user(owner, joined=False)
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": invited.user_id, "version": 1}
    world.call("update_user", **fields, email=world.fresh_email("riktig"))
    assert (told(world, invited), kept(world, invited)) == ([], 0)


@pytest.mark.clause("ERASE-5")
@pytest.mark.parametrize(("fetched", "left", "gone"), [(False, 23.9, 24), (True, 0.9, 1)])
def test_the_address_before_is_forgotten_with_its_letter(world, fetched, left, gone) -> None:
    member = world.sign_up()
    start = world.clock.now()
    before = moved(world, member)
    (event,) = told(world, member)
    if fetched:
        facts(world, member, event)
    world.clock.move(start + timedelta(hours=left) - world.clock.now())
    world.run("purge_expired")
    assert kept(world, member) == 1
    world.clock.move(start + timedelta(hours=gone) - world.clock.now())
    with pytest.raises(Conflict):
        facts(world, member, event)
    world.run("purge_expired")
    assert kept(world, member) == 0
    with pytest.raises(Conflict):
        facts(world, member, event)
    assert before != member.email


def test_a_letter_made_once_more_finds_the_address_again_but_not_for_ever(world) -> None:
    member = world.sign_up()
    moved(world, member)
    (event,) = told(world, member)
    for _ in range(27):
        facts(world, member, event)
        world.clock.move(timedelta(minutes=55))
    with pytest.raises(Conflict):
        facts(world, member, event)


@pytest.mark.clause("ISOLATE-1", "LINK-1")
def test_whoever_took_an_account_over_does_not_silence_the_letter_by_closing_it(world) -> None:
    member = world.sign_up()
    before = moved(world, member)
    world.deactivate(member)
    (event,) = told(world, member)
    assert facts(world, member, event)["email"] == before
    with pytest.raises(Locked):
        world.call("letter_facts", user_id=member.user_id, letter="password_changed")


def test_the_address_before_is_for_its_own_letter_and_user_only(world) -> None:
    member, other = world.sign_up(), world.sign_up()
    moved(world, member)
    (event,) = told(world, member)
    with pytest.raises(Conflict):
        facts(world, other, event)
    for ticket_id in (None, uuid4()):
        with pytest.raises(Conflict):
            facts(world, member, {"ticket_id": ticket_id})
    with pytest.raises(NotFound):
        world.call(
            "letter_facts", user_id=member.user_id, letter="email_confirmation", ticket_id=event["ticket_id"]
        )


@pytest.mark.clause("ERASE-1", "FORGET-2")
@pytest.mark.parametrize("whole", [True, False])
def test_an_erasure_deletes_the_address_before(world, whole) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    moved(world, user)
    if whole:
        world.deactivate(owner)
        erasure_id = uuid4()
        world.order_erasure(erasure_id, owner.account_id)
    else:
        fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": user.user_id}
        world.call("deactivate_user", **fields, version=world.version(user, of_user=True))
        erasure_id = uuid4()
        world.order_erasure(erasure_id, owner.account_id, user.user_id)
    assert kept(world, user) == 0
    (step,) = [e for e in world.outbox("erasure.step_completed") if e["erasure_id"] == str(erasure_id)]
    assert step["counts"]["former_addresses"] == 1
