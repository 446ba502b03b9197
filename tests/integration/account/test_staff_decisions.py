"""What staff decide about an account, and what a bankruptcy and another organisation number stop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.account.register.business_register import BusinessRegister
from services.account.register.values import RegisterAnswer
from services.account.suspicion.rules import check_attempt
from shared.bus.alarms import open_alarms
from shared.bus.every_service import EveryService
from shared.errors import Conflict, Forbidden, Invalid, Locked, Unauthenticated
from shared.identifiers import new_id
from tests.forms import PASSWORD
from tests.staff_statements import stated, statement_for

pytestmark = pytest.mark.integration

NUMBER, NAME = "803772096", "Kvitbjørk Regnskap AS"
STAFF = "staff:kari"
DAY = timedelta(days=1)


class Register(BusinessRegister):
    """Answers what a test wants it to."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        self.bankrupt = False
        self.asked = 0

    def look_up(self, org_number: str) -> RegisterAnswer:
        self.asked += 1
        return RegisterAnswer(kind="found", name=NAME, org_form="AS", bankrupt=self.bankrupt)


@pytest.fixture
def register(world):
    asked = Register()
    world.ask_register(asked)
    return asked


@pytest.fixture
def owner(world, register):
    email = world.fresh_email()
    company = world.application(email)["company"] | {"org_number": NUMBER, "name": NAME}
    return world.sign_up(email, company=company)


def go(world, method, member, **fields):
    given = {"account_id": member.account_id, "actor": member.actor, **fields}
    return world.call(method, **given)


def shown(world, member):
    return go(world, "get_account", member, actor=STAFF)


def codes(world):
    return {each.spec.code: each.waiting.count for each in open_alarms((world.service,))}


def goes_bankrupt(world, register):
    register.bankrupt = True
    world.clock.move(8 * DAY)
    check_everybody(world, register)


def check_everybody(world, register):
    """A turn asks about a few companies only, and those of earlier tests may be first."""
    for _ in range(20):
        asked = register.asked
        world.run("check_registers")
        if register.asked == asked:
            return
    raise AssertionError("after twenty turns there are still companies to ask about")


@pytest.mark.clause("SUSPECT-1")
def test_a_company_that_goes_bankrupt_later_is_known_within_a_week_and_its_owner_instructs_no_more(
    world, register, owner
):
    before = codes(world).get("companies_bankrupt", 0)
    version = shown(world, owner)["version"]
    world.clock.move(8 * DAY)
    check_everybody(world, register)
    assert shown(world, owner)["version"] == version, "what the register says again changes nothing"
    goes_bankrupt(world, register)
    now = shown(world, owner)
    assert (now["register_outcome"], now["state"], now["review_required"]) == ("bankrupt", "active", True)
    # The register says it of every company in this database, also of those that other tests signed up.
    waiting = codes(world)["companies_bankrupt"]
    assert waiting > before
    for method, more in (
        ("update_account", {"version": now["version"], "phone": "90012345"}),
        ("deactivate_account", {"version": now["version"]}),
        ("withdraw_notice", {"version": now["version"]}),
        ("add_user", {"name": "Per", "email": world.fresh_email(), "phone": "90012345"}),
    ):
        with pytest.raises(Conflict) as refused:
            go(world, method, owner, **more)
        assert refused.value.details["reason"] == "bankrupt", method
    token = world.log_in(owner)["token"]
    with pytest.raises(Conflict) as refused:
        world.call(
            "terminate_with_password",
            token=token, current_password=PASSWORD, origin=world.origin(), version=now["version"],
        )  # fmt: skip
    assert refused.value.details["reason"] == "bankrupt"
    assert go(world, "list_users", owner)["users"], "reading is still possible"
    with pytest.raises(Forbidden):
        go(world, "let_instruct", owner, version=now["version"], reason="trustee_is_owner")
    let = go(world, "let_instruct", owner, actor=STAFF, version=now["version"], reason="trustee_is_owner")
    assert codes(world).get("companies_bankrupt", 0) == waiting - 1
    go(world, "update_account", owner, version=let["version"], phone="90012346")


def test_nobody_is_asked_about_again_before_the_week_is_over(world, register, owner):
    world.run("check_registers")
    world.clock.move(DAY)
    asked = register.asked
    world.run("check_registers")
    world.run("check_registers")
    assert register.asked == asked
    assert "waits_beyond_bound" not in {
        each.spec.code for each in open_alarms((world.service, EveryService(world.service)))
    }
    world.clock.move(7 * DAY)
    world.run("check_registers")
    assert register.asked > asked


