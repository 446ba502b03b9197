from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.account.login.calls import Authenticated
from services.account.login.events import LoginFailed, LoginSucceeded
from services.account.sign_up.events import AccountRegistered
from services.account.users.events import UserUpdated
from services.audit.anomalies.events import AnomalyDetected
from services.audit.logins import rules as logins
from services.audit.logins.calls import LoginReport, Logins
from services.audit.trail import rules
from services.audit.trail.calls import Trail
from services.audit.trail.feature import AuditTrail
from services.audit.trail.values import FACTS_LIMIT_BYTES, Person
from services.staff.statements.calls import MOST, NAMED
from services.staff.statements.events import PersonalDataRead
from shared import tombstones
from shared.actor import SYSTEM, Actor
from shared.bus.declarations import specifications
from shared.bus.discovery import events
from shared.errors import Forbidden, Invalid
from shared.events import Code, Received
from shared.participation.events import ErasureOrdered, ErasureStepCompleted, HoldPlaced
from shared.system import PARTICIPANTS
from tests.examples import example

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
ACCOUNT, USER, OTHER = uuid4(), uuid4(), uuid4()
KARI = Actor.parse("staff:kari")


def received(event, **changes):
    values = {
        "id": uuid4(),
        "event": event,
        "source": event.source or "account",
        "time": NOW,
        "subject": event.subject,
        "correlation_id": uuid4(),
    }
    return Received(**{**values, **changes})


# ── everything is heard ──


def test_every_event_class_is_heard_or_has_a_reason_not_to_be():
    heard = {spec.event for _, spec in specifications(AuditTrail) if hasattr(spec, "event")}
    assert len(events()) > 25
    assert {event.type for event in events() if event not in heard} == set(rules.UNHEARD)
    assert all(reason for reason in rules.UNHEARD.values())


def test_every_event_class_has_one_listener():
    heard = [spec.event for _, spec in specifications(AuditTrail) if hasattr(spec, "event")]
    assert len(heard) == len(set(heard))


def test_an_event_without_a_source_of_its_own_is_heard_from_all_who_take_part_in_erasures():
    sources = {spec.event: spec.sources for _, spec in specifications(AuditTrail) if hasattr(spec, "event")}
    assert set(sources[ErasureStepCompleted]) == set(PARTICIPANTS)


def test_every_id_in_every_event_is_known_to_name_a_person_or_a_thing():
    unknown = {
        f"{event.type}: {name}"
        for event in events()
        for name, hint in typing.get_type_hints(event).items()
        if hint in (UUID, UUID | None, list[UUID], list[UUID] | None)
        and name not in rules.SUBJECT_FIELDS
        and name not in rules.THING_FIELDS
        and name not in (*rules.PERSON_LISTS, rules.SEEN_FIELD)
    }
    assert unknown == set()


def test_who_acts_itself_is_named_by_a_field_that_the_event_has():
    fields = {event.type: {field.name for field in dataclasses.fields(event)} for event in events()}
    assert all(field in fields[type_] for type_, field in rules.ACTS_ITSELF.items())


# ── what enters ──


def test_of_several_persons_only_their_number_enters_and_one_alone_stands_in_its_column():
    users = [UUID(int=7), UUID(int=8)]
    shared = {"hold_id": UUID(int=9), "account_id": ACCOUNT, "categories": ["letters"], "reason": "dispute"}
    shared |= {"starts_on": date(2026, 11, 30), "review_on": date(2027, 1, 30)}
    intake = rules.intake_of(received(HoldPlaced(user_ids=users, **shared)), NOW)
    assert (intake.user_id, json.loads(intake.facts)["users"]) == (None, 2)
    assert not [user for user in users if str(user) in intake.facts]
    alone = rules.intake_of(received(HoldPlaced(user_ids=[USER], **shared)), NOW)
    assert (alone.user_id, str(USER) in alone.facts) == (USER, False)


