"""The promises of retention, one check a clause, through the rules that keep them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.retention.certificates import rules as certificate_rules
from services.retention.certificates import signing
from services.retention.clocks import rules as clock_rules
from services.retention.early_erasure import rules as early_rules
from services.retention.early_erasure.values import EarlyRequest
from services.retention.erasure.values import (
    Answer,
    Erasure,
    Inactivation,
    Notice,
    Outcome,
    Scope,
    Standing,
    State,
    limits_on,
)
from services.retention.execution import rules as execution_rules
from services.retention.execution.events import AccountErased
from services.retention.execution.values import Action
from shared.calendar import OSLO
from shared.errors import Invalid
from shared.signing import SigningKey
from shared.system import PARTICIPANTS
from shared.terms import BY_ID

pytestmark = pytest.mark.terms

ACCOUNT, USER = UUID(int=1), UUID(int=2)
LIMITS = limits_on(date(2026, 11, 30))


def inactive(at: datetime, user_id: UUID | None = None) -> Erasure:
    scope = Scope(account_id=ACCOUNT, user_id=user_id)
    (move,) = clock_rules.plan_erasure(
        Inactivation(scope=scope, inactivated_at=at), new_id=UUID(int=9), known=(), now=at, limits=LIMITS
    )
    return move.erasure


def action(erasure: Erasure, now: datetime, *, active: bool = False) -> Action:
    standing = Standing(
        state="active" if active else "inactive",
        inactivated_at=None if active else erasure.started_at,
        asked_at=now,
    )
    return execution_rules.next_step(erasure, standing, now, LIMITS).action


def erased(erasure: Erasure, now: datetime) -> Erasure:
    """Take an erasure through its whole course up to the destroyed keys."""
    erasure = execution_rules.fence(
        execution_rules.announce(erasure, UUID(int=7), now, LIMITS).erasure, now
    ).erasure
    erasure = execution_rules.order(erasure, PARTICIPANTS, now).erasure
    for name in PARTICIPANTS:
        erasure = execution_rules.record_answer(
            erasure, name, Answer(outcome=Outcome.DONE, counts={"row": 12})
        ).erasure
    return execution_rules.destroy(erasure, ["a" * 16], now).erasure


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("day", [28, 29, 30])
def test_s01_inactive_at_the_end_of_november_is_erased_on_the_last_of_february_and_not_a_minute_before(day):
    erasure = inactive(datetime(2026, 11, day, 12, 0, tzinfo=OSLO))
    assert erasure.due_on == date(2027, 2, 28)
    assert action(erasure, datetime(2027, 2, 27, 23, 59, tzinfo=OSLO)) is Action.WAIT
    assert action(erasure, datetime(2027, 2, 28, 0, 0, tzinfo=OSLO)) is Action.ANNOUNCE


@pytest.mark.clause("ERASE-1")
def test_s02_the_date_in_oslo_counts():
    assert inactive(datetime(2026, 11, 30, 23, 30, tzinfo=UTC)).due_on == date(2027, 3, 1)


@pytest.mark.clause("ERASE-1")
def test_s11_a_user_alone_is_due_three_months_after_their_own_deactivation():
    erasure = inactive(datetime(2026, 12, 15, 12, 0, tzinfo=OSLO), USER)
    assert (erasure.scope.user_id, erasure.due_on) == (USER, date(2027, 3, 15))


@pytest.mark.clause("ERASE-1")
def test_whoever_came_back_is_not_erased_even_when_nobody_said_so():
    erasure = inactive(datetime(2026, 11, 30, 12, 0, tzinfo=OSLO))
    assert action(erasure, datetime(2027, 2, 28, 0, 0, tzinfo=OSLO), active=True) is Action.CANCEL


@pytest.mark.clause("ERASE-1", "ERASE-2")
def test_the_figure_of_the_promise_is_the_figure_of_the_rule():
    assert LIMITS.months == BY_ID["ERASE-1"].value.amount == BY_ID["ERASE-2"].value.amount == 3


@pytest.mark.clause("ERASE-2")
def test_s04_a_terminated_contract_is_erased_three_months_after_the_last_day_of_its_notice():
    notice = Notice(noticed_on=date(2026, 12, 10), ends_on=date(2027, 1, 31))
    ended = Inactivation(
        scope=Scope(account_id=ACCOUNT), inactivated_at=datetime(2027, 2, 1, tzinfo=OSLO), notice=notice
    )
    (move,) = clock_rules.plan_erasure(
        ended, new_id=UUID(int=9), known=(), now=ended.inactivated_at, limits=limits_on(ended.promised_on)
    )
    assert (move.erasure.trigger.value, move.erasure.due_on) == ("contract_terminated", date(2027, 4, 30))
    assert action(move.erasure, datetime(2027, 4, 29, 23, 59, tzinfo=OSLO)) is Action.WAIT
    assert action(move.erasure, datetime(2027, 4, 30, 0, 0, tzinfo=OSLO)) is Action.ANNOUNCE


@pytest.mark.clause("ERASE-3", "ERASE-4")
def test_s05_a_written_request_that_two_persons_checked_is_carried_out_without_waiting_and_no_other():
    now = datetime(2026, 12, 15, 10, tzinfo=OSLO)
    request = EarlyRequest(
        id=UUID(int=8),
        account_id=ACCOUNT,
        requester_role="managing_director",
        evidence="brev-2026-114",
        received_on=now.date(),
        identity_check="call_back",
        authority_check="business_register",
        checked_by="staff:kari",
        approved_by="staff:ola",
        actor="staff:kari",
        export_offered_on=date(2026, 12, 11),
        registered_at=now,
    )
    early_rules.check(request, now.date())
    for missing in ({"approved_by": "staff:kari"}, {"export_offered_on": date(2026, 12, 16)}):
        with pytest.raises(Invalid):
            early_rules.check(replace(request, **missing), now.date())
    own = replace(request, user_id=UUID(int=4), requester_role="data_subject", authority_check="self")
    early_rules.check(own, now.date())
    with pytest.raises(Invalid):
        early_rules.check(replace(own, requester_role="managing_director"), now.date())
    (of_user,) = early_rules.begin(own, now, known=[], new_id=UUID(int=11), now=now)
    assert (of_user.erasure.scope, action(of_user.erasure, now)) == (own.scope, Action.ANNOUNCE)
    running = inactive(datetime(2026, 11, 30, 12, tzinfo=OSLO))
    called_off, planned = early_rules.begin(
        request, running.started_at, known=[running], new_id=UUID(int=10), now=now
    )
    assert called_off.erasure.state is State.CANCELLED
    assert planned.erasure.trigger.value == "early_request"
    assert action(planned.erasure, now) is Action.ANNOUNCE


@pytest.mark.clause("FORGET-2")
def test_the_proof_of_an_erasure_verifies_and_no_erasure_ends_without_it():
    now = datetime(2027, 2, 28, 0, 0, tzinfo=OSLO)
    erasure = erased(inactive(datetime(2026, 11, 30, 12, 0, tzinfo=OSLO)), now)
    key = SigningKey(bytes(32))
    certificate = certificate_rules.certificate_of(
        erasure, reference=UUID(int=5), sequence=1, previous=signing.GENESIS, software_version="0.1.0"
    )
    document = signing.sign(certificate, key)
    assert signing.verify_chain([document], [key.public]) == 1
    assert str(ACCOUNT) not in document
    move = execution_rules.certify(erasure, now)
    assert move.events == (AccountErased(account_id=ACCOUNT, certificate_id=UUID(int=7)),)
    assert move.erasure.state is State.CERTIFIED


@pytest.mark.clause("FORGET-2")
def test_once_the_keys_are_fenced_there_is_no_way_back():
    now = datetime(2027, 2, 28, 0, 0, tzinfo=OSLO)
    erasure = erased(inactive(datetime(2026, 11, 30, 12, 0, tzinfo=OSLO)), now)
    scope = Scope(account_id=ACCOUNT)
    assert clock_rules.call_off([erasure], scope, now, now + timedelta(hours=1)) == ()
    again = Inactivation(scope=scope, inactivated_at=now + timedelta(days=1))
    assert clock_rules.plan_erasure(again, new_id=UUID(int=10), known=[erasure], now=now, limits=LIMITS) == ()
