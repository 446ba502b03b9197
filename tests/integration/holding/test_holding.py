"""What holds and restrictions do in all services at once, and what is left where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from town import DAY, ORIGIN, THEIR_DATABASES, Town, refused

from services.account.erasure import participant as account_erasure
from services.audit.erasure import participant as audit_erasure
from services.billing_sync.customer_links import rules as billing_rules
from services.cases.erasure import participant as case_erasure
from services.notification.erasure import participant as letter_erasure
from services.registers.erasure import participant as register_erasure
from shared.hold_scope import CATEGORIES
from shared.privacy import Subject
from shared.privacy.ledger_lines import Fact, Kind
from shared.system import PARTICIPANTS
from tests.forms import sign_up_call
from tests.in_process import run

pytestmark = pytest.mark.integration
DUE = datetime(2027, 2, 28, 0, 0, 1, tzinfo=UTC)
LEAVES = datetime(2026, 11, 30, 11, tzinfo=UTC)


def states(town: Town, account_id) -> list[str]:
    return [each["state"] for each in town.erasures(account_id)]


@pytest.mark.clause("HOLD-1")
def test_s06_a_dispute_over_the_whole_customer_on_day_89_leaves_everything_and_lets_nothing_be_changed(
    town: Town,
) -> None:
    owner, user = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    before = town.traces(str(user.user_id))
    town.at(datetime(2027, 2, 27, 10, tzinfo=UTC))
    hold = town.hold(owner.account_id)
    town.settle()
    town.at(DUE)
    town.pass_days(3)
    (erasure,) = town.erasures(owner.account_id)
    assert (erasure["state"], erasure["suspended"], erasure["late"]) == ("scheduled", True, False)
    assert (hold["state"], hold["review_on"]) == ("active", "2027-05-18")
    assert town.traces(str(user.user_id)) == before
    assert town.known(user)
    town.release(hold)
    town.settle()
    assert states(town, owner.account_id) == ["certified"]
    assert town.erasures(owner.account_id)[0]["due_on"] == "2027-02-28"
    assert town.traces(str(user.user_id)) == {}
    assert not town.known(user)


@pytest.mark.clause("HOLD-1")
def test_s08_a_hold_on_one_persons_letters_keeps_just_these_and_the_certificate_is_partial(town: Town) -> None:
    owner, held, other = town.company("kari", "ola", "per")
    town.at(LEAVES)
    town.leave(owner)
    hold = town.hold(owner.account_id, user_ids=[held.user_id], categories=["letters"], review_on="2027-02-20")
    town.settle()
    letters = town.count("notification", "letter", user_id=held.user_id)
    assert letters > 0
    town.at(DUE)
    (erasure,) = town.erasures(owner.account_id)
    assert erasure["state"] == "certified"
    body = town.certificate(erasure["certificate_id"])
    assert body["outcome"] == "erased_except_held"
    assert body["held_back"] == [
        {"category": "letters", "of": "persons", "basis": "gdpr_17_3_e", "review_on": "2027-02-20"}
    ]
    assert town.traces(str(held.user_id)) == {"notification": {"letter", "restricted"}, **flags_of(town, held)}
    assert town.count("notification", "letter", user_id=held.user_id) == letters
    assert town.traces(str(other.user_id)) == town.traces(str(owner.user_id)) == {}
    assert not town.known(held)
    for person in (held, other):
        assert town.keys.state(Subject.person(person.user_id, owner.account_id)) == "destroyed"
    town.pass_days(20)
    town.release(hold)
    town.settle()
    assert town.traces(str(held.user_id)) == town.traces(str(owner.account_id)) == {}
    completing = town.certificate(town.erasures(owner.account_id)[-1]["certificate_id"])
    assert (completing["outcome"], completing["completes"]) == ("erased", body["certificate_id"])


def flags_of(town: Town, person) -> dict[str, set[str]]:
    """Where it is only remembered that something of the person is held."""
    found = town.traces(str(person.user_id))
    return {service: {"restricted"} for service in found if service != "notification"}


@pytest.mark.clause("HOLD-1")
def test_a_hold_on_a_person_keeps_that_person_readable_and_lets_the_company_go(town: Town) -> None:
    owner, held, other = town.company("kari", "ola", "per")
    town.make_owner(owner, held)
    town.log_in(held)
    town.log_in(other)
    town.settle()
    town.at(LEAVES)
    town.leave(owner)
    hold = town.hold(owner.account_id, user_ids=[held.user_id])
    town.at(DUE)
    assert states(town, owner.account_id) == ["certified"]
    left = town.traces(str(held.user_id))
    assert left["account"] >= {"account_user"}
    assert left["audit"] >= {"login_event", "subject_link"}
    assert left["billing_sync"] >= {"contact_link"}
    assert left["notification"] >= {"letter"}
    assert town.traces(str(other.user_id)) == town.traces(str(owner.user_id)) == {}
    assert town.known(held)
    assert [each["email"] for each in contacts(town)] == [held.email]
    assert town.rows("account", "SELECT length(name_sealed), length(email_sealed) FROM account") == [(0, 0)]
    assert town.keys.state(Subject.company(owner.account_id)) == "destroyed"
    assert (
        refused(
            town, "account", "reactivate_account", account_id=owner.account_id, actor="staff:ola",
            version=town.version(held, of_account=True),
        )
        == "conflict"
    )  # fmt: skip
    again = town.call("account", "sign_up", **sign_up_call(held.email, ORIGIN))
    assert again == {"status": "accepted"}
    town.release(hold)
    town.settle()
    assert states(town, owner.account_id) == ["certified", "certified"]
    assert town.traces(str(held.user_id)) == town.traces(str(owner.account_id)) == {}
    assert contacts(town) == []
    assert town.keys.state(Subject.person(held.user_id, owner.account_id)) == "destroyed"


@pytest.mark.parametrize("category", sorted(CATEGORIES))
@pytest.mark.clause("HOLD-1")
def test_a_hold_on_a_category_keeps_exactly_the_tables_that_hold_it(town: Town, category: str) -> None:
    owner, user = town.company("kari", "ola")
    town.log_in(user)
    fields = {"account_id": user.account_id, "actor": user.actor}
    town.call("account", "begin_support", **fields, text="Hvordan legger jeg til en bruker?")
    town.call("notification", "unsubscribe", token=_token(owner))
    town.settle()
    town.at(LEAVES)
    town.leave(owner)
    hold = town.hold(owner.account_id, categories=[category])
    town.at(DUE)
    kept = {
        f"{service}.{table}"
        for service, tables in town.traces(str(owner.account_id)).items()
        for table in tables - {"restricted", "erasure_begun"}
    }
    assert kept == EXPECTED[category]
    body = town.certificate(town.erasures(owner.account_id)[-1]["certificate_id"])
    assert [each["category"] for each in body["held_back"]] == [category]
    town.release(hold)
    town.settle()
    assert town.traces(str(owner.account_id)) == {}


EXPECTED = {
    "company": {"account.account"},
    "profile": {"account.account", "account.account_user"},
    "login_events": {"account.login_attempt", "audit.login_event"},
    "agreements": {"account.account", "account.agreement"},
    "support": {"account.support_message", "account.support_thread"},
    "letters": {"notification.letter", "notification.mailing"},
    "objections": {"notification.opt_out"},
    "audit_trail": {"audit.subject_link"},
    "cases": {"cases.case_subject"},
    "registers": {"registers.register_person", "registers.register_record"},
    "billing_copy": {"billing_sync.customer_link", "billing_sync.contact_link"},
}


@pytest.mark.clause("HOLD-2")
def test_s09_a_hold_without_reason_or_review_date_is_refused_and_suspends_nothing(town: Town) -> None:
    owner, _ = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    for missing in ("reason", "review_on", "case_ref", "owner"):
        with pytest.raises(Exception, match="fields"):
            town.hold(owner.account_id, **{missing: None})
    town.settle()
    for database in (*THEIR_DATABASES, "retention"):
        assert town.rows(database, "SELECT count(*) FROM restricted") == [(0,)]
    town.at(DUE)
    assert states(town, owner.account_id) == ["certified"]


@pytest.mark.clause("RIGHTS-4")
def test_s18_a_person_who_needs_the_data_for_a_claim_is_kept_until_told_and_lifted(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    town.at(LEAVES)
    town.call(
        "account", "deactivate_user", account_id=owner.account_id, actor=owner.actor, user_id=user.user_id,
        version=town.version(user),
    )  # fmt: skip
    town.settle()
    restriction = town.restrict(owner.account_id, user.user_id)
    town.at(DUE)
    town.pass_days(2)
    assert town.known(user)
    assert states(town, owner.account_id) == ["scheduled"]
    fields = {"restriction_id": restriction["restriction_id"], "actor": "staff:ola"}
    assert refused(town, "retention", "lift_restriction", **fields) == "conflict"
    town.call("retention", "announce_lift", **fields)
    town.settle()
    (letter,) = [each for each in town.sandbox.letters() if "Begrensningen" in each["subject"]]
    assert user.email in str(letter)
    (told,) = town.call("retention", "restrictions", account_id=owner.account_id)["restrictions"]
    assert (told["state"], told["told_by"], told["lift_from"]) == ("told", "letter", "2027-03-09")
    assert refused(town, "retention", "lift_restriction", **fields) == "conflict"
    town.pass_days(7)
    assert town.known(user)
    town.call("retention", "lift_restriction", **fields)
    town.settle()
    assert states(town, owner.account_id) == ["certified"]
    assert not town.known(user)


@pytest.mark.clause("RIGHTS-4")
def test_s18_a_restricted_person_outlives_the_company_and_is_told_although_its_name_is_gone(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    town.at(LEAVES)
    town.leave(owner)
    restriction = town.restrict(owner.account_id, user.user_id)
    town.at(DUE)
    assert states(town, owner.account_id) == ["certified"]
    assert town.known(user)
    fields = {"restriction_id": restriction["restriction_id"], "actor": "staff:ola"}
    town.call("retention", "announce_lift", **fields)
    town.settle()
    town.pass_days(7)
    town.call("retention", "lift_restriction", **fields)
    town.settle()
    assert states(town, owner.account_id) == ["certified", "certified"]
    assert town.traces(str(user.user_id)) == {}


@pytest.mark.clause("RIGHTS-4")
def test_s27_what_is_restricted_is_stored_and_neither_edited_nor_copied_nor_pruned(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    town.make_owner(owner, user)
    town.log_in(user)
    town.settle()
    town.at(datetime(2027, 1, 5, 9, tzinfo=UTC))
    restriction = town.restrict(owner.account_id, user.user_id)
    town.settle()
    change = {"account_id": owner.account_id, "actor": owner.actor, "user_id": user.user_id}
    stale = {"phone": "90054321", "version": town.version(user)}
    assert refused(town, "account", "update_user", **change, **stale) == "conflict"
    assert town.log_in(user), "logging in is still possible"
    before = {each["email"]: each["phoneNumberMobile"] for each in contacts(town)}
    town.call(
        "account",
        "update_user",
        **change | {"user_id": owner.user_id},
        phone="90011111",
        version=town.version(owner),
    )
    town.settle()
    after = {each["email"]: each["phoneNumberMobile"] for each in contacts(town)}
    assert after[user.email] == before[user.email]
    assert after[owner.email] == "+4790011111"
    attempts = town.count("audit", "login_event", user_id=user.user_id)
    town.clock.move(timedelta(days=400))
    run(town.exchange.services["audit"], "purge_expired")
    run(town.exchange.services["account"], "purge_expired")
    run(town.exchange.services["notification"], "purge_expired_letters")
    assert town.count("audit", "login_event", user_id=user.user_id) == attempts >= 2
    assert town.count("account", "login_attempt", user_id=user.user_id) >= 2
    assert town.count("notification", "letter", user_id=user.user_id) > 0
    assert town.count("notification", "letter", user_id=owner.user_id) == 0
    fields = {"restriction_id": restriction["restriction_id"], "actor": "staff:ola"}
    town.call("retention", "announce_lift", **fields, channel="phone")
    town.clock.move(7 * DAY)
    town.call("retention", "lift_restriction", **fields)
    town.settle()
    changed = {"phone": "90054321", "version": town.version(user)}
    assert refused(town, "account", "update_user", **change, **changed) is None
    town.settle()
    assert {each["email"]: each["phoneNumberMobile"] for each in contacts(town)}[user.email] == "+4790054321"


@pytest.mark.clause("RIGHTS-4")
def test_s27_a_restricted_company_is_not_edited_and_not_copied_until_it_is_lifted(town: Town) -> None:
    owner, user = town.company("kari", "ola")
    restriction = town.restrict(owner.account_id)
    town.settle()
    here = {"account_id": owner.account_id, "actor": owner.actor}
    version = town.version(owner, of_account=True)
    assert refused(town, "account", "update_account", **here, version=version, phone="22225555") == "conflict"
    newcomer = {"name": "Ny Mann", "email": "ny@firma.example", "phone": "90012345"}
    assert refused(town, "account", "add_user", **here, **newcomer) == "conflict"
    assert (
        refused(
            town,
            "account",
            "update_user",
            **here,
            user_id=user.user_id,
            version=town.version(user),
            phone="90054321",
        )
        == "conflict"
    )
    calls = len([each for each in town.sandbox.calls("tripletex") if each["method"] in {"POST", "PUT", "DELETE"}])
    town.rows("billing_sync", "UPDATE customer_link SET synced_at = 'epoch' RETURNING 1")
    run(town.exchange.services["billing-sync"], "reconcile")
    town.settle()
    written = [each for each in town.sandbox.calls("tripletex") if each["method"] in {"POST", "PUT", "DELETE"}]
    assert len(written) == calls
    fields = {"restriction_id": restriction["restriction_id"], "actor": "staff:ola"}
    town.call("retention", "announce_lift", **fields, channel="post")
    town.clock.move(7 * DAY)
    town.call("retention", "lift_restriction", **fields)
    town.settle()
    assert refused(town, "account", "update_account", **here, version=version, phone="22225555") is None


def test_the_end_heard_before_the_beginning_leaves_nothing_restricted(town: Town) -> None:
    owner, _ = town.company("kari", "ola")
    hold = town.hold(owner.account_id)
    town.release(hold)
    for seed in range(6):
        town.chance.seed(seed)
        again = town.hold(owner.account_id)
        town.release(again)
        town.settle()
    for database in (*THEIR_DATABASES, "retention"):
        assert town.rows(database, "SELECT count(*) FROM restricted") == [(0,)]


@pytest.mark.clause("HOLD-1", "FORGET-1")
def test_s13_a_database_from_before_the_erasure_forgets_again_all_but_what_the_ledger_says_is_held(
    town: Town,
) -> None:
    owner, held, other = town.company("kari", "ola", "per")
    town.log_in(held)
    town.log_in(other)
    town.settle()
    town.at(LEAVES)
    town.leave(owner)
    town.hold(owner.account_id, user_ids=[held.user_id], categories=["profile", "login_events"])
    now, ledger = town.clock.now(), town.retention.ledger
    erased = {
        "erasure_id": town.erasures(owner.account_id)[0]["erasure_id"], "certificate_id": str(uuid4()),
        "trigger": "account_inactivated", "since": "2026-11-30T11:00:00+00:00", "started_on": "2026-11-30",
        "due_on": "2027-02-28", "kept_keys": (str(held.user_id),), "extent": "partial",
    }  # fmt: skip
    ledger.append([Fact(kind=Kind.ACCOUNT_ERASED, account_id=owner.account_id, data=erased)], now)
    for _ in range(2):
        replay_all(town, {Kind.HOLD_PLACED, Kind.HOLD_RELEASED, Kind.ACCOUNT_ERASED})
    left = town.traces(str(held.user_id))
    assert left["account"] == {"account_user", "login_attempt", "restricted"}
    assert left["audit"] == {"login_event", "restricted"}
    assert left["notification"] == {"restricted"}
    assert town.traces(str(other.user_id)) == {}
    assert town.known(held)


def replay_all(town: Town, kinds: set[Kind]) -> None:
    """Bring every database up to the ledger, as at the start after a restore, and hold it to that."""
    entries = [entry for entry in town.retention.ledger.read() if entry.kind in kinds]
    for name in PARTICIPANTS:
        for database, replayer in town.exchange.services[name].guarded():
            if replayer is None:  # the keyring, which retention brings up to date
                continue
            with database.transaction() as tx:
                for entry in entries:
                    replayer.replay(tx, entry)
                assert all(replayer.verify(tx, entry) for entry in entries)


def test_every_table_that_names_somebody_belongs_to_a_category_or_is_never_held(town: Town) -> None:
    declared = {
        "account": (account_erasure.CATEGORY_OF, account_erasure.NEVER_HELD),
        "audit": (audit_erasure.CATEGORY_OF, audit_erasure.NEVER_HELD),
        "billing_sync": (billing_rules.CATEGORY_OF, billing_rules.NEVER_HELD),
        "cases": (case_erasure.CATEGORY_OF, case_erasure.NEVER_HELD),
        "notification": (letter_erasure.CATEGORY_OF, letter_erasure.NEVER_HELD),
        "registers": (register_erasure.CATEGORY_OF, register_erasure.NEVER_HELD),
    }
    categories = set()
    for service, (held, never) in declared.items():
        naming = town.rows(
            service,
            "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0"
            " AND (a.attname IN ('account_id', 'user_id') OR col_description(c.oid, a.attnum) LIKE 'pii:%')",
        )
        tables = {name for (name,) in naming} - {"restricted", "export_order", "parked", "outbox"}
        assert tables | {"account"} & set(held) == set(held) | set(never), service
        assert set(held).isdisjoint(never)
        categories |= set(held.values())
    assert categories == set(CATEGORIES)


def contacts(town: Town) -> list[dict]:
    """The contacts at Tripletex, in order of address."""
    return sorted((found.fields for found in town.tripletex._values("/contact")), key=lambda each: each["email"])


def _token(owner) -> str:
    from services.notification.letters.values import LetterClass
    from services.notification.preferences.rules import unsubscribe_token

    return unsubscribe_token(
        b"unsubscribe-key-for-tests",
        user_id=owner.user_id,
        account_id=owner.account_id,
        letter_class=LetterClass.MARKETING,
    )
