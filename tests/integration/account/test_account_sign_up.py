from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from services.account.accounts import store as account_store
from services.account.agreements import store as agreement_store
from services.account.register.business_register import BusinessRegister
from services.account.sign_up import store as sign_up_store
from shared.bus import wait_bound_watch
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.terms import texts
from tests.forms import ATTESTED, PASSWORD, confirmation_call
from tests.plugins.account_world import INDEX

pytestmark = pytest.mark.integration


@pytest.mark.clause("DPA-1", "ACCEPT-1", "DUTY-1")
def test_company_users_and_agreement_are_made_in_one_transaction(world) -> None:
    email = world.fresh_email()
    others = [{"name": "Ola Sletten", "email": world.fresh_email("ola"), "phone": "90012345"}]
    assert world.call("sign_up", **world.application(email, users=others)) == {"status": "accepted"}
    user_id, account_id = world.user_by_email(email)
    (agreement,) = world.rows(
        "SELECT user_id, document, version, length(text_sha256), language, authority, attested, domain, element,"
        " xmin::text FROM agreement WHERE account_id = %s",
        account_id,
    )
    assert agreement[:6] == (user_id, "data_processing_agreement", "v1", 64, "nb", "managing_director")
    assert set(agreement[6]) == set(ATTESTED)
    assert agreement[7:9] == ("xn--ngd-0na.no", "sign_up.accept")
    for query in (
        "SELECT DISTINCT xmin::text FROM account WHERE id = %s",
        "SELECT DISTINCT xmin::text FROM account_user WHERE account_id = %s",
    ):
        assert world.rows(query, account_id) == [(agreement[9],)]
    kinds = [event["_type"] for event in world.outbox() if event.get("account_id") == str(account_id)]
    assert kinds == ["account.registered", "agreement.accepted", "user.added", "user.confirmation_requested"]
    actor = next(e for e in world.outbox("account.registered") if e["account_id"] == str(account_id))
    assert actor["_envelope"]["actor"] == f"user:{user_id}"


ACCEPTED = (
    "SELECT user_id, version, language, authority, attested, sentences, element, stood_by_at IS NOT NULL"
    " FROM agreement WHERE account_id = %s ORDER BY accepted_at, id"
)


@pytest.mark.clause("DPA-1", "ACCEPT-1", "DUTY-1")
def test_whoever_proves_the_address_accepts_the_terms_anew_and_nothing_counts_without(world) -> None:
    member = world.sign_up(confirmed=False)
    token = world.token_of(member, "email_confirmation", "confirmation")
    shown = world.call("describe_link", token=token)
    assert (shown["needs_acceptance"], shown["terms_version"]) == (True, "v1")
    given = confirmation_call(token)
    with pytest.raises(Conflict) as refused:
        world.call("confirm_email", **given | {"agreement": None})
    assert refused.value.details == {"reason": "acceptance_needed", "version": "v1"}
    with pytest.raises(Conflict) as refused:
        world.call("confirm_email", **given | {"agreement": given["agreement"] | {"version": "v0"}})
    assert refused.value.details == {"version": "v1"}
    for name in ATTESTED:
        less = given["agreement"] | {"attestations": ATTESTED | {name: False}}
        with pytest.raises(Invalid) as unattested:
            world.call("confirm_email", **given | {"agreement": less})
        assert unattested.value.details == {"agreement": {"attestations": {name: ["must be true"]}}}
    (signed_up,) = world.rows(ACCEPTED, member.account_id)
    assert signed_up[6:] == ("sign_up.accept", False)
    with pytest.raises(Forbidden):
        world.log_in(member)
    as_chair = given["agreement"] | {"authority": "chair"}
    world.call("confirm_email", **given | {"agreement": as_chair})
    (_, confirmed) = world.rows(ACCEPTED, member.account_id)
    sentences = texts.shown_sentences("nb")
    assert len(sentences) == len(ATTESTED)
    right = (member.user_id, "v1", "nb", "chair", sorted(ATTESTED), sentences, "confirmation.accept", True)
    assert confirmed == right
    told = [e for e in world.outbox("agreement.accepted") if e["account_id"] == str(member.account_id)]
    assert [event["user_id"] for event in told] == [str(member.user_id)] * 2
    assert world.log_in(member)["token"]


