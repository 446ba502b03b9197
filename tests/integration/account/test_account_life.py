from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from services.account.register.business_register import BusinessRegister
from shared.errors import Conflict, Forbidden, Invalid, Locked, NotFound, Refused, TooMany, Unauthenticated
from shared.privacy.ledger_lines import Entry, Kind
from tests.forms import PASSWORD
from tests.paging import page_by_page

pytestmark = pytest.mark.integration


def test_the_company_is_shown_as_it_was_entered(world) -> None:
    owner = world.sign_up()
    shown = world.call("get_account", account_id=owner.account_id, actor=owner.actor)
    assert (shown["name"], shown["phone"], shown["org_number"]) == ("Bjørkholt Rør", "+4741378216", None)
    assert shown["is_personal"] is True
    assert shown["agreement"]["version"] == "v1"
    assert shown["register_outcome"] == "no_number"


def test_changes_are_written_versioned_and_told_by_field_name(world) -> None:
    owner = world.sign_up()
    changed = world.call(
        "update_account",
        account_id=owner.account_id,
        actor=owner.actor,
        version=1,
        phone="90012345",
        email="ny@firma.example",
        language="en",
    )
    assert changed["version"] == 2
    (event,) = [e for e in world.outbox("account.updated") if e["account_id"] == str(owner.account_id)]
    assert event["fields"] == ["email", "language", "phone"]
    assert (event["_envelope"]["sequence"], event["_envelope"]["actor"]) == (2, owner.actor)
    shown = world.call("get_account", account_id=owner.account_id, actor=owner.actor)
    assert (shown["phone"], shown["email"], shown["language"]) == ("+4790012345", "ny@firma.example", "en")
    found = world.call("search_accounts", email="NY@firma.example")["accounts"]
    assert str(owner.account_id) in [account["account_id"] for account in found]


def test_addresses_are_given_at_sign_up_or_later_and_may_be_taken_away(world) -> None:
    street = {"line_1": "Storgata 1", "line_2": None, "postal_code": "5003", "city": "Bergen", "country": "NO"}
    box = street | {"line_1": "Postboks 1", "line_2": "Nordnes"}
    owner = world.sign_up()
    fields = {"account_id": owner.account_id, "actor": owner.actor}

    def shown() -> tuple[object, object]:
        account = world.call("get_account", **fields)
        return account["contact_address"], account["billing_address"]

    assert shown() == (None, None)
    world.call("update_account", **fields, version=1, contact_address=street)
    assert shown() == (street, None)
    world.call("update_account", **fields, version=2, billing_address=box)
    assert shown() == (street, box)
    world.call("update_account", **fields, version=3, phone="90012345")
    assert shown() == (street, box)
    with pytest.raises(Invalid):
        world.call("update_account", **fields, version=4, billing_address=box | {"postal_code": "1"})
    world.call("update_account", **fields, version=4, billing_address=None)
    assert shown() == (street, None)


def test_a_stale_version_is_a_conflict_that_names_the_present_one(world) -> None:
    owner = world.sign_up()
    fields = {"account_id": owner.account_id, "actor": owner.actor, "phone": "90012345"}
    world.call("update_account", **fields, version=1)
    with pytest.raises(Conflict) as refused:
        world.call("update_account", **fields, version=1)
    assert refused.value.details == {"version": 2}
    for method in ("deactivate_account", "reactivate_account"):
        with pytest.raises(Conflict):
            world.call(method, account_id=owner.account_id, actor=owner.actor, version=1)


def test_of_many_changes_of_one_version_one_is_made(world) -> None:
    owner = world.sign_up()

    def change(number: int) -> str:
        try:
            world.call(
                "update_account",
                account_id=owner.account_id,
                actor=owner.actor,
                version=1,
                phone=f"9001234{number}",
            )
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(change, range(8))) == ["conflict"] * 7 + ["done"]