def test_a_person_enters_only_with_the_company_by_which_an_erasure_finds_the_row():
    counts = {"attempts": 9, "failures": 9, "targets": 2, "networks": 1, "accounts": 1}
    shared = {
        "anomaly_id": uuid4(),
        "detector": "brute_force",
        "rule_version": 1,
        "window_from": NOW,
        "window_to": NOW,
    }
    one = AnomalyDetected(**shared, **counts, account_ids=[ACCOUNT], user_ids=[USER])
    intake = rules.intake_of(received(one), NOW)
    assert (intake.account_id, intake.user_id) == (ACCOUNT, USER)
    of_two = AnomalyDetected(**shared, **counts, account_ids=[ACCOUNT, OTHER], user_ids=[USER])
    intake = rules.intake_of(received(of_two), NOW)
    assert (intake.account_id, intake.user_id, json.loads(intake.facts)["listed_accounts"]) == (None, None, 2)


def test_an_order_that_holds_much_of_many_persons_fits_into_the_trail():
    users = [UUID(int=number) for number in range(400)]
    order = ErasureOrdered(
        erasure_id=UUID(int=3), account_id=ACCOUNT, attempt=1,
        held_users=users * 2, held_categories=["letters"] * 400 + ["profile"] * 400,
    )  # fmt: skip
    facts = json.loads(rules.intake_of(received(order), NOW).facts)
    assert (facts["held_persons"], facts["held_categories"]) == (400, ["letters", "profile"])


def test_names_of_fields_enter_and_ids_of_persons_stand_in_their_columns_only():
    event = UserUpdated(account_id=ACCOUNT, user_id=USER, fields=["name", "email"])
    intake = rules.intake_of(received(event, actor="staff:kari"), NOW)
    assert intake.field_names == ["name", "email"]
    assert (intake.account_id, intake.user_id, intake.subject) == (ACCOUNT, USER, f"user/{USER}")
    assert intake.facts == "{}"
    assert intake.actor == "staff:kari"


def test_codes_counts_and_ids_of_things_are_the_facts():
    event = ErasureStepCompleted(
        erasure_id=OTHER, participant="account", outcome="done", counts={"rows": 3}, retained=["invoices"]
    )
    facts = json.loads(rules.intake_of(received(event), NOW).facts)
    assert facts == {
        "erasure_id": str(OTHER),
        "participant": "account",
        "outcome": "done",
        "counts": {"rows": 3},
        "retained": ["invoices"],
    }


def test_the_person_who_alone_can_have_done_it_is_the_actor():
    event = AccountRegistered(
        account_id=ACCOUNT, creator_id=USER, register_outcome="matched", terms_version="v2020-04-26"
    )
    intake = rules.intake_of(received(event), NOW)
    assert intake.actor == f"user:{USER}"
    assert intake.user_id == USER
    assert str(USER) not in intake.facts
    failed = LoginFailed(account_id=ACCOUNT, user_id=USER, attempt_id=OTHER, reason="wrong_password")
    assert rules.intake_of(received(failed), NOW).actor == "system"


@pytest.mark.parametrize(
    "value",
    ["Kari Nordmann", "kari@example.no", "åse", "a b", "x" * 65, "", 1.5, 2**53, ["fine", "not fine"], {"A b": 1}],
)
def test_a_value_that_could_name_somebody_does_not_enter_and_is_not_repeated(value):
    with pytest.raises(rules.NotPlainError) as refused:
        rules.plain_facts({"note": value})
    assert "note" in str(refused.value)
    assert str(value) not in str(refused.value) or value == ""


def test_a_row_holds_no_more_than_it_may():
    with pytest.raises(rules.NotPlainError, match="too many"):
        rules.plain_facts({f"id_{n}": str(uuid4()) for n in range(100)})
    with pytest.raises(rules.NotPlainError, match="not many"):
        rules._field_names(["name"] * 51)
    with pytest.raises(rules.NotPlainError, match="codes"):
        rules._field_names(["Kari Nordmann"])


IDS = st.uuids(version=4)


def as_stored(row):
    return {name: getattr(row, name) for name in row.__slots__} | {"facts": json.loads(row.facts)}


def a_look(users: list[UUID], persons: int) -> PersonalDataRead:
    return PersonalDataRead(
        staff_code=Code("kari"), account_id=ACCOUNT, purpose=Code("dispute"),
        acts=[Code(f"notification.a_call_with_a_long_name_{number:02}") for number in range(MOST)],
        seen_user_ids=users, persons=persons,
    )  # fmt: skip