def test_a_changed_address_is_confirmed_without_concluding_anything(world) -> None:
    member = world.sign_up()
    world.change_email(member, world.fresh_email("ny"))
    token = world.token_of(member, "email_confirmation", "address_change")
    assert world.call("describe_link", token=token)["needs_acceptance"] is False
    had = world.rows(ACCEPTED, member.account_id)
    world.call("confirm_email", token=token)
    assert world.rows(ACCEPTED, member.account_id) == had


@pytest.mark.clause("FIELDS-1", "FIELDS-2")
@pytest.mark.parametrize(
    "path", [(), ("company",), ("creator",), ("agreement",), ("agreement", "attestations"), ("origin",)]
)
def test_an_unknown_field_is_refused_wherever_it_stands(world, path) -> None:
    application = world.application(world.fresh_email())
    target = application
    for name in path:
        target = target[name]
    target["national_id"] = "01819012365"
    with pytest.raises(Invalid):
        world.call("sign_up", **application)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("company", "name"), 7),
        (("company", "name"), ""),
        (("company", "name"), "Bjørkholt\nRør"),
        (("company", "name"), "x" * 201),
        (("company", "phone"), "123"),
        (("company", "phone"), None),
        (("company", "org_number"), "000000000"),
        (("company", "org_number"), "923609017"),
        (("company", "org_number"), "555666777"),
        (("creator", "email"), "kari"),
        (("creator", "email"), "kari@"),
        (("creator", "email"), ["kari@firma.example"]),
        (("creator", "email"), "kari@-.example"),
        (("users",), {}),
        (("users",), [{"name": "x", "email": "a@firma.example", "phone": "90012345"}] * 51),
        (("password",), 123456789012),
        (("password",), "kort"),
        (("password",), "x" * 257),
        (("password",), "x" * 2000),
        (("password",), "med null \x00 tegn her"),
        (("language",), "sv"),
        (("agreement", "authority"), "king"),
        (("agreement", "accepted"), "yes"),
        (("agreement", "accepted"), 1),
        (("agreement", "accepted"), False),
        (("origin", "ip"), "300.1.2.3"),
    ],
)
def test_a_wrong_value_is_refused_without_being_repeated(world, path, value) -> None:
    email = world.fresh_email()
    application = world.application(email)
    target = application
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = value
    with pytest.raises(Invalid) as refused:
        world.call("sign_up", **application)
    told = f"{refused.value.message} {refused.value.details}"
    if isinstance(value, str) and len(value) > 5:
        assert value not in told
    assert world.user_by_email(email) is None


@pytest.mark.clause("DUTY-1")
@pytest.mark.parametrize("missing", sorted(ATTESTED))
def test_each_attestation_is_needed(world, missing) -> None:
    application = world.application(world.fresh_email())
    application["agreement"]["attestations"][missing] = False
    with pytest.raises(Invalid, match="every attestation"):
        world.call("sign_up", **application)


def test_another_version_of_the_terms_is_a_conflict_that_names_the_present_one(world) -> None:
    application = world.application(world.fresh_email())
    application["agreement"]["version"] = "v0"
    with pytest.raises(Conflict) as refused:
        world.call("sign_up", **application)
    assert refused.value.details == {"version": "v1"}


def test_two_users_of_one_sign_up_need_two_addresses(world) -> None:
    email = world.fresh_email()
    again = {"name": "Kari", "email": email.upper(), "phone": "90012345"}
    with pytest.raises(Invalid, match="address of their own"):
        world.call("sign_up", **world.application(email, users=[again]))


@pytest.mark.clause("ISOLATE-1")
def test_a_repeated_sign_up_gets_the_same_answer_and_makes_nothing_but_a_letter(world) -> None:
    member = world.sign_up()
    before = world.rows("SELECT count(*) FROM account")[0][0]
    seen = world.outbox()[-1]["_row"]
    strange = {"name": "En annen", "email": member.email.upper(), "phone": "90099999"}
    answer = world.call("sign_up", **world.application(member.email, creator=strange))
    assert answer == {"status": "accepted"}
    assert world.rows("SELECT count(*) FROM account")[0][0] == before
    assert world.outbox(since=seen) == []
    world.run("answer_letter_requests")
    (event,) = world.outbox(since=seen)
    assert (event["_type"], event["user_id"]) == ("sign_up.repeated", str(member.user_id))