def test_nothing_to_change_is_refused(world) -> None:
    owner = world.sign_up()
    with pytest.raises(Invalid):
        world.call("update_account", account_id=owner.account_id, actor=owner.actor, version=1)


def test_a_new_name_is_checked_again(world, sandbox) -> None:
    world.ask_register(BusinessRegister(sandbox.register_url))
    application = world.application(email := world.fresh_email())
    application["company"] |= {"org_number": "808404486", "name": "Kvitbjørk Regnskap AS"}
    owner = world.sign_up(email, company=application["company"])
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    assert world.call("get_account", **fields)["register_outcome"] == "name_mismatch"
    world.call("update_account", **fields, version=1, name="Ærlig talt kommunikasjon")
    assert world.call("get_account", **fields)["register_outcome"] == "provisional"
    world.run("check_registers")
    shown = world.call("get_account", **fields)
    assert (shown["register_outcome"], shown["version"]) == ("matched", 3)


@pytest.mark.clause("ISOLATE-1", "TENANT-1")
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("get_account", {}),
        ("list_users", {}),
        ("update_account", {"version": 1, "phone": "90012345"}),
        ("deactivate_account", {"version": 1}),
        ("reactivate_account", {"version": 1}),
        ("add_user", {"name": "Per", "email": "per@firma.example", "phone": "90012345"}),
    ],
)
def test_another_tenants_account_does_not_exist(world, method, more) -> None:
    mine, theirs = world.sign_up(), world.sign_up()
    before = world.outbox()[-1]["_row"]
    for account_id in (theirs.account_id, uuid4()):
        with pytest.raises(NotFound) as refused:
            world.call(method, account_id=account_id, actor=mine.actor, **more)
        assert refused.value.details == {}
    assert world.outbox(since=before) == []
    world.deactivate(theirs)
    with pytest.raises(NotFound):
        world.call(method, account_id=theirs.account_id, actor=mine.actor, **more)


@pytest.mark.clause("ISOLATE-1")
@pytest.mark.parametrize("method", ["update_user", "deactivate_user", "reactivate_user", "invite_user"])
def test_another_tenants_user_does_not_exist(world, method) -> None:
    mine, theirs = world.sign_up(), world.sign_up()
    more = {"phone": "90012345"} if method == "update_user" else {}
    for user_id in (theirs.user_id, uuid4()):
        with pytest.raises(NotFound):
            world.call(method, account_id=mine.account_id, actor=mine.actor, user_id=user_id, version=1, **more)