@pytest.mark.clause("STAFF-1", "CONFIDE-1")
def test_each_person_who_was_seen_is_named_by_a_reference_alone():
    users = [UUID(int=7), UUID(int=8)]
    intake = rules.intake_of(received(a_look(users, 2), actor="staff:kari"), NOW)
    assert (intake.seen, intake.user_id, "seen" in intake.facts) == (users, None, False)
    refs = {person: uuid4() for person in rules.persons_of(intake)}
    row = rules.trail_row(intake, 1, refs)
    assert not [user for user in users if str(user) in repr(row)]
    of_users = {str(refs[Person("user", str(user))]) for user in users}
    assert set(json.loads(row.facts)["seen"]) == of_users
    assert of_users < rules.refs_in(as_stored(row))
    shown = rules.shown(as_stored(row), {ref: person for person, ref in refs.items()})
    assert set(shown.facts["seen"]) == {str(user) for user in users}
    assert set(rules.shown(as_stored(row), {}).facts["seen"]) == of_users, "of the erased nobody is known"


def test_as_many_as_are_named_of_the_longest_page_fit_into_a_row():
    users = [UUID(int=number) for number in range(NAMED)]
    intake = rules.intake_of(received(a_look(users, 400), actor="staff:kari"), NOW)
    row = rules.trail_row(intake, 1, {person: uuid4() for person in rules.persons_of(intake)})
    assert len(row.facts) <= FACTS_LIMIT_BYTES
    assert json.loads(row.facts)["persons"] == 400


@given(account=IDS, user=IDS, staff=st.sampled_from(["staff:kari.n", "system", "user"]))
def test_no_id_of_a_company_a_user_or_staff_is_left_in_a_row(account, user, staff):
    event = UserUpdated(account_id=account, user_id=user, fields=["name"])
    actor = f"user:{user}" if staff == "user" else staff
    intake = rules.intake_of(received(event, actor=actor), NOW)
    refs = {person: uuid4() for person in rules.persons_of(intake)}
    row = rules.trail_row(intake, 1, refs)
    text = repr(row)
    assert str(account) not in text
    assert str(user) not in text
    assert "kari" not in text
    names = {ref: person for person, ref in refs.items()}
    stored = as_stored(row)
    assert rules.refs_in(stored) == {str(ref) for ref in refs.values()}
    shown = rules.shown(stored, names)
    assert (shown.account_id, shown.user_id) == (account, user)
    assert (shown.subject, shown.actor) == (f"user/{user}", actor)
    unknown = rules.shown(stored, {})
    assert (unknown.account_id, unknown.subject) == (row.account_ref, row.subject)


def test_a_user_is_known_by_the_account_that_erasure_will_name():
    event = UserUpdated(account_id=ACCOUNT, user_id=USER, fields=["name"])
    persons = rules.persons_of(rules.intake_of(received(event, actor=f"user:{OTHER}"), NOW))
    assert {(p.kind, p.id, p.account_id) for p in persons} == {
        ("account", str(ACCOUNT), ACCOUNT),
        ("user", str(USER), ACCOUNT),
        ("user", str(OTHER), ACCOUNT),
    }
    assert Person("user", "x", ACCOUNT) == Person("user", "x")


# ── checkpoints ──


@pytest.mark.clause("LIFE-1")
@pytest.mark.parametrize(
    ("unsealed", "age_seconds", "due"),
    [
        (0, 9999, False),
        (1, None, True),
        (1, 59, False),
        (1, 60, True),
        (9_999, 1, False),
        (10_000, 0, True),
        (1, -86400, True),
    ],
)
def test_the_trail_is_signed_each_minute_or_each_ten_thousand_rows(unsealed, age_seconds, due):
    last_at = None if age_seconds is None else NOW - timedelta(seconds=age_seconds)
    assert rules.checkpoint_due(unsealed_rows=unsealed, last_at=last_at, now=NOW) is due


# ── logins ──


@pytest.mark.clause("WATCH-4")
@pytest.mark.parametrize(
    ("at", "months", "expires"),
    [
        (datetime(2026, 8, 31, 21, 59, tzinfo=UTC), 6, date(2027, 2, 28)),
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), 6, date(2027, 3, 1)),
        (datetime(2026, 8, 31, 12, 0, tzinfo=UTC), 12, date(2027, 8, 31)),
        (datetime(2027, 8, 31, 12, 0, tzinfo=UTC), 6, date(2028, 2, 29)),
    ],
)
def test_a_login_is_forgotten_so_many_calendar_months_later_by_the_oslo_date(at, months, expires):
    assert logins.login_expiry(at, months) == expires