def test_a_call_repeated_with_its_key_sends_nobody_a_letter(world) -> None:
    email = world.fresh_email()
    key = f"key-{uuid4()}"
    for _ in range(2):
        world.call("sign_up", **world.application(email), idempotency_key=key)
    assert world.rows("SELECT count(*) FROM letter_request") == [(0,)]
    assert world.user_by_email(email) is not None


def test_another_sign_up_under_a_key_that_was_used_is_not_lost(world) -> None:
    one, other = world.fresh_email(), world.fresh_email()
    for email in (one, other, one, other):
        world.call("sign_up", **world.application(email), idempotency_key="the-same-key")
    assert world.user_by_email(one) is not None
    assert world.user_by_email(other) is not None
    assert world.rows("SELECT count(*) FROM letter_request") == [(0,)]


def test_ten_sign_ups_at_once_from_one_network_are_three_that_wait(world) -> None:
    email = world.fresh_email()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: world.call("sign_up", **world.application(email)), range(10)))
    assert answers == [{"status": "accepted"}] * 10
    query = "SELECT count(*), count(*) FILTER (WHERE is_login_name) FROM account_user WHERE email_index = %s"
    assert world.rows(query, INDEX.of_email(email)) == [(3, 0)]
    orphans = (
        "SELECT count(*) FROM account a WHERE NOT EXISTS (SELECT 1 FROM account_user u WHERE u.account_id = a.id)"
    )
    assert world.rows(orphans) == [(0,)]


def test_an_international_domain_is_the_same_address_in_punycode(world) -> None:
    local = world.fresh_email().partition("@")[0]
    world.sign_up(f"{local}@bjørk.example")
    world.call("sign_up", **world.application(f"{local.upper()}@xn--bjrk-hra.example"))
    assert world.rows("SELECT count(*) FROM letter_request")[0][0] == 1
    world.run("answer_letter_requests")


def test_users_of_a_sign_up_are_invited_once_the_creator_has_confirmed(world) -> None:
    email, other = world.fresh_email(), world.fresh_email("ola")
    member = world.sign_up(
        email, confirmed=False, users=[{"name": "Ola Sletten", "email": other, "phone": "90012345"}]
    )
    other_id = world.user_by_email(other)[0]
    invited = [e for e in world.outbox("user.invited") if e["user_id"] == str(other_id)]
    assert invited == []
    world.confirm(member)
    invited = [e for e in world.outbox("user.invited") if e["user_id"] == str(other_id)]
    assert len(invited) == 1


def test_a_link_works_once_and_for_its_time(world) -> None:
    member = world.sign_up(confirmed=False)
    first = world.token_of(member, "email_confirmation", "confirmation")
    second = world.token_of(member, "email_confirmation", "confirmation")
    with pytest.raises(NotFound):
        world.call("confirm_email", token=first)
    with pytest.raises(NotFound):
        world.call("reset_password", token=second, new_password=PASSWORD)
    world.clock.move(timedelta(days=7))
    with pytest.raises(NotFound):
        world.call("confirm_email", token=second)
    world.clock.move(timedelta(days=-1))
    world.call("confirm_email", **confirmation_call(second))
    with pytest.raises(NotFound):
        world.call("confirm_email", token=second)
    with pytest.raises(NotFound):
        world.call("confirm_email", token="A" * 43)


def test_asking_for_letters_looks_the_same_for_known_and_unknown_addresses(world) -> None:
    member, wait_bound_watch = world.sign_up(), world.sign_up(confirmed=False)
    seen = world.outbox()[-1]["_row"]
    for email in (member.email, wait_bound_watch.email, world.fresh_email("ukjent")):
        assert world.call("request_confirmation", email=email) == {"status": "accepted"}
    for email in (member.email, world.fresh_email("ukjent")):
        assert world.call("request_password_reset", email=email) == {"status": "accepted"}
    assert world.outbox(since=seen) == []
    world.run("answer_letter_requests")
    kinds = sorted(event["_type"] for event in world.outbox(since=seen))
    assert kinds == ["user.confirmation_requested", "user.password_reset_requested"]


def test_letters_of_a_kind_are_limited_to_three_an_hour(world) -> None:
    member = world.sign_up()
    for _ in range(5):
        world.call("request_password_reset", email=member.email)
    world.run("answer_letter_requests")
    sent = [e for e in world.outbox("user.password_reset_requested") if e["user_id"] == str(member.user_id)]
    assert len(sent) == 3