@pytest.mark.clause("ISOLATE-1")
def test_a_user_sees_and_changes_oneself_only(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    fields = {"account_id": owner.account_id, "actor": user.actor}
    shown = world.call("list_users", **fields)["users"]
    assert [each["user_id"] for each in shown] == [str(user.user_id)]
    with pytest.raises(NotFound):
        world.call("update_user", **fields, user_id=owner.user_id, version=2, phone="90012345")
    own = world.version(user, of_user=True)
    assert (
        world.call("update_user", **fields, user_id=user.user_id, version=own, name="Ola S.")["version"] == own + 1
    )
    for method, more in (
        ("update_user", {"user_id": user.user_id, "version": own + 1, "role": "owner"}),
        ("deactivate_user", {"user_id": owner.user_id, "version": 2}),
        ("update_account", {"version": 1, "phone": "90012345"}),
        ("deactivate_account", {"version": 1}),
        ("add_user", {"name": "Per", "email": "per@firma.example", "phone": "90012345"}),
    ):
        with pytest.raises(Forbidden):
            world.call(method, **fields, **more)
    assert len(world.call("list_users", account_id=owner.account_id, actor=owner.actor)["users"]) == 2


def test_two_users_of_a_company_have_two_addresses(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    with pytest.raises(Conflict):
        world.call("add_user", **fields, name="X", email=user.email.upper(), phone="90012345")
    with pytest.raises(Conflict):
        world.call(
            "update_user",
            **fields,
            user_id=user.user_id,
            version=world.version(user, of_user=True),
            email=owner.email,
        )


def test_a_new_address_counts_once_its_holder_confirmed_it(world) -> None:
    owner = world.sign_up()
    fresh = world.fresh_email("ny")
    assert world.change_email(owner, fresh)["version"] == 3
    assert [e for e in world.outbox("user.updated") if e["user_id"] == str(owner.user_id)] == []
    assert world.log_in(owner)["token"]
    with pytest.raises(Unauthenticated):
        world.log_in(owner, email=fresh)
    ticket_id = world.newest_ticket(owner.user_id, "address_change")
    facts = world.call("letter_facts", user_id=owner.user_id, letter="email_confirmation", ticket_id=ticket_id)
    assert facts["email"] == fresh
    assert world.call("letter_facts", user_id=owner.user_id, letter="password_changed")["email"] == owner.email
    world.call("confirm_email", token=facts["link_token"])
    (event,) = [e for e in world.outbox("user.updated") if e["user_id"] == str(owner.user_id)]
    assert event["fields"] == ["email"]
    assert world.log_in(owner, email=fresh)["token"]
    with pytest.raises(Unauthenticated):
        world.log_in(owner)
    with pytest.raises(Conflict):
        world.call("letter_facts", user_id=owner.user_id, letter="email_confirmation", ticket_id=ticket_id)


def test_a_new_address_that_is_anothers_log_in_name_is_refused_at_its_holder_only(world) -> None:
    somebody, owner = world.sign_up(), world.sign_up()
    assert world.change_email(owner, somebody.email)["version"] == 3  # the owner learns nothing
    token = world.token_of(owner, "email_confirmation", "address_change")
    with pytest.raises(Conflict):
        world.call("confirm_email", token=token)
    assert world.log_in(somebody)["user_id"] == str(somebody.user_id)


def test_the_address_of_an_invited_user_changes_at_once_with_a_new_invitation(world) -> None:
    owner = world.sign_up()
    invited = world.add_user(owner, joined=False)
    old = world.token_of(invited, "invitation", "invitation")
    fresh = world.fresh_email("riktig")
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": invited.user_id, "version": 1}
    world.call("update_user", **fields, email=fresh)
    with pytest.raises(NotFound):
        world.call("reset_password", token=old, new_password=PASSWORD)
    token = world.token_of(invited, "invitation", "invitation")
    world.call("reset_password", token=token, new_password=PASSWORD)
    assert world.log_in(invited, email=fresh)["token"]
    with pytest.raises(Conflict):
        world.call("invite_user", **fields | {"version": world.version(invited, of_user=True)})


@pytest.mark.clause("LINK-1", "ERASE-1")
def test_a_deactivated_user_is_out_at_once_while_the_company_goes_on(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    session = world.log_in(user)["token"]
    fields = {"account_id": owner.account_id, "actor": owner.actor, "user_id": user.user_id}
    version = world.version(user, of_user=True)
    gone = world.call("deactivate_user", **fields, version=version)
    assert gone == {"user_id": str(user.user_id), "version": version + 1, "state": "inactive"}
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=session)
    with pytest.raises(Locked):
        world.log_in(user)
    with pytest.raises(Locked):
        world.call("get_account", account_id=owner.account_id, actor=user.actor)
    with pytest.raises(Locked):
        world.call("update_user", **fields, version=version + 1, name="Annet")
    with pytest.raises(Conflict):
        world.call("deactivate_user", **fields, version=version + 1)
    with pytest.raises(Locked):
        world.call("letter_facts", user_id=user.user_id, letter="password_changed")
    assert world.call("letter_facts", user_id=user.user_id, letter="account_reminder")["email"] == user.email
    standing = world.call("standing", account_id=owner.account_id, user_id=user.user_id)
    assert (standing["state"], standing["account_state"]) == ("inactive", "active")
    recipients = world.call("recipients", account_id=owner.account_id)["recipients"]
    assert [each["user_id"] for each in recipients] == [str(owner.user_id)]
    world.call("reactivate_user", **fields, version=version + 1)
    assert world.log_in(user)["token"]


@pytest.mark.clause("SUSPECT-1")
def test_a_user_whom_staff_made_inactive_comes_back_by_staff_only(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    fields = {"account_id": owner.account_id, "user_id": user.user_id}
    version = world.version(user, of_user=True)
    world.call("deactivate_user", **fields, actor="staff:kari", version=version)
    (event,) = [e for e in world.outbox("user.deactivated") if e["user_id"] == str(user.user_id)]
    assert event["trigger"] == "staff"
    with pytest.raises(Conflict, match="only the vendor"):
        world.call("reactivate_user", **fields, actor=owner.actor, version=version + 1)
    world.call("reactivate_user", **fields, actor="staff:kari", version=version + 1)
    assert world.log_in(user)["token"]
    world.call("deactivate_user", **fields, actor=owner.actor, version=version + 2)
    world.call("reactivate_user", **fields, actor=owner.actor, version=version + 3)


@pytest.mark.clause("SUSPECT-1")
def test_who_made_a_user_inactive_is_known_again_after_a_restore(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    entry = Entry(
        position=1,
        previous="",
        kind=Kind.USER_DEACTIVATED,
        account_id=owner.account_id,
        user_id=user.user_id,
        data={"version": "v9", "since": world.clock.now().isoformat(), "by": "staff"},
        at=world.clock.now(),
        key_id="",
        line=b"",
    )
    with world.database.transaction() as tx:
        world.replayer.replay(tx, entry)
    fields = {"account_id": owner.account_id, "user_id": user.user_id, "version": 9}
    with pytest.raises(Conflict, match="only the vendor"):
        world.call("reactivate_user", **fields, actor=owner.actor)


def test_the_last_owner_stays(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    invited = world.add_user(owner, joined=False)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    with pytest.raises(Conflict):
        world.call("deactivate_user", **fields, user_id=owner.user_id, version=2)
    with pytest.raises(Conflict):
        world.call("update_user", **fields, user_id=owner.user_id, version=2, role="user")
    with pytest.raises(Conflict):
        world.call("update_user", **fields, user_id=invited.user_id, version=1, role="owner")
    version = world.version(user, of_user=True)
    world.call("update_user", **fields, user_id=user.user_id, version=version, role="owner")
    world.call("deactivate_user", **fields, user_id=owner.user_id, version=2)
    with pytest.raises(Locked):
        world.call("get_account", **fields)


def test_two_owners_cannot_send_each_other_away_at_once(world) -> None:
    one = world.sign_up()
    two = world.add_user(one)
    version = world.version(two, of_user=True)
    fields = {"account_id": one.account_id}
    world.call("update_user", **fields, actor=one.actor, user_id=two.user_id, version=version, role="owner")
    pairs = [(one, two, version + 1), (two, one, 2)]

    def send_away(pair) -> str:
        actor, target, at = pair
        try:
            world.call("deactivate_user", **fields, actor=actor.actor, user_id=target.user_id, version=at)
        except Refused as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send_away, pairs))
    assert answers[0] in ("conflict", "done")
    assert answers.count("done") == 1


@pytest.mark.clause("LINK-1")
def test_deactivation_cuts_every_session_read_and_write_at_once(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    invited = world.add_user(owner, joined=False)
    invitation = world.token_of(invited, "invitation", "invitation")
    tokens = [world.log_in(owner)["token"], world.log_in(user)["token"]]
    world.call("request_password_reset", email=user.email)
    world.run("answer_letter_requests")
    reset = world.token_of(user, "password_reset", "password_reset")
    done = world.deactivate(owner)
    assert done["state"] == "inactive"
    for token in tokens:
        with pytest.raises(Unauthenticated):
            world.call("authenticate", token=token)
        with pytest.raises(Unauthenticated):
            world.call(
                "change_password",
                token=token,
                origin=world.origin(),
                current_password=PASSWORD,
                new_password="Ny lang setning 55",
            )
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    for actor in (owner.actor, user.actor, "system"):
        with pytest.raises(Locked):
            world.call("get_account", **fields | {"actor": actor})
        with pytest.raises(Locked):
            world.call("list_users", **fields | {"actor": actor})
    for method, more in (
        ("update_account", {"version": 2, "phone": "90012345"}),
        ("deactivate_account", {"version": 2}),
        ("add_user", {"name": "Per", "email": "per@firma.example", "phone": "90012345"}),
        ("update_user", {"user_id": user.user_id, "version": 2, "name": "X"}),
        ("deactivate_user", {"user_id": user.user_id, "version": 2}),
        ("reactivate_user", {"user_id": user.user_id, "version": 2}),
        ("invite_user", {"user_id": invited.user_id, "version": 1}),
    ):
        with pytest.raises(Locked):
            world.call(method, **fields, **more)
    with pytest.raises(Locked):
        world.call("company_facts", account_id=owner.account_id)
    for token in (invitation, reset):
        with pytest.raises(Locked):
            world.call("reset_password", token=token, new_password=PASSWORD)
    assert world.call("standing", account_id=owner.account_id)["state"] == "inactive"
    assert len(world.call("recipients", account_id=owner.account_id)["recipients"]) == 3
    assert world.call("letter_facts", user_id=owner.user_id, letter="account_erased")["email"] == owner.email
    (event,) = [e for e in world.outbox("account.deactivated") if e["account_id"] == str(owner.account_id)]
    assert (event["trigger"], event["user_count"]) == ("customer", 3)
    assert event["deactivated_at"] == world.clock.now().isoformat()
    seen = world.outbox()[-1]["_row"]
    world.call("request_password_reset", email=owner.email)
    world.run("answer_letter_requests")
    assert [event["_type"] for event in world.outbox(since=seen)] == ["user.return_requested"], "no new password"


@pytest.mark.clause("LINK-1")
def test_a_session_made_while_the_account_is_deactivated_does_not_survive(world) -> None:
    owner = world.sign_up()
    others = [world.add_user(owner) for _ in range(3)]
    world.clock.move(timedelta(days=1))
    tokens: list[str] = []
    started = threading.Event()

    def keep_logging_in(member) -> None:
        for _ in range(12):
            started.set()
            try:
                tokens.append(world.log_in(member)["token"])
            except Locked:
                return

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(keep_logging_in, member) for member in [owner, *others]]
        started.wait(5)
        world.deactivate(owner)
        for each in running:
            each.result()
    for token in tokens:
        with pytest.raises(Unauthenticated):
            world.call("authenticate", token=token)
    assert world.rows("SELECT count(*) FROM session WHERE account_id = %s", owner.account_id) == [(0,)]


def test_staff_reactivates_and_users_come_back_as_they_were(world) -> None:
    owner = world.sign_up()
    user = world.add_user(owner)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    version = world.version(user, of_user=True)
    world.call("deactivate_user", **fields, user_id=user.user_id, version=version)
    world.deactivate(owner, actor="staff:kari")
    back = world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=2)
    assert back == {"account_id": str(owner.account_id), "version": 3, "state": "active"}
    assert world.log_in(owner)["token"]
    with pytest.raises(Locked):
        world.log_in(user)
    with pytest.raises(Conflict):
        world.call("reactivate_account", account_id=owner.account_id, actor="staff:kari", version=3)
    (event,) = [e for e in world.outbox("account.reactivated") if e["account_id"] == str(owner.account_id)]
    assert event["_envelope"]["actor"] == "staff:kari"


def test_company_facts_give_billing_what_it_needs_and_no_more(world) -> None:
    owner = world.sign_up()
    world.add_user(owner)
    facts = world.call("company_facts", account_id=owner.account_id)
    assert facts["active_users"] == 2
    assert [contact["user_id"] for contact in facts["contacts"]] == [str(owner.user_id)]
    assert set(facts["contacts"][0]) == {"user_id", "name", "email", "phone"}
    assert (facts["name"], facts["org_number"], facts["is_personal"]) == ("Bjørkholt Rør", None, True)


def test_the_desk_finds_accounts_without_seeing_names(world, sandbox) -> None:
    world.ask_register(BusinessRegister(sandbox.register_url))
    application = world.application(email := world.fresh_email())
    application["company"] |= {"org_number": "805294809", "name": "Håpløst Drevet Bygg AS"}
    owner = world.sign_up(email, company=application["company"])
    for criterion in (
        {"email": email.upper()},
        {"org_number": "805 294 809"},
        {"account_id": owner.account_id},
        {"review_required": True},
    ):
        found = world.call("search_accounts", **criterion)["accounts"]
        (mine,) = [each for each in found if each["account_id"] == str(owner.account_id)]
        assert mine["review_required"] is True
        assert "name" not in mine
    for wrong in ({}, {"email": email, "org_number": "805294809"}, {"phone": "123"}, {"name": ""}):
        with pytest.raises(Invalid):
            world.call("search_accounts", **wrong)


def test_what_is_found_is_read_page_by_page(world) -> None:
    """Companies of one telephone number, as those of one accountant."""
    for _ in range(3):
        application = world.application(email := world.fresh_email())
        application["company"] |= {"phone": "+4722334455"}
        world.sign_up(email, company=application["company"])
    whole = world.call("search_accounts", phone="+4722334455")["accounts"]
    assert len(whole) == 3
    assert (
        page_by_page(lambda page: world.call("search_accounts", phone="+4722334455", **page), "accounts") == whole
    )


def found_by(world, **criterion: str) -> list[str]:
    return [each["account_id"] for each in world.call("search_accounts", **criterion)["accounts"]]


def test_a_customer_is_found_by_name_and_telephone_of_the_company_and_of_its_people(world) -> None:
    owner, other = world.sign_up(), world.sign_up()
    mine, version = str(owner.account_id), world.version(owner)
    fields = {"account_id": owner.account_id, "actor": owner.actor}
    world.call("update_account", **fields, version=version, name="Tyttebærfjellet Sagbruk AS", phone="22863101")
    world.call("update_user", **fields, user_id=owner.user_id, version=world.version(owner, of_user=True),
               name="Solbjørg Tyttebø", phone="92231416")  # fmt: skip
    for criterion in (
        {"name": "sagbruk, TYTTEBÆRFJELLET"},
        {"name": "Tyttebø Solbjørg"},
        {"phone": "+47 22 86 31 01"},
        {"phone": "922 31 416"},
    ):
        found = found_by(world, **criterion)
        assert mine in found
        assert str(other.account_id) not in found
    assert mine not in found_by(world, name="Tyttebærfjellet")


def test_who_was_there_before_is_found_too_once_the_service_has_made_the_digests(world) -> None:
    owner = world.sign_up()
    world.call("update_account", account_id=owner.account_id, actor=owner.actor, version=world.version(owner),
               name="Multemyra Torvdrift")  # fmt: skip
    with psycopg.connect(world.owner_dsn) as connection:
        connection.execute("UPDATE account SET name_index = NULL, phone_index = NULL")
        connection.execute("UPDATE account_user SET name_index = NULL, phone_index = NULL")
    assert found_by(world, name="Multemyra Torvdrift") == []
    world.run("make_lacking_digests")
    assert str(owner.account_id) in found_by(world, name="Multemyra Torvdrift")
    lacking = "SELECT count(*) FROM account WHERE name_index IS NULL OR phone_index IS NULL AND name_sealed <> ''"
    assert world.rows(lacking) == [(0,)]


def test_a_change_by_a_process_that_knows_no_digests_leaves_no_stale_one(world) -> None:
    owner = world.sign_up()
    world.call("update_account", account_id=owner.account_id, actor=owner.actor, version=world.version(owner),
               name="Krøkebærhaugen Frukt")  # fmt: skip
    with psycopg.connect(world.owner_dsn) as connection:
        connection.execute(
            "UPDATE account SET version = version + 1, name_sealed = name_sealed || ''::bytea WHERE id = %s",
            [owner.account_id],
        )
        same = connection.execute("SELECT name_index IS NOT NULL FROM account WHERE id = %s", [owner.account_id])
        assert same.fetchone() == (True,)
        connection.execute(
            "UPDATE account SET version = version + 1, name_sealed = name_sealed || 'x'::bytea WHERE id = %s",
            [owner.account_id],
        )
        dropped = connection.execute("SELECT name_index IS NULL FROM account WHERE id = %s", [owner.account_id])
        assert dropped.fetchone() == (True,)
        connection.rollback()


@pytest.mark.parametrize(
    "actor", ["user:x", "staff:", "staff:Kari Fossmo", "root", "", 7, None, f"user:{'z' * 36}"]
)
def test_an_actor_is_a_kind_and_an_opaque_id(world, actor) -> None:
    with pytest.raises(Invalid):
        world.call("get_account", account_id=uuid4(), actor=actor)


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, True, None])
def test_a_version_is_a_whole_number(world, version) -> None:
    with pytest.raises(Invalid):
        world.call("deactivate_account", account_id=uuid4(), actor="system", version=version)