@pytest.mark.clause("SUSPECT-1")
def test_the_owner_of_an_estate_does_not_bring_an_account_back(world, register, owner):
    world.deactivate(owner)
    with world.database.transaction() as tx:
        tx.run("UPDATE account SET register_outcome = 'bankrupt' WHERE id = %(id)s", id=owner.account_id)
    with pytest.raises(Conflict) as refused:
        world.call("reactivate_with_password", email=owner.email, password=PASSWORD, origin=world.origin())
    assert refused.value.details["reason"] == "bankrupt"


def test_another_organisation_number_is_refused_and_staff_correct_a_mistyped_one(world, register, owner):
    version = shown(world, owner)["version"]
    for number in ("808404486", None):
        with pytest.raises(Conflict) as refused:
            go(world, "update_account", owner, version=version, org_number=number)
        assert refused.value.details["reason"] == "org_number"
    assert shown(world, owner)["org_number"] == NUMBER
    changed = go(
        world, "correct_org_number", owner, actor=STAFF, version=version, org_number="808404486",
        reason="typing_error",
    )  # fmt: skip
    now = shown(world, owner)
    assert (now["org_number"], now["register_outcome"], now["version"]) == (
        "808404486", "provisional", changed["version"],
    )  # fmt: skip


def corrects(world, member, version, **changes):
    given = {"user_id": member.user_id, "version": version, "reason": "asked_by_person", **changes}
    return world.call("correct_user", account_id=member.account_id, actor=STAFF, **given)


def person(world, member):
    users = go(world, "list_users", member, actor=STAFF)["users"]
    return next(each for each in users if each["user_id"] == str(member.user_id))


@pytest.mark.clause("RIGHTS-3")
def test_staff_correct_what_is_held_on_a_person_who_asks_and_everybody_who_has_it_hears(world, owner):
    version = person(world, owner)["version"]
    changed = corrects(world, owner, version, name="Kåre Østbye", phone="90054321")
    now = person(world, owner)
    assert (now["name"], now["phone"], now["version"]) == ("Kåre Østbye", "+4790054321", changed["version"])
    told = world.outbox("user.updated")[-1]
    assert (told["fields"], told["correction"]) == (["name", "phone"], "asked_by_person")
    with pytest.raises(Conflict):
        corrects(world, owner, version, phone="90054322")
    with pytest.raises(Invalid):
        corrects(world, owner, now["version"])
    with pytest.raises(Forbidden):
        go(
            world, "correct_user", owner, user_id=owner.user_id, version=now["version"], phone="90054322",
            reason="found_wrong",
        )  # fmt: skip


@pytest.mark.clause("RIGHTS-3")
def test_staff_correct_data_of_a_company_that_asks_and_a_new_name_is_looked_up_again(world, owner):
    version = shown(world, owner)["version"]
    given = {"actor": STAFF, "version": version, "reason": "asked_by_company", "name": "Kvitbjørk Rekneskap AS"}
    go(world, "correct_company", owner, **given)
    now = shown(world, owner)
    assert (now["name"], now["register_outcome"]) == ("Kvitbjørk Rekneskap AS", "provisional")
    told = world.outbox("account.updated")[-1]
    assert (told["fields"], told["correction"]) == (["name"], "asked_by_company")
    with pytest.raises(Forbidden):
        go(world, "correct_company", owner, version=now["version"], reason="found_wrong", phone="90054322")


@pytest.mark.clause("RIGHTS-3", "ISOLATE-1")
def test_an_address_that_is_in_use_is_corrected_by_nobody_else_and_one_that_nobody_proved_is(world, owner):
    with pytest.raises(Conflict) as refused:
        corrects(world, owner, person(world, owner)["version"], email=world.fresh_email())
    assert refused.value.details["reason"] == "address_in_use"
    added = go(
        world, "add_user", owner, name="Ola Nordby", email=world.fresh_email(), phone="90054321", language="nb"
    )
    right = world.fresh_email()
    given = {"user_id": added["user_id"], "version": added["version"], "reason": "found_wrong", "email": right}
    world.call("correct_user", account_id=owner.account_id, actor=STAFF, **given)
    users = go(world, "list_users", owner, actor=STAFF)["users"]
    assert right in {each["email"] for each in users}
    assert [e["user_id"] for e in world.outbox("user.invited")][-2:] == [str(added["user_id"])] * 2