@pytest.mark.clause("SUSPECT-1")
@pytest.mark.parametrize(
    ("number", "name", "outcome", "review"),
    [
        ("806800937", "Solør Tømmer & Bygg", "matched", False),
        ("806800937", "Noe helt annet AS", "name_mismatch", True),
        ("803897336", "Tømrer Åsmund Bråtånes", "sole_proprietorship", False),
        ("805294809", "Håpløst Drevet Bygg AS", "bankrupt", True),
        ("809707393", "Nedtrapping Holding AS", "winding_up", True),
        ("807194577", "Glemte Regnskaper AS", "winding_up", True),
        ("804986030", "Forhenværende Fisk AS", "deleted", True),
        ("806476145", "Hva som helst", "removed", True),
        ("802501412", "Solør Tømmer og Bygg AS avd Kongsvinger", "sub_entity", True),
        ("889640782", "Finnes ikke AS", "not_found", True),
    ],
)
def test_the_register_is_asked_and_a_mismatch_is_flagged_never_refused(
    world, sandbox, number, name, outcome, review
) -> None:
    world.ask_register(BusinessRegister(sandbox.register_url))
    application = world.application(email := world.fresh_email())
    application["company"] |= {"org_number": number, "name": name}
    assert world.call("sign_up", **application) == {"status": "accepted"}
    account_id = world.user_by_email(email)[1]
    found = world.call("search_accounts", account_id=account_id)["accounts"][0]
    assert (found["register_outcome"], found["state"]) == (outcome, "active")
    reasons = world.rows("SELECT review_reasons FROM account WHERE id = %s", account_id)[0][0]
    assert (outcome in reasons) == review


def test_a_number_that_two_accounts_have_is_flagged(world, sandbox) -> None:
    world.ask_register(BusinessRegister(sandbox.register_url))
    for _ in range(2):
        application = world.application(email := world.fresh_email())
        application["company"] |= {"org_number": "803772096", "name": "Kvitbjørk Regnskap AS"}
        world.call("sign_up", **application)
    query = "SELECT review_reasons FROM account WHERE id = %s"
    assert world.rows(query, world.user_by_email(email)[1]) == [(["number_is_shared"],)]


@pytest.mark.clause("SUSPECT-1")
def test_a_silent_register_makes_the_account_provisional_and_is_asked_again(world, sandbox) -> None:
    application = world.application(email := world.fresh_email())
    application["company"] |= {"org_number": "808627507", "name": "Nordåsen Elektro"}
    world.call("sign_up", **application)  # the register of this world does not exist
    account_id = world.user_by_email(email)[1]
    query = "SELECT register_outcome, register_attempts, org_form FROM account WHERE id = %s"
    assert world.rows(query, account_id) == [("provisional", 1, None)]
    world.run("check_registers")
    assert world.rows(query, account_id) == [("provisional", 1, None)]
    world.clock.move(timedelta(minutes=2))
    world.run("check_registers")
    assert world.rows(query, account_id)[0][:2] == ("provisional", 2)
    world.ask_register(BusinessRegister(sandbox.register_url))
    world.clock.move(timedelta(minutes=3))
    world.run("check_registers")
    assert world.rows(query, account_id) == [("matched", 0, "AS")]
    (event,) = [e for e in world.outbox("account.register_checked") if e["account_id"] == str(account_id)]
    assert (event["outcome"], event["review_required"]) == ("matched", False)
    assert event["_envelope"]["sequence"] == 2


def test_a_register_that_has_answered_is_asked_again_after_a_week_and_not_before(world, sandbox) -> None:
    world.ask_register(BusinessRegister(sandbox.register_url))
    application = world.application(email := world.fresh_email())
    application["company"] |= {"org_number": "803947910", "name": "Glømma Transport"}
    world.call("sign_up", **application)
    account_id = world.user_by_email(email)[1]

    def asked() -> datetime:
        """When the register answered last about this company."""
        return world.rows("SELECT register_checked_at FROM account WHERE id = %s", account_id)[0][0]

    at_sign_up = asked()
    for days in (0, 6):
        world.clock.move(timedelta(days=days, minutes=5))
        world.run("check_registers")
        assert asked() == at_sign_up, "it waits for a week"
        with world.database.transaction() as tx:
            assert wait_bound_watch.beyond(tx, world.clock.now(), world.service.waits) == {}, (
                "and that is nothing absurd"
            )
    world.clock.move(timedelta(days=1))
    world.run("check_registers")
    assert asked() > at_sign_up


