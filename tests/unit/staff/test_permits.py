"""What somebody may do: role, grant, undertaking, training and passkeys, all of them, now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.staff.grants import rules
from services.staff.grants.values import AskedAct, Grant, GrantEnding
from services.staff.people.values import Person, PersonState
from services.staff.prerequisites import rules as prerequisite_rules
from services.staff.prerequisites.undertaking import DIGESTS, TEXTS
from services.staff.prerequisites.values import LONGEST, Ending, Prerequisite, PrerequisiteKind
from shared.errors import Conflict, Forbidden
from shared.staff import Act, Purpose, Role, acts

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
ACCOUNT, OTHER = UUID(int=7), UUID(int=8)
KARI = Person(id=uuid4(), code="kari", state=PersonState.ACTIVE, invited_at=NOW - YEAR, activated_at=NOW - YEAR)
PLACE_HOLD = Act(roles=(Role.PRIVACY_LEAD, Role.INCIDENT_LEAD), two_persons=True)


def grant(**changes) -> Grant:
    values = {
        "id": uuid4(),
        "person_id": KARI.id,
        "role": Role.PRIVACY_LEAD,
        "purpose": Purpose.DISPUTE,
        "begins_at": NOW - YEAR,
        "expires_at": NOW + YEAR,
        "granted_at": NOW - YEAR,
        "granted_by": "staff:ola",
    }
    return Grant(**values | changes)


def prerequisite(kind: PrerequisiteKind, **changes) -> Prerequisite:
    values = {
        "id": uuid4(),
        "person_id": KARI.id,
        "kind": kind,
        "what": "x",
        "began_at": NOW - YEAR,
        "expires_at": NOW + YEAR,
        "recorded_at": NOW - YEAR,
        "recorded_by": "staff:kari",
    }
    return Prerequisite(**values | changes)


UNDERTAKING = prerequisite(PrerequisiteKind.UNDERTAKING)
TRAINING = prerequisite(PrerequisiteKind.TRAINING)
BOTH = (UNDERTAKING, TRAINING)


def permitted(asked: AskedAct | None = None, **changes) -> Grant:
    given_ = {"person": KARI, "grants": [grant()], "prerequisites": BOTH, "passkeys": 2, "now": NOW}
    return rules.permits(asked or AskedAct(act=PLACE_HOLD), **given_ | changes)


def reason(asked: AskedAct | None = None, **changes) -> str:
    with pytest.raises(Forbidden) as refused:
        permitted(asked, **changes)
    return refused.value.details["reason"]


@pytest.mark.clause("STAFF-1", "STAFF-2")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"person": replace(KARI, state=PersonState.INVITED)}, "person_invited"),
        ({"person": replace(KARI, state=PersonState.LEFT, left_at=NOW)}, "person_left"),
        ({"passkeys": 1}, "passkeys_missing"),
        ({"passkeys": 0}, "passkeys_missing"),
        ({"prerequisites": ()}, "undertaking_missing"),
        ({"prerequisites": (TRAINING,)}, "undertaking_missing"),
        ({"prerequisites": (UNDERTAKING,)}, "training_missing"),
        ({"prerequisites": (replace(UNDERTAKING, expires_at=NOW), TRAINING)}, "undertaking_over"),
        ({"prerequisites": (UNDERTAKING, replace(TRAINING, expires_at=NOW))}, "training_over"),
        (
            {"prerequisites": (replace(UNDERTAKING, ended_at=NOW, ended_because=Ending.OUTDATED), TRAINING)},
            "undertaking_over",
        ),
        ({"prerequisites": (replace(UNDERTAKING, began_at=NOW + DAY), TRAINING)}, "undertaking_over"),
        ({"prerequisites": (replace(UNDERTAKING, expires_at=NOW + LONGEST + DAY), TRAINING)}, "undertaking_over"),
        ({"grants": []}, "role_not_granted"),
        ({"grants": [grant(role=Role.SUPPORT)]}, "role_not_granted"),
        ({"grants": [grant(expires_at=NOW)]}, "grant_not_live"),
        ({"grants": [grant(begins_at=NOW + DAY)]}, "grant_not_live"),
        ({"grants": [grant(expires_at=NOW + LONGEST + DAY)]}, "grant_not_live"),
        ({"grants": [grant(ended_at=NOW, ended_because=GrantEnding.REVOKED)]}, "grant_not_live"),
        ({"asked": AskedAct(act=PLACE_HOLD, purpose=Purpose.BILLING)}, "other_purpose"),
        ({"grants": [grant(accounts=frozenset({ACCOUNT}))]}, "some_customers"),
        (
            {
                "grants": [grant(accounts=frozenset({ACCOUNT}))],
                "asked": AskedAct(act=PLACE_HOLD, account_id=OTHER),
            },
            "other_account",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_whoever_lacks_one_thing_may_do_nothing_and_is_told_what_it_is(changes, expected) -> None:
    assert reason(**changes) == expected


@pytest.mark.clause("STAFF-1")
def test_whoever_lacks_nothing_acts_by_the_grant_that_lasts_longest() -> None:
    short, long = grant(expires_at=NOW + DAY), grant()
    elsewhere = grant(purpose=Purpose.SECURITY, expires_at=NOW + 2 * YEAR)
    assert permitted(grants=[short, long, grant(expires_at=NOW)]) == long
    assert permitted(grants=[short, long, elsewhere]) == elsewhere
    assert permitted(AskedAct(act=PLACE_HOLD, purpose=Purpose.DISPUTE), grants=[short, long, elsewhere]) == long
    scoped = grant(accounts=frozenset({ACCOUNT, OTHER}))
    assert permitted(AskedAct(act=PLACE_HOLD, account_id=ACCOUNT), grants=[scoped]) == scoped
    incident = grant(role=Role.INCIDENT_LEAD)
    assert permitted(grants=[incident]) == incident


@pytest.mark.clause("STAFF-2")
def test_access_ends_with_the_last_instant_of_the_undertaking() -> None:
    last = UNDERTAKING.expires_at - timedelta(microseconds=1)
    lasting = grant(expires_at=NOW + 2 * YEAR)
    trained = replace(TRAINING, expires_at=NOW + 2 * YEAR)
    assert permitted(grants=[lasting], prerequisites=(UNDERTAKING, trained), now=last) == lasting
    over = {"grants": [lasting], "prerequisites": (UNDERTAKING, trained), "now": UNDERTAKING.expires_at}
    assert reason(**over) == "undertaking_over"
    again = replace(UNDERTAKING, id=uuid4(), began_at=NOW, expires_at=NOW + 2 * YEAR)
    assert permitted(**over | {"prerequisites": (UNDERTAKING, again, trained)}) == lasting


MOMENTS = st.sampled_from([NOW - YEAR, NOW - DAY, NOW, NOW + timedelta(seconds=1), NOW + YEAR, NOW + 4 * YEAR])
KEPT = st.builds(
    prerequisite,
    st.sampled_from(PrerequisiteKind),
    began_at=MOMENTS,
    expires_at=MOMENTS,
    ended_at=st.none() | st.just(NOW - DAY),
)
GRANTS = st.builds(
    grant,
    role=st.sampled_from([Role.PRIVACY_LEAD, Role.SUPPORT]),
    purpose=st.sampled_from([Purpose.DISPUTE, Purpose.BILLING]),
    accounts=st.none() | st.just(frozenset({ACCOUNT})),
    begins_at=MOMENTS,
    expires_at=MOMENTS,
    ended_at=st.none() | st.just(NOW - DAY),
)


@pytest.mark.clause("STAFF-1", "STAFF-2")
@given(
    state=st.sampled_from(PersonState),
    passkeys=st.integers(0, 3),
    kept=st.lists(KEPT, max_size=4),
    grants=st.lists(GRANTS, max_size=3),
    account=st.none() | st.sampled_from([ACCOUNT, OTHER]),
    purpose=st.none() | st.just(Purpose.DISPUTE),
)
def test_nothing_is_permitted_but_by_all_of_it_at_once(state, passkeys, kept, grants, account, purpose) -> None:
    asked = AskedAct(act=PLACE_HOLD, account_id=account, purpose=purpose)

    def counts(each) -> bool:
        return each.ended_at is None and NOW < each.expires_at <= NOW + LONGEST

    signed, trained = (
        any(each.kind is kind and counts(each) and each.began_at <= NOW + timedelta(minutes=5) for each in kept)
        for kind in PrerequisiteKind
    )
    reaching = [
        each
        for each in grants
        if counts(each)
        and each.begins_at <= NOW + timedelta(minutes=5)
        and each.role is Role.PRIVACY_LEAD
        and purpose in (None, each.purpose)
        and (each.accounts is None or account == ACCOUNT)
    ]
    expected = state is PersonState.ACTIVE and passkeys > 1 and signed and trained and bool(reaching)
    try:
        found = permitted(
            asked, person=replace(KARI, state=state), grants=grants, prerequisites=kept, passkeys=passkeys
        )
    except Forbidden:
        assert not expected
    else:
        assert expected
        assert found in reaching


# ── giving ──


def giving(new: Grant | None = None, **changes) -> None:
    values = {"person": KARI, "kept": [], "prerequisites": BOTH, "now": NOW}
    rules.check_grantable(new or grant(begins_at=NOW), **values | changes)


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize(
    "kept", [(), (UNDERTAKING,), (TRAINING,), (replace(UNDERTAKING, expires_at=NOW), TRAINING)]
)
def test_nothing_is_granted_before_somebody_has_signed_and_was_trained(kept) -> None:
    giving()
    with pytest.raises(Forbidden):
        giving(prerequisites=kept)


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(
    ("changes", "kept", "refusal", "expected"),
    [
        ({"granted_by": "staff:kari"}, {}, Forbidden, "own_grant"),
        ({"approved_by": "staff:kari"}, {}, Forbidden, "own_grant"),
        ({}, {"person": replace(KARI, state=PersonState.INVITED)}, Conflict, "person_invited"),
        ({}, {"person": replace(KARI, state=PersonState.LEFT)}, Conflict, "person_left"),
        ({"expires_at": NOW}, {}, Conflict, "wrong_end"),
        ({"expires_at": NOW + 3 * YEAR}, {}, Conflict, "wrong_end"),
        ({"begins_at": NOW + YEAR}, {}, Conflict, "wrong_end"),
        ({"accounts": frozenset()}, {}, Conflict, "too_many_customers"),
        ({"accounts": frozenset(UUID(int=n) for n in range(51))}, {}, Conflict, "too_many_customers"),
        ({"accounts": frozenset({ACCOUNT}), "role": Role.STAFF_ADMIN}, {}, Conflict, "role_without_customers"),
        ({}, {"kept": [grant()] * rules.MOST}, Conflict, "too_many_grants"),
        ({"bootstrap": True, "expires_at": NOW + 120 * DAY}, {}, Conflict, "wrong_end"),
        ({"bootstrap": True, "granted_by": "staff:kari"}, {}, Forbidden, "own_grant"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_may_not_be_granted_says_why(changes, kept, refusal, expected) -> None:
    with pytest.raises(refusal) as refused:
        giving(grant(**changes), **kept)
    assert refused.value.details["reason"] == expected


def test_the_first_administrators_are_granted_their_role_before_they_have_signed() -> None:
    invited = replace(KARI, state=PersonState.INVITED)
    first = grant(role=Role.STAFF_ADMIN, bootstrap=True, granted_by="system", expires_at=NOW + 90 * DAY)
    giving(first, person=invited, prerequisites=())
    assert reason(
        AskedAct(act=Act(roles=(Role.STAFF_ADMIN,))), grants=[first], prerequisites=()
    ) == "undertaking_missing"  # fmt: skip


@pytest.mark.clause("STAFF-1")
def test_a_role_is_for_some_customers_only_where_it_does_something_about_one() -> None:
    told = {role for role in Role if rules.looks_at_customers(role)}
    assert told == {
        Role.SUPPORT, Role.CASE_HANDLER, Role.PRIVACY_LEAD, Role.INCIDENT_LEAD, Role.OPERATOR, Role.FINANCE,
        Role.AUDITOR,
    }  # fmt: skip
    for role in told:
        giving(grant(role=role, accounts=frozenset({ACCOUNT})))
    giving(grant(accounts=frozenset(UUID(int=n) for n in range(50))))


@pytest.mark.clause("STAFF-1")
def test_nobody_is_an_administrator_for_some_customers() -> None:
    scoped = grant(role=Role.STAFF_ADMIN, accounts=frozenset({ACCOUNT}))
    assert not rules.is_administrator(KARI, [scoped], BOTH, NOW)
    assert rules.is_administrator(KARI, [scoped, grant(role=Role.STAFF_ADMIN)], BOTH, NOW)


RELEASES = AskedAct(act=Act(roles=(Role.PRIVACY_LEAD, Role.SUPPORT), resolves=True))


@pytest.mark.clause("STAFF-1")
def test_what_belongs_to_a_customer_whom_nobody_knows_yet_is_for_the_customers_of_all_grants_alike() -> None:
    one, other = grant(accounts=frozenset({ACCOUNT})), grant(accounts=frozenset({OTHER}), expires_at=NOW + DAY)
    elsewhere = grant(accounts=frozenset({UUID(int=9)}), purpose=Purpose.SECURITY, expires_at=NOW + DAY)
    in_another_part = grant(accounts=frozenset({UUID(int=10)}), role=Role.SUPPORT, expires_at=NOW + DAY)
    for_nothing_of_it = grant(accounts=frozenset({UUID(int=11)}), role=Role.FINANCE)
    found = permitted(RELEASES, grants=[other, one, elsewhere, in_another_part, for_nothing_of_it])
    assert (found.id, found.accounts) == (one.id, {ACCOUNT, OTHER, UUID(int=10)})
    for_all = grant(expires_at=NOW + timedelta(seconds=1))
    assert permitted(RELEASES, grants=[other, one, for_all]) == for_all
    assert permitted(replace(RELEASES, account_id=OTHER), grants=[other, one]) == other
    assert reason(AskedAct(act=PLACE_HOLD), grants=[other, one]) == "some_customers"


@pytest.mark.clause("STAFF-1")
def test_of_too_many_customers_those_of_the_grants_that_last_longest_are_named() -> None:
    many = [grant(accounts=frozenset({UUID(int=n)}), expires_at=NOW + n * DAY) for n in range(1, 61)]
    found = permitted(RELEASES, grants=many)
    assert found.accounts == {UUID(int=n) for n in range(11, 61)}


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, False),
        ({"role": Role.SUPPORT}, False),
        ({"begins_at": NOW + 10 * DAY}, False),
        ({"purpose": Purpose.SECURITY}, True),
        ({"expires_at": NOW}, True),
        ({"ended_at": NOW, "ended_because": GrantEnding.REVOKED}, True),
        ({"begins_at": NOW + 200 * DAY}, True),
        ({"accounts": None}, True),
    ],
    ids=str,
)
def test_no_more_customers_are_granted_for_one_purpose_than_a_statement_names(changes, fits) -> None:
    kept = grant(**{"accounts": frozenset(UUID(int=n) for n in range(1, 50))} | changes)
    new = grant(begins_at=NOW, expires_at=NOW + 100 * DAY, accounts=frozenset({UUID(int=50), UUID(int=49)}))
    giving(new, kept=[kept])
    one_more = replace(new, accounts=new.accounts | {UUID(int=51)})
    if fits:
        giving(one_more, kept=[kept])
        return
    with pytest.raises(Conflict) as refused:
        giving(one_more, kept=[kept])
    assert refused.value.details == {"reason": "too_many_customers"}


SCOPES = st.none() | st.frozensets(st.sampled_from([ACCOUNT, OTHER, UUID(int=9)]))


@pytest.mark.clause("STAFF-1")
@given(scope=SCOPES, wider=SCOPES, account=st.none() | st.sampled_from([ACCOUNT, OTHER, UUID(int=9)]))
def test_a_wider_scope_reaches_what_a_narrower_one_does_and_an_empty_one_nobody(scope, wider, account) -> None:
    one, other = grant(accounts=scope), grant(accounts=wider)
    if scope is not None and (wider is None or scope <= wider) and one.reaches(account):
        assert other.reaches(account)
    assert one.reaches(account) == (scope is None or account in scope)
    if scope == frozenset():
        assert reason(AskedAct(act=PLACE_HOLD, account_id=account), grants=[one]) in (
            "some_customers", "other_account",
        )  # fmt: skip


def test_a_grant_may_last_to_the_end_of_its_last_day() -> None:
    assert rules.ends_after(date(2026, 11, 23)) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    giving(grant(expires_at=rules.ends_after(date(2028, 11, 23))))
    for too_late in (date(2028, 11, 24), date.max):
        with pytest.raises(Conflict):
            giving(grant(expires_at=rules.ends_after(too_late)))


@pytest.mark.parametrize(
    ("active", "granted", "signed", "trained"),
    list(product([True, False], repeat=4)),
    ids=lambda value: str(value)[0],
)
def test_an_administrator_is_who_can_grant_something_now(active, granted, signed, trained) -> None:
    person = KARI if active else replace(KARI, state=PersonState.LEFT)
    grants = [grant(role=Role.STAFF_ADMIN if granted else Role.SUPPORT)]
    kept = [each for each, there in ((UNDERTAKING, signed), (TRAINING, trained)) if there]
    assert rules.is_administrator(person, grants, kept, NOW) == (active and granted and signed and trained)


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize(
    ("able", "afterwards", "refused"),
    [
        ({"kari", "ola", "per"}, {"kari", "ola"}, False),
        ({"kari", "ola"}, {"kari"}, True),
        ({"kari", "ola", "per"}, {"kari"}, True),
        ({"kari"}, set(), True),
        ({"kari"}, {"kari"}, False),
        ({"kari"}, {"kari", "ola"}, False),
        (set(), set(), False),
    ],
    ids=lambda value: "-".join(sorted(value)) or "none" if isinstance(value, set) else str(value),
)
def test_neither_of_the_last_two_administrators_is_lost_and_who_was_none_keeps_nobody(
    able, afterwards, refused
) -> None:
    if not refused:
        rules.check_administrators_stay(able, afterwards)
        return
    with pytest.raises(Forbidden) as raised:
        rules.check_administrators_stay(able, afterwards)
    assert raised.value.details == {"reason": "last_administrators"}


# ── undertakings and training ──


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize(
    ("kind", "actor", "expected"),
    [
        (PrerequisiteKind.UNDERTAKING, "staff:kari", None),
        (PrerequisiteKind.UNDERTAKING, "staff:ola", "own_signature_needed"),
        (PrerequisiteKind.UNDERTAKING, "system", "own_signature_needed"),
        (PrerequisiteKind.TRAINING, "staff:kari", "another_person_needed"),
        (PrerequisiteKind.TRAINING, "staff:ola", None),
        (PrerequisiteKind.TRAINING, "system", None),
    ],
)
def test_nobody_signs_for_another_and_nobody_certifies_their_own_training(kind, actor, expected) -> None:
    if expected is None:
        prerequisite_rules.check_recorder(kind, KARI, actor)
        return
    with pytest.raises(Forbidden) as refused:
        prerequisite_rules.check_recorder(kind, KARI, actor)
    assert refused.value.details == {"reason": expected}


@pytest.mark.parametrize("kind", PrerequisiteKind)
def test_it_counts_two_years_by_the_calendar_of_oslo(kind) -> None:
    assert prerequisite_rules.expires_at(kind, date(2026, 11, 23), NOW) == datetime(2028, 11, 22, 23, tzinfo=UTC)
    assert prerequisite_rules.expires_at(kind, date(2026, 7, 1), NOW) == datetime(2028, 6, 30, 22, tzinfo=UTC)
    assert prerequisite_rules.expires_at(kind, date(2028, 2, 29), NOW) == datetime(2030, 2, 27, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("completed_on", "expected"),
    [(date(2026, 11, 24), "ahead"), (date(2024, 11, 23), "too_long_ago"), (date(1990, 1, 1), "too_long_ago")],
)
def test_training_that_lies_ahead_or_counts_no_more_is_not_recorded(completed_on, expected) -> None:
    prerequisite_rules.check_completed_on(date(2026, 11, 23), NOW)
    prerequisite_rules.check_completed_on(date(2024, 11, 24), NOW)
    with pytest.raises(Conflict) as refused:
        prerequisite_rules.check_completed_on(completed_on, NOW)
    assert refused.value.details == {"reason": expected}


def test_who_has_left_signs_nothing_and_there_is_room_up_to_a_bound() -> None:
    prerequisite_rules.check_still_here(replace(KARI, state=PersonState.INVITED))
    with pytest.raises(Conflict):
        prerequisite_rules.check_still_here(replace(KARI, state=PersonState.LEFT))
    prerequisite_rules.check_room(prerequisite_rules.MOST - 1)
    with pytest.raises(Conflict):
        prerequisite_rules.check_room(prerequisite_rules.MOST)


def test_the_text_that_is_signed_is_known_by_its_digest_in_each_language() -> None:
    assert len(DIGESTS) == len(TEXTS) == 2
    assert "taushetsplikten varer" in TEXTS["nb"].text.lower()
    assert "duty of confidentiality lasts" in TEXTS["en"].text


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        ("revoke_grant", "grants"),
        ("withdraw_prerequisite", "prerequisites"),
        ("revoke_passkey_of", "passkeys_of"),
        ("end_database_access", "list_database_access"),
        ("countersign_door", "list_machine_doors"),
        *(
            (each, look)
            for each in (
                "end_sessions_of",
                "record_exit",
                "record_training",
                "vouch_for_person",
                "revoke_passkey_of",
            )
            for look in ("list_people", "show_person")
        ),
    ],
)
def test_whoever_may_end_something_may_look_at_it(ends: str, shown: str) -> None:
    """A right to do what no page leads to is none, least of all at night."""
    known = acts()
    assert set(known[f"staff.{ends}"].act.roles) <= set(known[f"staff.{shown}"].act.roles)
