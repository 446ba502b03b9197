"""Undertakings, training and grants on a real database, from the first signature to the day somebody leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from services.staff.ended_records.feature import EndedRecords
from services.staff.grants import store as grant_store
from services.staff.grants.calls import GiveGrant, Grants, GrantShown, RevokeGrant
from services.staff.grants.values import AskedAct
from services.staff.people.calls import RecordExit
from services.staff.prerequisites.calls import (
    OwnPrerequisites,
    Prerequisites,
    RecordTraining,
    SignUndertaking,
    UndertakingText,
    WithdrawPrerequisite,
)
from shared.bus.alarms import open_alarms
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict, Forbidden, NotFound, Permanent, Unauthenticated
from shared.identifiers import new_token
from shared.staff import Act, Purpose, Role
from tests.in_process import ask, run, seen
from tests.staff_statements import decide

pytestmark = pytest.mark.integration

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)
SUPPORT = {"code": "ola", "role": Role.SUPPORT, "purpose": Purpose.CUSTOMER_SUPPORT, "last_day": date(2027, 11, 23)}
LOOKS = AskedAct(act=Act(roles=(Role.SUPPORT,)))


def sign(stage, code: str = "ola"):
    text = ask(stage.service, UndertakingText(language="nb"))
    return ask(stage.service, SignUndertaking(token=stage.session_of(code), text_sha256=text.sha256))


def train(stage, code: str = "ola", *, by: str = "staff:kari", on: date = TODAY):
    with acting_as(by):
        return ask(stage.service, RecordTraining(code=code, course="privacy-2026", completed_on=on))


def give(stage, by: str = "staff:kari", **changes) -> GrantShown:
    asked, two = GiveGrant(**SUPPORT | changes).to_json(), {"requested_by": by, "approved_by": "staff:boss"}
    return GrantShown.from_json(decide(stage.service, "give_grant", **asked, **two))


def permit(stage, code: str = "ola", passkeys: int = 2, asked: AskedAct = LOOKS):
    with stage.database.transaction() as tx:
        person = stage.service.people.person_of_code(tx, code)
        return stage.service.grants.permit(tx, person, asked, passkeys=passkeys, now=stage.clock.now())


def reason(stage, **changes) -> str:
    with pytest.raises(Forbidden) as refused:
        permit(stage, **changes)
    return refused.value.details["reason"]


@pytest.fixture
def ola(stage):
    """Somebody who has enrolled, with nothing else."""
    return stage.enrolled("ola")


@pytest.mark.clause("STAFF-2")
def test_nobody_is_granted_anything_before_they_have_signed_and_were_trained(stage, ola) -> None:
    for step, expected in ((sign, "undertaking_missing"), (train, "training_missing")):
        with pytest.raises(Forbidden) as refused:
            give(stage)
        assert refused.value.details == {"reason": expected}
        step(stage)
    given = give(stage)
    assert permit(stage).id == given.grant_id
    assert reason(stage, passkeys=1) == "passkeys_missing"
    assert [each for each in stage.events() if each[0] == "staff.grant_given"] == [
        (
            "staff.grant_given",
            "staff/ola",
            {
                "staff_code": "ola",
                "grant_id": str(given.grant_id),
                "role": "support",
                "purpose": "customer_support",
                "begins_at": "2026-11-23T12:00:00+00:00",
                "expires_at": "2027-11-23T23:00:00+00:00",
                "bootstrap": False,
                "account_ids": None,
            },
            "staff:kari",
        )
    ]


@pytest.mark.clause("STAFF-1")
def test_a_grant_for_some_customers_is_kept_told_and_shown_with_them_and_reaches_nobody_else(stage, ola) -> None:
    sign(stage), train(stage)
    mine, also_mine, other = sorted(uuid4() for _ in range(3))
    given = give(stage, account_ids=(also_mine, mine, mine))
    assert given.account_ids == (mine, also_mine)
    assert ask(stage.service, Grants(code="ola")).grants == (given,)
    assert [each[2]["account_ids"] for each in stage.events() if each[0] == "staff.grant_given"] == [
        [str(mine), str(also_mine)]
    ]
    for account_id in (mine, also_mine):
        assert permit(stage, asked=replace(LOOKS, account_id=account_id)).id == given.grant_id
    assert reason(stage, asked=replace(LOOKS, account_id=other)) == "other_account"
    assert reason(stage) == "some_customers"
    whole = give(stage, last_day=date(2026, 12, 24))
    assert whole.account_ids is None
    assert permit(stage).id == permit(stage, asked=replace(LOOKS, account_id=other)).id == whole.grant_id
    assert permit(stage, asked=replace(LOOKS, account_id=mine)).id == given.grant_id
    with pytest.raises(Conflict) as refused:
        give(stage, role=Role.STAFF_ADMIN, account_ids=(mine,))
    assert refused.value.details == {"reason": "role_without_customers"}


@pytest.mark.parametrize("written", [[], [uuid4() for _ in range(51)], [None]], ids=["none", "51", "null"])
def test_no_row_says_that_a_grant_is_for_no_customer_or_for_too_many(stage, ola, written) -> None:
    sign(stage), train(stage)
    given = give(stage, account_ids=(uuid4(),))
    with pytest.raises(psycopg.errors.CheckViolation):
        stage.owner.execute("UPDATE role_grant SET account_ids = %s::uuid[]", (written,))
    assert ask(stage.service, Grants(code="ola")).grants == (given,)


@pytest.mark.clause("STAFF-1")
def test_nobody_grants_anything_alone(stage, ola) -> None:
    sign(stage), train(stage)
    asked = GiveGrant(**SUPPORT)
    for by in ("staff:kari", "system"):
        with acting_as(by), pytest.raises(Forbidden) as refused:
            ask(stage.service, asked)
        assert refused.value.details == {"reason": "approval_missing"}
    alone = {"requested_by": "staff:kari", "approved_by": "staff:kari"}
    with pytest.raises(Forbidden) as refused:
        decide(stage.service, "give_grant", **asked.to_json(), **alone)
    assert refused.value.details == {"reason": "approved_by_who_asked"}
    assert ask(stage.service, Grants(code="ola")).grants == ()
    given = give(stage)
    assert (given.granted_by, given.approved_by) == ("staff:kari", "staff:boss")


@pytest.mark.clause("STAFF-2")
def test_access_ends_by_itself_where_an_undertaking_expires_and_comes_back_with_a_new_one(stage, ola) -> None:
    signed = sign(stage)
    stage.clock.move(300 * DAY)
    train(stage, on=date(2027, 9, 19))
    given = give(stage, last_day=date(2029, 9, 1))
    stage.clock.at = signed.expires_at - timedelta(seconds=1)
    run(stage.service, "end_expired")
    assert permit(stage).id == given.grant_id
    stage.clock.at = signed.expires_at
    assert reason(stage) == "undertaking_over"
    run(stage.service, "end_expired")
    run(stage.service, "end_expired")
    named = {"staff_code": "ola", "prerequisite_id": str(signed.prerequisite_id), "kind": "undertaking"}
    assert [each for each in stage.events() if each[0] == "staff.prerequisite_expired"] == [
        ("staff.prerequisite_expired", "staff/ola", named, "system")
    ]
    sign(stage)
    assert permit(stage).id == given.grant_id


@pytest.mark.clause("STAFF-1")
def test_who_leaves_has_no_grant_any_more_in_the_same_transaction(stage, ola) -> None:
    sign(stage), train(stage)
    given = give(stage)
    ask(stage.service, RecordExit(code="ola", reason="left"))
    assert reason(stage) == "person_left"
    (kept,) = ask(stage.service, Grants(code="ola")).grants
    assert (kept.live, kept.ended_because, kept.ended_at) == (False, "left", stage.clock.now())
    assert [each[2]["reason"] for each in stage.events() if each[0] == "staff.grant_revoked"] == ["left"]
    for refused in (train, give):
        with pytest.raises(Conflict):
            refused(stage)
    assert ask(stage.service, RevokeGrant(grant_id=given.grant_id)) == kept
    assert {each.kind for each in ask(stage.service, Prerequisites(code="ola")).prerequisites if each.live} == {
        "undertaking",
        "training",
    }


@pytest.mark.clause("STAFF-1")
def test_a_grant_ends_when_it_is_revoked_and_when_it_expires_and_each_is_told_once(stage, ola) -> None:
    sign(stage), train(stage)
    first, second = give(stage), give(stage, last_day=date(2026, 12, 24))
    with acting_as("staff:kari"):
        revoked = ask(stage.service, RevokeGrant(grant_id=first.grant_id))
    assert (revoked.live, revoked.ended_by, revoked.ended_because) == (False, "staff:kari", "revoked")
    assert permit(stage).id == second.grant_id
    stage.clock.at = second.expires_at
    assert reason(stage) == "grant_not_live"
    run(stage.service, "end_expired_grants")
    run(stage.service, "end_expired_grants")
    ended = [(each[0], each[2].get("grant_id")) for each in stage.events()][-2:]
    assert ended == [
        ("staff.grant_revoked", str(first.grant_id)),
        ("staff.grant_expired", str(second.grant_id)),
    ]
    with pytest.raises(NotFound):
        ask(stage.service, RevokeGrant(grant_id=uuid4()))


def test_a_grant_that_begins_later_gives_nothing_before(stage, ola) -> None:
    sign(stage), train(stage)
    given = give(stage, begins_on=date(2026, 12, 1))
    assert not given.live
    assert reason(stage) == "grant_not_live"
    stage.clock.at = given.begins_at
    assert permit(stage).id == given.grant_id
    assert give(stage, begins_on=date(2020, 1, 1)).begins_at == stage.clock.now()
    for begins_on in (date.max, date(2028, 1, 1)):
        with pytest.raises(Conflict):
            give(stage, begins_on=begins_on)


def test_nobody_grants_themselves_anything_or_certifies_their_own_training(stage, ola) -> None:
    sign(stage)
    with pytest.raises(Forbidden):
        train(stage, by="staff:ola")
    train(stage)
    with pytest.raises(Forbidden):
        give(stage, by="staff:ola")
    assert ask(stage.service, Grants(code="ola")).grants == ()


def test_only_the_text_of_today_is_signed_and_only_by_who_is_known(stage, ola) -> None:
    token = stage.session_of("ola")
    with pytest.raises(Conflict):
        ask(stage.service, SignUndertaking(token=token, text_sha256="0" * 64))
    text = ask(stage.service, UndertakingText(language="en"))
    with pytest.raises(Unauthenticated):
        ask(stage.service, SignUndertaking(token=new_token(), text_sha256=text.sha256))
    signed = ask(stage.service, SignUndertaking(token=token, text_sha256=text.sha256))
    assert (signed.recorded_by, signed.what, signed.live) == ("staff:ola", text.sha256, True)


@pytest.mark.clause("STAFF-2")
def test_what_was_recorded_by_mistake_counts_no_more(stage, ola) -> None:
    sign(stage)
    trained = train(stage)
    give(stage)
    withdrawn = WithdrawPrerequisite(prerequisite_id=trained.prerequisite_id, reason="mistaken")
    assert not ask(stage.service, withdrawn).live
    assert reason(stage) == "training_over"
    with pytest.raises(Conflict):
        ask(stage.service, withdrawn)
    with pytest.raises(NotFound):
        ask(stage.service, WithdrawPrerequisite(prerequisite_id=uuid4(), reason="outdated"))


def own(stage):
    """What ola sees of their own, and whether it ends soon."""
    shown = ask(stage.service, OwnPrerequisites(token=stage.session_of("ola"))).prerequisites
    return {(each.kind, each.ends_soon) for each in shown if each.live}


def test_what_ends_soon_waits_for_a_person(stage, ola) -> None:
    sign(stage), train(stage)
    give(stage)
    assert alarms(stage) == {}
    stage.clock.at = stage.clock.at.replace(year=2027, month=10, day=25)
    assert alarms(stage) == {"grants_end_soon": 1}
    stage.clock.at = stage.clock.at.replace(year=2028)
    assert alarms(stage) == {"grants_end_soon": 1, "prerequisites_end_soon": 2}
    assert own(stage) == {("undertaking", True), ("training", True)}
    sign(stage)
    assert own(stage) == {("undertaking", True), ("training", True), ("undertaking", False)}
    run(stage.service, "end_expired_grants")
    assert alarms(stage) == {"prerequisites_end_soon": 1}
    ask(stage.service, RecordExit(code="ola", reason="left"))
    assert alarms(stage) == {}


def alarms(stage) -> dict[str, int]:
    """What waits, but that there are no administrators: there are none here."""
    waiting = {each.spec.code: each.waiting.count for each in open_alarms((stage.service,))}
    assert waiting.pop("administrators_too_few", None) == 2
    return waiting


@pytest.mark.clause("STAFF-1", "STAFF-2")
def test_the_probes_see_what_was_granted_too_early_and_what_was_kept_too_long(stage, ola) -> None:
    sign(stage), train(stage)
    give(stage)
    assert set(seen(stage.service).values()) == {0}
    stage.owner.execute(
        "UPDATE prerequisite SET recorded_at = recorded_at + interval '1 hour' WHERE kind = 'training'"
    )
    assert contradicted(stage) == {"given_too_early"}
    stage.owner.execute(
        "UPDATE person SET state = 'left', left_at = invited_at, left_by = 'system', left_because = 'left'"
    )
    assert contradicted(stage) == {"given_too_early", "kept_after_exit", "keys_after_exit"}


def contradicted(stage) -> set[str]:
    return {name for name, count in seen(stage.service).items() if count}


def test_what_ended_is_recorded_for_three_years(stage, ola) -> None:
    sign(stage), train(stage)
    give(stage, last_day=date(2026, 12, 24))
    stage.clock.at = stage.clock.at.replace(year=2028, month=12)
    run(stage.service, "end_expired_grants")
    run(stage.service, "end_expired")
    stage.clock.at = stage.clock.at.replace(year=2031, month=12, day=1)
    run(stage.service, "forget_ended_records")
    assert len(ask(stage.service, Grants(code="ola")).grants) == 1
    stage.clock.at = stage.clock.at.replace(year=2032, month=1, day=2)
    run(stage.service, "forget_ended_records")
    assert ask(stage.service, Grants(code="ola")).grants == ()
    assert ask(stage.service, Prerequisites(code="ola")).prerequisites == ()


def test_the_trouble_of_one_kind_lets_no_other_be_recorded_for_longer(stage, ola) -> None:
    sign(stage), train(stage)
    give(stage, last_day=date(2026, 12, 24))
    stage.clock.at = stage.clock.at.replace(year=2028, month=12)
    run(stage.service, "end_expired_grants")
    stage.clock.at = stage.clock.at.replace(year=2032, month=1, day=2)

    def cannot(_tx: Transaction, _before: datetime, *, limit: int) -> int:
        raise Permanent(f"none of {limit}")

    ended = EndedRecords(database=stage.database, clock=stage.clock, forgets=(cannot, grant_store.forget))
    with pytest.raises(ExceptionGroup) as raised:
        ended.forget_ended_records()
    assert [type(each) for each in raised.value.exceptions] == [Permanent]
    assert ask(stage.service, Grants(code="ola")).grants == ()