def test_one_company_that_cannot_be_read_does_not_hold_up_the_others(world, sandbox) -> None:
    accounts = []
    for number, name in (("808404486", "Ærlig talt kommunikasjon"), ("803947910", "Glømma Transport")):
        application = world.application(email := world.fresh_email())
        application["company"] |= {"org_number": number, "name": name}
        world.call("sign_up", **application)
        accounts.append(world.user_by_email(email)[1])
        world.clock.move(timedelta(seconds=1))
    broken, whole = accounts
    with world.database.transaction() as tx:
        tx.run("UPDATE account SET name_sealed = email_sealed WHERE id = %(id)s", id=broken)
    world.ask_register(BusinessRegister(sandbox.register_url))
    world.clock.move(timedelta(minutes=5))
    world.run("check_registers")
    query = "SELECT register_outcome FROM account WHERE id = %s"
    assert [world.rows(query, each)[0][0] for each in (broken, whole)] == ["provisional", "matched"]
    with world.database.transaction() as tx:
        tx.run("UPDATE account SET register_retry_at = NULL WHERE id = %(id)s", id=broken)


def test_sign_up_does_the_same_work_for_known_and_unknown(world, monkeypatch) -> None:
    done: list[str] = []
    sealing = world.service.sealing

    def watch(part, name):
        kept = getattr(part, name)

        def noted(*args, **kwargs):
            done.append(name)
            return kept(*args, **kwargs)

        monkeypatch.setattr(part, name, noted)

    for part, name in (
        (world.authentication.hashing, "hash"),
        (sealing.vault, "mint"),
        (sealing.vault, "seal_many"),
        (sign_up_store, "insert_account"),
        (agreement_store, "insert_agreement"),
        (account_store, "insert_user"),
    ):
        watch(part, name)
    application = world.application(world.fresh_email())
    world.call("sign_up", **application)
    for_unknown = list(done)
    done.clear()
    world.call("sign_up", **application)
    assert done == for_unknown
    assert {"hash", "mint", "seal_many", "insert_account", "insert_user"} <= set(done)


def test_abandoned_sign_ups_are_closed_after_two_weeks(world) -> None:
    stays = world.sign_up()
    leaves = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=14, seconds=1))
    world.run("close_abandoned_sign_ups")
    assert world.call("standing", account_id=stays.account_id)["state"] == "active"
    assert world.call("standing", account_id=leaves.account_id)["state"] == "inactive"
    (event,) = [e for e in world.outbox("account.deactivated") if e["account_id"] == str(leaves.account_id)]
    assert (event["trigger"], event["user_count"]) == ("sign_up_abandoned", 1)
    query = "SELECT inactivated_by FROM account WHERE id = %s"
    assert world.rows(query, leaves.account_id) == [("sign_up_abandoned",)]


def test_a_sign_up_that_staff_brought_back_is_asked_once_more_and_not_swept_again(world) -> None:
    member = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=15))
    world.run("close_abandoned_sign_ups")
    assert world.call("standing", account_id=member.account_id)["state"] == "inactive"
    seen = world.outbox()[-1]["_row"]
    fields = {"account_id": member.account_id, "actor": "staff:kari"}
    world.call("reactivate_account", **fields, version=world.version(member))
    told = [event["_type"] for event in world.outbox(since=seen)]
    assert told == ["account.reactivated", "user.confirmation_requested"]
    assert world.call("company_facts", account_id=member.account_id)["contacts"] == [], "nobody's customer yet"
    for days in (0, 1, 20):
        world.clock.move(timedelta(days=days))
        world.run("close_abandoned_sign_ups")
        assert world.call("standing", account_id=member.account_id)["state"] == "active"
    world.clock.move(timedelta(days=-21))
    world.confirm(member)
    assert world.log_in(member)["token"]


def test_a_sign_up_whose_address_was_taken_meanwhile_does_not_come_back(world) -> None:
    squatter = world.sign_up(confirmed=False)
    world.clock.move(timedelta(days=15))
    world.run("close_abandoned_sign_ups")
    world.sign_up(squatter.email)
    fields = {"account_id": squatter.account_id, "actor": "staff:kari"}
    with pytest.raises(Conflict, match="in use already"):
        world.call("reactivate_account", **fields, version=world.version(squatter))
    assert world.call("standing", account_id=squatter.account_id)["state"] == "inactive"
