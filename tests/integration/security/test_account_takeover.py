"""Ways by which an account changed hands in other systems, tried on ours."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from tests.plugins.account_world import INDEX

pytestmark = pytest.mark.integration


def test_one_persons_idempotency_key_does_not_swallow_anothers_sign_up(world):
    first, second = world.fresh_email(), world.fresh_email()
    for email in (first, second):
        world.call("sign_up", **world.application(email), idempotency_key="1")
    assert world.user_by_email(second) is not None
    for (key,) in world.rows("SELECT key FROM command_reply WHERE method = 'sign_up'"):
        assert len(key) == 64, "a client's own text is not kept"


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("way", ["reset", "change"])
def test_a_new_password_voids_a_change_of_address_begun_in_a_stolen_session(world, way):
    victim = world.sign_up()
    world.change_email(victim, world.fresh_email("intruder"))
    token = world.token_of(victim, "email_confirmation", "address_change")
    if way == "reset":
        world.call("request_password_reset", email=victim.email)
        world.run("answer_letter_requests")
        reset = world.token_of(victim, "password_reset", "password_reset")
        world.call("reset_password", token=reset, new_password="Et helt nytt passord 9")
    else:
        session = world.log_in(victim)
        world.call(
            "change_password",
            token=session["token"],
            current_password=victim.password,
            new_password="Et helt nytt passord 9",
            origin=world.origin(),
        )
    with pytest.raises(NotFound):
        world.call("confirm_email", token=token)
    assert world.user_by_email(victim.email) is not None


def test_an_address_nobody_confirmed_is_not_brought_back_by_whoever_entered_it(world):
    squatter = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=15))
    world.run("close_abandoned_sign_ups")
    with pytest.raises(Unauthenticated):
        world.call(
            "reactivate_with_password",
            email=squatter.email,
            password=squatter.password,
            origin=world.origin(),
        )
    world.call("sign_up", **world.application(squatter.email))
    assert len(world.rows("SELECT 1 FROM account_user WHERE email_index = %s", INDEX.of_email(squatter.email))) == 2
    assert world.rows("SELECT state FROM account WHERE id = %s", squatter.account_id) == [("inactive",)]


def test_a_sea_of_addresses_of_one_network_is_braked_as_one(world):
    network = f"2001:db8:{world.ip.rsplit('.', 1)[1]}:7"

    def attempt(number: int) -> str:
        origin = world.origin(f"{network}::{number + 1:x}")
        try:
            world.call("log_in", email=world.fresh_email(), password="feil passord 123", origin=origin)
        except (Unauthenticated, TooMany) as refused:
            return refused.code
        return "let in"

    told = [attempt(number) for number in range(42)]
    assert told == ["unauthenticated"] * 40 + ["too_many"] * 2


def test_nobody_is_flooded_with_invitations(world):
    owner = world.sign_up()
    invited = world.add_user(owner, joined=False)
    again = {"account_id": owner.account_id, "actor": owner.actor, "user_id": invited.user_id, "version": 1}
    for _ in range(2):
        world.call("invite_user", **again)
    with pytest.raises(TooMany):
        world.call("invite_user", **again)
    world.clock.move(timedelta(hours=1, seconds=1))
    world.call("invite_user", **again)


def invited_before(world, account_id, user_id, count: int, kind: str = "invitation") -> None:
    """As if so many letters had been asked for at this moment."""
    with world.database.transaction() as tx:
        for _ in range(count):
            tx.run(
                "INSERT INTO ticket (id, user_id, account_id, kind, created_at)"
                " VALUES (gen_random_uuid(), %(user_id)s, %(account_id)s, %(kind)s, %(now)s)",
                user_id=user_id,
                account_id=account_id,
                kind=kind,
                now=world.clock.now(),
            )


@pytest.mark.parametrize("kind", ["invitation", "address_change"])
def test_an_account_invites_two_hundred_people_a_day_and_the_next_one_the_day_after(world, kind):
    owner = world.sign_up()
    user = world.add_user(owner)
    invited_before(world, owner.account_id, owner.user_id, 198, kind)
    waiting = world.add_user(owner, joined=False)
    mine = {"account_id": owner.account_id, "actor": owner.actor}
    ways = (
        ("add_user", {"name": "Ola Sletten", "email": world.fresh_email(), "phone": "90012345"}),
        ("invite_user", {"user_id": waiting.user_id, "version": 1}),
        ("update_user", {"user_id": waiting.user_id, "version": 1, "email": world.fresh_email()}),
        (
            "update_user",
            {
                "user_id": user.user_id,
                "version": world.version(user, of_user=True),
                "email": world.fresh_email(),
            },
        ),
    )
    world.clock.move(timedelta(hours=23))
    for method, more in ways:
        with pytest.raises(TooMany, match="200 people in 24 hours") as refused:
            world.call(method, **mine, **more)
        assert refused.value.details == {"retry_after_seconds": 3600, "limit": 200}
    assert world.change_email(user, world.fresh_email())["state"] == "active", "one's own address is no stranger's"
    other = world.sign_up()
    world.add_user(other, joined=False)
    world.clock.move(timedelta(hours=1))
    for method, more in ways[:2]:
        world.call(method, **mine, **more)


def test_leaving_and_coming_back_does_not_begin_the_count_anew(world):
    owner = world.sign_up()
    invited_before(world, owner.account_id, owner.user_id, 200)
    world.deactivate(owner)
    world.call("reactivate_with_password", email=owner.email, password=owner.password, origin=world.origin())
    with pytest.raises(TooMany):
        world.add_user(owner, joined=False)


def test_invitations_at_once_do_not_slip_past_the_count(world):
    owner = world.sign_up()
    invited_before(world, owner.account_id, owner.user_id, 197)

    def invite(_: int) -> str:
        try:
            world.add_user(owner, joined=False)
        except TooMany:
            return "too many"
        return "invited"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(invite, range(8))) == ["invited"] * 3 + ["too many"] * 5


def test_a_mailbox_gets_six_letters_of_a_kind_a_day_and_then_one_an_hour_at_most(world):
    member = world.sign_up()
    for _ in range(12):
        world.call("request_password_reset", email=member.email)
        world.run("answer_letter_requests")
        world.clock.move(timedelta(minutes=30))
    sent = [e for e in world.outbox("user.password_reset_requested") if e["user_id"] == str(member.user_id)]
    assert len(sent) == 6 + 3


def test_nobody_sends_letters_to_the_world_by_changing_his_address_again_and_again(world):
    member = world.sign_up()
    for _ in range(3):
        world.change_email(member, world.fresh_email())
    with pytest.raises(TooMany):
        world.change_email(member, world.fresh_email())


def test_only_the_newest_of_several_changes_of_address_can_be_confirmed(world):
    member = world.sign_up()
    world.change_email(member, world.fresh_email())
    old = world.token_of(member, "email_confirmation", "address_change")
    world.change_email(member, world.fresh_email())
    with pytest.raises(NotFound):
        world.call("confirm_email", token=old)


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("method", ["get_account", "list_users"])
def test_another_companys_account_is_not_there_for_reading(world, method):
    mine, theirs = world.sign_up(), world.sign_up()
    with pytest.raises(NotFound):
        world.call(method, account_id=theirs.account_id, actor=mine.actor)


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize(
    ("method", "extra"),
    [
        ("update_account", {"name": "Kapret AS"}),
        ("deactivate_account", {}),
        ("reactivate_account", {}),
        ("add_user", {"name": "Inn Trenger", "email": "inn@trenger.example", "phone": "90012345"}),
    ],
)
def test_another_companys_account_is_not_there_for_writing(world, method, extra):
    mine, theirs = world.sign_up(), world.sign_up()
    version = {} if method == "add_user" else {"version": world.version(theirs)}
    with pytest.raises(NotFound):
        world.call(method, account_id=theirs.account_id, actor=mine.actor, **version, **extra)


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("method", ["update_user", "deactivate_user", "reactivate_user", "invite_user"])
def test_another_companys_user_is_not_there_even_named_beside_ones_own_account(world, method):
    mine, theirs = world.sign_up(), world.sign_up()
    extra = {"name": "Kapret"} if method == "update_user" else {}
    for account_id in (mine.account_id, theirs.account_id):
        with pytest.raises(NotFound):
            world.call(method, account_id=account_id, actor=mine.actor, user_id=theirs.user_id, version=1, **extra)


def test_a_plain_user_does_nothing_that_is_an_owners(world):
    owner = world.sign_up()
    plain = world.add_user(owner)
    mine = {"account_id": owner.account_id, "actor": plain.actor}
    with pytest.raises(Forbidden):
        world.call("update_account", **mine, version=world.version(owner), name="Min AS")
    with pytest.raises(Forbidden):
        world.call("deactivate_account", **mine, version=world.version(owner))
    with pytest.raises(Forbidden):
        world.call("add_user", **mine, name="X Y", email=world.fresh_email(), phone="90012345")
    version = world.version(plain, of_user=True)
    with pytest.raises(Forbidden):
        world.call("update_user", **mine, user_id=plain.user_id, version=version, role="owner")
    with pytest.raises((NotFound, Conflict)):
        world.call("update_user", **mine, user_id=owner.user_id, version=1, name="Kapret")