@pytest.mark.clause("RIGHTS-3")
def test_staff_correct_data_of_who_is_inactive_as_long_as_they_are_held_and_nothing_that_is_only_stored(
    world, owner
):
    staff_deactivates(world, owner, "customer_request")
    corrects(world, owner, person(world, owner)["version"], phone="90054321")
    assert person(world, owner)["phone"] == "+4790054321"
    with world.database.transaction() as tx:
        tx.run(
            "INSERT INTO restricted (id, account_id, user_id, categories, kind, since)"
            " VALUES (gen_random_uuid(), %(account_id)s, %(user_id)s, ARRAY['profile'], 'restriction', now())",
            account_id=owner.account_id, user_id=owner.user_id,
        )  # fmt: skip
    with pytest.raises(Conflict):
        corrects(world, owner, person(world, owner)["version"], phone="90054322")


def staff_deactivates(world, owner, reason):
    return go(
        world, "deactivate_account", owner, actor=STAFF, version=shown(world, owner)["version"], reason=reason
    )


@pytest.mark.clause("SUSPECT-2")
def test_staff_do_not_start_the_clock_without_a_reason_and_not_on_suspicion_without_a_dialogue(world, owner):
    with pytest.raises(Invalid):
        staff_deactivates(world, owner, None)
    with pytest.raises(Conflict):
        staff_deactivates(world, owner, "unintended_use")
    for channel in ("email", "phone"):
        go(world, "record_contact", owner, actor=STAFF, channel=channel, outcome="no_answer")
    with pytest.raises(Conflict) as refused:
        staff_deactivates(world, owner, "unintended_use")
    assert refused.value.details["reason"] == "contact_wait"
    world.clock.move(20 * DAY)
    assert staff_deactivates(world, owner, "unintended_use")["state"] == "inactive"
    (event,) = [e for e in world.outbox("account.deactivated") if e["account_id"] == str(owner.account_id)]
    assert (event["trigger"], event["reason"]) == ("staff", "unintended_use")


def test_who_tried_to_reach_the_customer_is_kept_with_the_account_and_forgotten_with_it(world, owner):
    with pytest.raises(Forbidden):
        go(world, "record_contact", owner, channel="email", outcome="answered")
    with pytest.raises(Invalid):
        go(world, "record_contact", owner, actor=STAFF, channel="email", outcome="answered",
           attempted_on=(world.clock.now() + 2 * DAY).date())  # fmt: skip
    go(world, "record_contact", owner, actor=STAFF, channel="letter", outcome="answered")
    (made,) = go(world, "contacts", owner, actor=STAFF)["attempts"]
    assert (made["channel"], made["outcome"], made["actor"]) == ("letter", "answered", STAFF)


@pytest.mark.clause("SUSPECT-1")
def test_a_block_keeps_everybody_out_at_once_and_starts_no_clock(world, owner):
    token = world.log_in(owner)["token"]
    version = shown(world, owner)["version"]
    blocked = go(world, "block_account", owner, actor=STAFF, version=version, reason="security")
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=token)
    with pytest.raises(Locked):
        world.log_in(owner)
    with pytest.raises(Locked):
        go(world, "get_account", owner)
    assert shown(world, owner)["state"] == "active", "staff still see it"
    assert codes(world)["accounts_blocked"] >= 1
    told = [e for e in world.outbox() if e.get("account_id") == str(owner.account_id)]
    assert "account.deactivated" not in {e["_type"] for e in told if "_type" in e}
    go(world, "unblock_account", owner, actor=STAFF, version=blocked["version"])
    assert world.log_in(owner)["token"]


