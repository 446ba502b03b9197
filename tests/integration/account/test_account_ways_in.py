"""Whoever owns an address gets in within minutes, whatever others do in the same name; who proves it decides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.account.sign_up.rules import SIGN_UPS_WAITING
from services.account.tickets.rules import LETTERS_AT_ONCE, LETTERS_REFILL
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, Unauthenticated
from tests.forms import confirmation_call
from tests.plugins.account_world import INDEX, Member

pytestmark = pytest.mark.integration

STRANGERS_PASSWORD = "Noen andre valgte dette 1"
OWN_PASSWORD = "Eieren selv valgte dette 2"
WISHES = ("sign_up", "request_confirmation", "request_password_reset")
WITH_A_WAY = {"user.confirmation_requested", "user.password_reset_requested", "user.return_requested"}


def ask(world, wish: str, email: str, **changes) -> None:
    fields = world.application(email, **changes) if wish == "sign_up" else {"email": email}
    assert world.call(wish, **fields) == {"status": "accepted"}
    world.run("answer_letter_requests")


def letters(world, email: str) -> list[dict]:
    """The letters with a way in to whoever has this address, oldest first."""
    ids = {
        str(row[0])
        for row in world.rows("SELECT id FROM account_user WHERE email_index = %s", INDEX.of_email(email))
    }
    return [event for event in world.outbox() if event.get("user_id") in ids and event["_type"] in WITH_A_WAY]


def link(world, event: dict) -> str:
    """The token that the letter of an event carries."""
    letter = {"user.password_reset_requested": "password_reset", "user.return_requested": "return_by_link"}
    return world.call(
        "letter_facts",
        user_id=event["user_id"],
        letter=letter.get(event["_type"], "email_confirmation"),
        ticket_id=event["ticket_id"],
    )["link_token"]


def stranger_signs_up(world, email: str, *, ip: str = "198.51.100.7", company: str = "Fremmed AS") -> None:
    application = world.application(email, password=STRANGERS_PASSWORD)
    application["company"] |= {"name": company}
    application["origin"]["ip"] = ip
    world.call("sign_up", **application)


def company_of(world, token: str) -> str:
    return world.call("get_account", **who(world, token))["name"]


def who(world, token: str) -> dict:
    known = world.call("authenticate", token=token)
    return {"account_id": known["account_id"], "actor": known["actor"]}


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize("confirmed", [False, True])
def test_every_path_gives_a_fresh_letter_within_minutes(world, confirmed) -> None:
    member = world.sign_up(confirmed=confirmed)
    paths = ("sign_up", "request_password_reset") if confirmed else WISHES
    for wish in (*paths, "request_password_reset"):
        had = len(letters(world, member.email)), world.outbox()[-1]["_row"]
        ask(world, wish, member.email)
        for _ in range(10):
            if world.outbox(since=had[1]):
                break
            world.clock.move(timedelta(minutes=1))
            world.run("answer_letter_requests")
        assert world.outbox(since=had[1]), f"no letter after {wish}"
    token = link(world, letters(world, member.email)[-1])
    if confirmed:
        world.call("reset_password", token=token, new_password=OWN_PASSWORD)
    else:
        world.call("confirm_email", **confirmation_call(token, OWN_PASSWORD))
    assert world.log_in(member, password=OWN_PASSWORD)["token"]


@pytest.mark.clause("EGRESS-1")
@pytest.mark.parametrize("wish", WISHES)
def test_a_strangers_flood_leaves_the_owner_a_working_letter_of_this_hour_and_fills_no_mailbox(world, wish) -> None:
    member = world.sign_up(confirmed=False)
    for _ in range(30 * 6):
        for _ in range(2):
            ask(
                world, wish, member.email, **({"origin": world.origin("198.51.100.9")} if wish == "sign_up" else {})
            )
        world.clock.move(timedelta(minutes=10))
    found = letters(world, member.email)
    a_day = 6 + 24
    assert len(found) <= 2 * a_day, "not without bound"
    newest = max(
        world.rows(
            "SELECT max(t.created_at) FROM ticket t JOIN account_user u ON u.id = t.user_id"
            " WHERE u.email_index = %s",
            INDEX.of_email(member.email),
        )[0]
    )
    assert world.clock.now() - newest <= timedelta(hours=1, minutes=10), "never none"
    given = confirmation_call(link(world, found[-1]), OWN_PASSWORD)
    world.call("confirm_email", **given, account_id=member.account_id)
    assert world.log_in(member, password=OWN_PASSWORD)["token"]


def test_a_wish_that_has_to_wait_is_met_later_and_once(world) -> None:
    member = world.sign_up()
    for _ in range(8):
        ask(world, "request_password_reset", member.email)
    sent = [event["_type"] for event in letters(world, member.email)].count("user.password_reset_requested")
    assert sent == LETTERS_AT_ONCE
    for _ in range(3):
        world.clock.move(LETTERS_REFILL)
        world.run("answer_letter_requests")
    sent = [event["_type"] for event in letters(world, member.email)].count("user.password_reset_requested")
    assert sent == LETTERS_AT_ONCE + 1
    assert world.rows("SELECT count(*) FROM letter_request") == [(0,)]


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("order", ["stranger first", "owner first"])
@pytest.mark.parametrize("followed", ["own letter", "stranger's letter"])
def test_who_proves_the_address_decides_the_password_and_the_company(world, order, followed) -> None:
    email = world.fresh_email()
    if order == "stranger first":
        stranger_signs_up(world, email)
    world.clock.move(timedelta(seconds=1))
    world.call("sign_up", **world.application(email))
    own = Member(email, *reversed(world.user_by_email(email)))
    world.clock.move(timedelta(seconds=1))
    if order == "owner first":
        stranger_signs_up(world, email)
    wanted = [
        e for e in letters(world, email) if (e["account_id"] == str(own.account_id)) == (followed == "own letter")
    ]
    token = link(world, wanted[-1])
    shown = world.call("describe_link", token=token)
    assert (shown["kind"], shown["standing"], len(shown["sign_ups"])) == ("confirmation", "works", 2)
    assert shown["sign_ups"][0]["of_letter"]
    assert {each["account_id"] for each in shown["sign_ups"]} >= {str(own.account_id)}
    assert all(each["terms_version"] and each["signed_up_at"] for each in shown["sign_ups"])
    world.call("confirm_email", **confirmation_call(token, OWN_PASSWORD), account_id=own.account_id)
    session = world.log_in(own, password=OWN_PASSWORD)
    assert session["account_id"] == str(own.account_id)
    with pytest.raises(Unauthenticated):
        world.log_in(own, password=STRANGERS_PASSWORD)
    states = world.rows(
        "SELECT a.id, a.state, a.inactivated_by, g.stood_by_at IS NOT NULL, c.user_id IS NOT NULL FROM account a"
        " JOIN account_user u ON u.account_id = a.id JOIN agreement g ON g.account_id = a.id"
        " LEFT JOIN credential c ON c.user_id = u.id WHERE u.email_index = %s",
        INDEX.of_email(email),
    )
    assert {row[0]: row[1:] for row in states}.pop(own.account_id) == ("active", None, True, True)
    ((_, *others),) = [row for row in states if row[0] != own.account_id]
    assert others == ["inactive", "sign_up_abandoned", False, False]
    for event in letters(world, email):
        with pytest.raises((NotFound, Conflict, Locked)):
            link(world, event)


def test_a_link_alone_makes_nobodys_password_count(world) -> None:
    email = world.fresh_email()
    stranger_signs_up(world, email)
    (event,) = letters(world, email)
    token = link(world, event)
    with pytest.raises(Invalid) as refused:
        world.call("confirm_email", token=token)
    assert "password" in refused.value.details
    stranger = Member(email, *reversed(world.user_by_email(email)))
    with pytest.raises(Forbidden):
        world.log_in(stranger, password=STRANGERS_PASSWORD)
    world.call("confirm_email", **confirmation_call(token, OWN_PASSWORD))
    with pytest.raises(Unauthenticated):
        world.log_in(stranger, password=STRANGERS_PASSWORD)


def test_only_a_sign_up_that_waits_for_this_address_can_be_chosen(world) -> None:
    other, email = world.sign_up(confirmed=False), world.fresh_email()
    stranger_signs_up(world, email)
    token = link(world, letters(world, email)[-1])
    with pytest.raises(NotFound):
        world.call("confirm_email", **confirmation_call(token, OWN_PASSWORD), account_id=other.account_id)


def test_one_network_fills_its_own_places_only(world) -> None:
    email = world.fresh_email()
    for number in range(6):
        stranger_signs_up(world, email, ip=f"198.51.100.{number + 1}", company=f"Fremmed {number}")
    world.call("sign_up", **world.application(email))
    world.run("answer_letter_requests")
    shown = world.call("describe_link", token=link(world, letters(world, email)[0]))["sign_ups"]
    assert len(shown) == SIGN_UPS_WAITING + 1


# ── twins ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_takes_up_an_invitation_has_proved_the_address_and_voids_what_strangers_signed_up(world) -> None:
    owner, email = world.sign_up(), world.fresh_email("ola")
    stranger_signs_up(world, email)
    fields = {"account_id": owner.account_id, "actor": owner.actor, "name": "Ola", "phone": "90012345"}
    user_id = UUID(world.call("add_user", **fields, email=email)["user_id"])
    invited = Member(email, owner.account_id, user_id, OWN_PASSWORD)
    token = world.token_of(invited, "invitation", "invitation")
    world.call("reset_password", token=token, new_password=OWN_PASSWORD)
    assert world.log_in(invited)["account_id"] == str(owner.account_id)
    with pytest.raises(Unauthenticated):
        world.log_in(invited, password=STRANGERS_PASSWORD)
    with pytest.raises((NotFound, Conflict, Locked)):
        link(world, letters(world, email)[0])


def test_an_invitation_to_an_address_that_proved_its_own_sign_up_changes_nothing_there(world) -> None:
    owner, member = world.sign_up(), world.sign_up()
    fields = {"account_id": owner.account_id, "actor": owner.actor, "name": "Kari", "phone": "90012345"}
    user_id = UUID(world.call("add_user", **fields, email=member.email)["user_id"])
    token = world.token_of(Member(member.email, owner.account_id, user_id), "invitation", "invitation")
    with pytest.raises(Conflict):
        world.call("reset_password", token=token, new_password=OWN_PASSWORD)
    assert world.log_in(member)["account_id"] == str(member.account_id)


def test_a_company_in_which_somebody_else_proved_an_address_is_not_closed_with_its_unproved_sign_up(world) -> None:
    email, staff = world.fresh_email(), "staff:kari"
    world.call("sign_up", **world.application(email))
    creator = Member(email, *reversed(world.user_by_email(email)))
    fields = {"account_id": creator.account_id, "actor": staff, "name": "Per", "phone": "90012345"}
    colleague_email = world.fresh_email("per")
    user_id = UUID(world.call("add_user", **fields, email=colleague_email)["user_id"])
    colleague = Member(colleague_email, creator.account_id, user_id, OWN_PASSWORD)
    token = world.token_of(colleague, "invitation", "invitation")
    world.call("reset_password", token=token, new_password=OWN_PASSWORD)
    other = world.sign_up()
    world.change_email(other, email)
    world.call("confirm_email", token=world.token_of(other, "email_confirmation", "address_change"))
    assert world.log_in(colleague)["account_id"] == str(creator.account_id)
    assert world.rows("SELECT count(*) FROM credential WHERE user_id = %s", creator.user_id) == [(0,)]


def test_a_change_to_an_address_for_which_strangers_signed_up_voids_that(world) -> None:
    member, email = world.sign_up(), world.fresh_email("ny")
    stranger_signs_up(world, email)
    world.change_email(member, email)
    token = world.token_of(member, "email_confirmation", "address_change")
    world.call("confirm_email", token=token)
    moved = Member(email, member.account_id, member.user_id)
    assert world.log_in(moved)["account_id"] == str(member.account_id)
    with pytest.raises(Unauthenticated):
        world.log_in(moved, password=STRANGERS_PASSWORD)
    with pytest.raises((NotFound, Conflict, Locked)):
        link(world, letters(world, email)[0])


def test_a_change_to_an_address_that_was_proved_meanwhile_is_refused(world) -> None:
    member, email = world.sign_up(), world.fresh_email("ny")
    world.change_email(member, email)
    token = world.token_of(member, "email_confirmation", "address_change")
    world.sign_up(email)
    with pytest.raises(Conflict):
        world.call("confirm_email", token=token)
    assert world.log_in(member)["token"]


def test_a_sign_up_for_an_address_that_is_somebodys_makes_no_account(world) -> None:
    member = world.sign_up()
    stranger_signs_up(world, member.email)
    query = "SELECT count(*) FROM account_user WHERE email_index = %s"
    assert world.rows(query, INDEX.of_email(member.email)) == [(1,)]
    assert world.log_in(member)["token"]


def test_the_agreement_of_a_sign_up_that_nobody_proved_is_not_archived_when_it_is_erased(world) -> None:
    left = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=15))
    world.run("close_abandoned_sign_ups")
    before = world.rows("SELECT count(*) FROM agreement_archive")
    world.order_erasure(UUID(int=left.account_id.int ^ 1), left.account_id)
    assert world.rows("SELECT count(*) FROM agreement_archive") == before