def test_a_token_goes_only_into_its_own_letter(world) -> None:
    member = world.sign_up(confirmed=False)
    other = world.sign_up(confirmed=False)
    ticket_id = world.newest_ticket(member.user_id, "confirmation")
    with pytest.raises(Conflict):
        world.call("letter_facts", user_id=member.user_id, letter="password_reset", ticket_id=ticket_id)
    with pytest.raises(NotFound):
        world.call("letter_facts", user_id=other.user_id, letter="email_confirmation", ticket_id=ticket_id)
    world.clock.move(timedelta(days=3))
    with pytest.raises(Conflict):
        world.call("letter_facts", user_id=member.user_id, letter="email_confirmation", ticket_id=ticket_id)
    with pytest.raises(NotFound):
        world.call("letter_facts", user_id=UUID(int=5), letter="email_confirmation")


@pytest.mark.clause("ISOLATE-1")
def test_a_session_without_the_password_neither_ends_the_account_nor_makes_owners(world) -> None:
    owner = world.sign_up()
    heir = world.add_user(owner)
    of_account = {"account_id": owner.account_id, "actor": owner.actor, "version": world.version(owner)}
    of_heir = of_account | {"user_id": heir.user_id, "version": world.version(heir, of_user=True)}
    of_owner = of_account | {"user_id": owner.user_id, "version": world.version(owner, of_user=True)}
    acts = [
        ("deactivate_account", of_account),
        ("update_user", of_heir | {"role": "owner"}),
        ("deactivate_user", of_owner),
    ]
    for method, fields in acts:
        with pytest.raises(Invalid) as refused:
            world.call(method, **fields, current_password=None)
        assert "current_password" in refused.value.details["fields"]
        with pytest.raises(Forbidden) as wrong:
            world.call(method, **fields, current_password="noe annet enn det")
        assert wrong.value.details == {"reason": "wrong_password"}
        world.clock.move(timedelta(minutes=20))
    world.call("update_user", **of_heir, name="Ola S.", current_password=None)
    for _ in range(5):
        with pytest.raises(Forbidden):
            world.call("deactivate_account", **of_account, current_password="noe annet enn det")
    with pytest.raises(TooMany):
        world.call("deactivate_account", **of_account)