@pytest.mark.clause("SUSPECT-1")
def test_whoever_meets_a_block_is_told_to_ask_the_vendor_and_gets_in_again_afterwards(world, owner):
    """By log-in, by a link from before, by the way back, and by what was under way in a session."""
    token = world.log_in(owner)["token"]
    world.call("request_password_reset", email=owner.email)
    world.run("answer_letter_requests")
    reset = world.token_of(owner, "password_reset", "password_reset")
    version = shown(world, owner)["version"]
    blocked = go(world, "block_account", owner, actor=STAFF, version=version, reason="security")
    proof = {"email": owner.email, "password": PASSWORD, "origin": world.origin()}
    for method, fields in (
        ("log_in", proof),
        ("reactivate_with_password", proof),
        ("reset_password", {"token": reset, "new_password": "Et ganske annet passord 8"}),
        ("get_account", {"account_id": owner.account_id, "actor": owner.actor}),
    ):
        with pytest.raises(Locked) as refused:
            world.call(method, **fields)
        assert (refused.value.details["reason"], refused.value.asks_vendor) == ("blocked", True), method
    with pytest.raises(Unauthenticated):
        world.call("authenticate", token=token)
    link = world.call("describe_link", token=reset)
    assert (link["standing"], link["company_name"]) == ("blocked", NAME)
    go(world, "unblock_account", owner, actor=STAFF, version=blocked["version"])
    with pytest.raises(Unauthenticated):  # the block has ended it for good, and the link with it
        world.call("authenticate", token=token)
    assert world.call("describe_link", token=reset)["standing"] == "over"
    world.call("request_password_reset", email=owner.email)
    world.run("answer_letter_requests")
    anew = world.token_of(owner, "password_reset", "password_reset")
    world.call("reset_password", token=anew, new_password="Et ganske annet passord 8")


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize("wish", ["request_password_reset", "sign_up"])
@pytest.mark.parametrize("why", ["blocked", "bankrupt"])
def test_who_asks_for_a_way_in_that_nobody_of_the_company_can_give_is_written_whom_to_ask(
    world, register, owner, why, wish
):
    user = world.add_user(owner)
    if why == "blocked":
        go(world, "block_account", owner, actor=STAFF, version=shown(world, owner)["version"], reason="security")
    else:  # notice was given, the company went bankrupt, and the notice period ended
        version = shown(world, owner)["version"]
        go(world, "terminate_contract", owner, actor=STAFF, version=version, channel="letter")
        goes_bankrupt(world, register)
        world.clock.move(60 * DAY)
        world.run("end_contracts")
        assert shown(world, owner)["state"] == "inactive"
    for member in (owner, user):
        fields = world.application(member.email) if wish == "sign_up" else {"email": member.email}
        world.call(wish, **fields)
        world.run("answer_letter_requests")
        told = [e for e in world.outbox("user.return_requested") if e["user_id"] == str(member.user_id)]
        assert [(event["way"], event["ticket_id"]) for event in told] == [("by_staff", None)]
        facts = world.call("letter_facts", user_id=member.user_id, letter="return_by_staff")
        assert (facts["company_is_blocked"], facts["company_is_bankrupt"]) == (why == "blocked", why == "bankrupt")


def test_a_block_is_decided_by_staff_with_a_reason_and_once(world, owner):
    version = shown(world, owner)["version"]
    with pytest.raises(Forbidden):
        go(world, "block_account", owner, version=version, reason="security")
    with pytest.raises(Invalid):
        go(world, "block_account", owner, actor=STAFF, version=version, reason="he was rude")
    with pytest.raises(Conflict):
        go(world, "unblock_account", owner, actor=STAFF, version=version)


def test_the_day_of_an_attempt_is_not_ahead():
    today = datetime(2026, 11, 30, tzinfo=UTC).date()
    check_attempt(today, today)
    with pytest.raises(Invalid):
        check_attempt(today + DAY, today)


def test_staff_see_an_inactive_account_which_its_own_people_do_not(world, owner):
    world.deactivate(owner)
    seen = go(world, "get_account", owner, actor=STAFF)
    assert (seen["state"], seen["inactivated_by"], seen["name"]) == ("inactive", "customer", NAME)
    assert go(world, "list_users", owner, actor=STAFF)["users"]
    for unknown in ({"purpose": "dispute"}, {"visit_id": str(new_id())}):
        with pytest.raises(Invalid):
            go(world, "get_account", owner, actor=STAFF, **unknown)
    with pytest.raises(Locked):
        go(world, "get_account", owner)


def test_a_reference_finds_the_account_by_its_own_id_and_by_that_of_a_user(world, owner):
    for reference in (owner.account_id, owner.user_id):
        found = world.call("search_accounts", reference=reference, actor=STAFF, purpose="dispute")["accounts"]
        assert [each["account_id"] for each in found] == [str(owner.account_id)]
        event = world.outbox("account.searched")[-1]
        assert (event["by"], event["found"]) == ("reference", 1)
        assert str(reference) not in str(event)
    assert world.call("search_accounts", reference=uuid4(), actor=STAFF, purpose="dispute")["accounts"] == []


def test_what_a_search_is_told_to_be_for_is_what_was_signed(world, owner):
    """A client of the desk's interface may sign for one purpose and name another one in the call."""
    with stated(statement_for("account", "search_accounts", {"email": owner.email}, purpose="dispute")):
        world.call("search_accounts", email=owner.email, actor=STAFF, purpose="customer_support")
    assert world.outbox("account.searched")[-1]["purpose"] == "dispute"


def test_a_search_is_told_and_not_for_whom(world, owner):
    found = world.call("search_accounts", email=owner.email, actor=STAFF, purpose="rights_request")["accounts"]
    assert [each["account_id"] for each in found] == [str(owner.account_id)]
    event = world.outbox("account.searched")[-1]
    assert (event["by"], event["purpose"], event["found"]) == ("email", "rights_request", 1)
    assert event["_envelope"]["actor"] == STAFF
    assert str(owner.account_id) not in str(event)
    assert owner.email not in str(event)