@pytest.mark.clause("WATCH-4")
@pytest.mark.parametrize("months", [0, -1, 13])
def test_logins_are_never_kept_beyond_the_cap(months):
    with pytest.raises(ValueError, match="from 1 to 12"):
        logins.login_expiry(NOW, months)


@pytest.mark.clause("LOGIN-1")
def test_a_login_has_outcome_reason_and_an_end():
    event = LoginFailed(account_id=None, user_id=None, attempt_id=OTHER, reason="unknown_address")
    login = logins.login_event(received(event), outcome="failed", retention_months=6)
    assert (login.user_id, login.account_id, login.reason, login.outcome) == (
        None,
        None,
        "unknown_address",
        "failed",
    )
    event = LoginSucceeded(account_id=ACCOUNT, user_id=USER, attempt_id=OTHER)
    login = logins.login_event(received(event), outcome="succeeded", retention_months=6)
    assert (login.user_id, login.account_id, login.reason) == (USER, ACCOUNT, None)
    assert login.expires_on == date(2027, 6, 1)


def disclosure(*, owners=(OTHER,), **changes):
    values = {
        "account_id": ACCOUNT,
        "purpose": "account_takeover",
        "actor": KARI,
        "user_id": USER,
        "from_": NOW - timedelta(days=7),
        "to": NOW,
    }
    logins.check_disclosure(Logins(**{**values, **changes}), owners)


@pytest.mark.clause("WATCH-2", "RIGHTS-1")
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"user_id": None},
        {"actor": Actor.user(OTHER)},
        {"purpose": "own_access", "actor": Actor.user(USER)},
        {"purpose": "own_access", "actor": Actor.user(USER), "from_": NOW - timedelta(days=366)},
        {"purpose": "own_access"},
        {"purpose": "security_breach", "from_": NOW - timedelta(days=31)},
    ],
)
def test_logins_are_shown_to_whom_they_belong_and_for_security(changes):
    disclosure(**changes)


@pytest.mark.clause("WATCH-2")
@pytest.mark.parametrize("purpose", ["attendance", "performance", "working_hours"])
@pytest.mark.parametrize(
    "actor", [KARI, Actor.user(OTHER), Actor.user(USER)], ids=["staff", "another user", "the user"]
)
def test_logins_are_refused_to_watch_people_at_work_whoever_asks(purpose, actor):
    with pytest.raises(Forbidden, match="attendance or performance"):
        disclosure(purpose=purpose, actor=actor)


@pytest.mark.clause("RIGHTS-1", "WATCH-2")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"purpose": "curiosity"}, Invalid),
        ({"to": NOW - timedelta(days=7)}, Invalid),
        ({"from_": NOW - timedelta(days=31, seconds=1)}, Invalid),
        ({"purpose": "own_access", "from_": NOW - timedelta(days=367)}, Invalid),
        ({"purpose": "own_access", "user_id": None}, Invalid),
        ({"purpose": "own_access", "actor": Actor.user(OTHER)}, Forbidden),
        ({"actor": Actor.user(USER)}, Forbidden),
        ({"actor": SYSTEM}, Forbidden),
        ({"owners": [], "actor": Actor.user(OTHER)}, Forbidden),
    ],
)
def test_logins_are_refused_without_purpose_authority_or_narrow_period(changes, error):
    with pytest.raises(error):
        disclosure(**changes)


@pytest.mark.clause("STAFF-1")
def test_a_look_at_logins_leaves_in_the_trail_who_looked_for_what_and_how_many():
    call = Logins(
        account_id=ACCOUNT,
        purpose="account_takeover",
        actor=KARI,
        user_id=USER,
        from_=NOW,
        to=NOW + timedelta(days=1),
    )
    entry = logins.disclosure(call, [USER, USER, USER])
    assert (entry["type_"], entry["actor"], entry["subject"]) == ("login.disclosed", str(KARI), f"user/{USER}")
    assert entry["facts"]["purpose"] == "account_takeover"
    assert (entry["facts"]["count"], entry["facts"]["persons"], entry["seen"]) == (3, 1, [USER])
    assert logins.disclosure(call, [])["seen"] == [USER], "whoever was asked for is told, with a login or without"
    many = logins.disclosure(call, [UUID(int=each) for each in range(200)])
    assert (many["facts"]["persons"], len(many["seen"])) == (201, logins.NAMED)
    refused = logins.disclosure(call, None)
    assert refused["type_"] == "login.disclosure_refused"
    assert "count" not in refused["facts"]
    assert refused["seen"] == []
    for purpose, kept in (("kari.nordmann:01017012345", "other"), ("attendance", "attendance")):
        assert logins.disclosure(dataclasses.replace(call, purpose=purpose), None)["facts"]["purpose"] == kept


@pytest.mark.clause("WATCH-2")
@pytest.mark.parametrize(
    ("purpose", "named", "meant"),
    [("own_access", None, USER), ("own_access", OTHER, OTHER), ("security_breach", None, None)],
)
def test_a_customer_asks_for_the_company_of_the_session_and_in_its_name(purpose, named, meant):
    held = example(Authenticated, account_id=str(ACCOUNT), user_id=str(USER), actor=f"user:{USER}", role="user")
    session = Authenticated.from_json(held)
    call = LoginReport(token="t" * 32, purpose=purpose, user_id=named, from_=NOW - timedelta(days=1), to=NOW)
    asked = logins.asked_in_session(call, session)
    assert (asked.account_id, asked.user_id, asked.actor) == (ACCOUNT, meant, Actor.user(USER))


def test_the_owners_are_asked_for_only_where_they_decide():
    assert logins.needs_owners("security_breach", Actor.user(OTHER))
    assert not logins.needs_owners("own_access", Actor.user(OTHER))
    assert not logins.needs_owners("security_breach", KARI)
    assert not logins.needs_owners("attendance", Actor.user(OTHER))


def test_an_unknown_address_is_digested_for_one_day_only():
    late, early = NOW, NOW - timedelta(hours=2)
    assert logins.address_of_the_day(late, "ab") != logins.address_of_the_day(early, "ab")
    assert logins.address_of_the_day(early, "ab") == logins.address_of_the_day(early - timedelta(hours=3), "ab")


def test_origins_are_asked_for_less_and_less_often_until_they_are_gone():
    waits = [logins.origin_retry_seconds(tries) for tries in range(1, 15)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (60, 3600)
    assert not logins.origin_given_up(NOW - timedelta(hours=48), NOW)
    assert logins.origin_given_up(NOW - timedelta(hours=49), NOW)


@pytest.mark.clause("FORGET-1")
def test_that_somebody_was_erased_is_forgotten_when_no_backup_is_as_old():
    assert tombstones.forgotten_on(datetime(2026, 11, 30, 12, tzinfo=UTC)) == date(2027, 1, 6)


# ── requests ──


def refused_fields(call, **fields):
    with pytest.raises(Invalid) as refused:
        call.from_json(fields)
    return set(refused.value.details["fields"])


def test_a_story_is_asked_for_by_one_thing():
    assert Trail.from_json({"subject": f"account/{ACCOUNT}"}).limit == 100
    for wrong in ({}, {"subject": "account/x", "correlation_id": str(OTHER)}, {"subject": "Kari Nordmann"}):
        assert refused_fields(Trail, **wrong) == {"subject"}
    assert refused_fields(Trail, subject="account/x", limit=501) == {"limit"}


def test_a_request_for_logins_says_who_asks_and_what_for():
    whole = {
        "account_id": str(ACCOUNT),
        "from": "2026-11-01T00:00:00+00:00",
        "to": "2026-11-30T00:00:00+00:00",
        "purpose": "security_breach",
        "actor": "staff:kari",
    }
    call = Logins.from_json(whole)
    assert call.from_ == datetime(2026, 11, 1, tzinfo=UTC)
    assert call.to_json() == whole | {"user_id": None}
    for missing in ("from", "to", "purpose", "actor", "account_id"):
        left = {name: value for name, value in whole.items() if name != missing}
        assert refused_fields(Logins, **left) == {missing}
    for name, wrong in {
        "actor": "staff:kari.nes",
        "purpose": "Because I said so",
        "from": "2026-11-01T00:00:00",
    }.items():
        assert refused_fields(Logins, **{**whole, name: wrong}) == {name}
