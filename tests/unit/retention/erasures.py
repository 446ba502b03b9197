"""Erasures in every state, for the tests of this room: made by the rules themselves, never by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from services.retention.clocks import rules as clock_rules
from services.retention.erasure.values import Answer, Erasure, Inactivation, Outcome, Scope, Standing, limits_on
from services.retention.execution import rules as execution_rules
from shared.calendar import OSLO
from shared.system import PARTICIPANTS

ACCOUNT, OTHER_ACCOUNT = UUID(int=0xACC0), UUID(int=0xACC1)
USER, OTHER_USER = UUID(int=0x5E40), UUID(int=0x5E41)
CERTIFICATE = UUID("5b0f8a57-6a3e-4a0e-9a7e-3c1d2e4f5a6b")
COMPANY, PERSON = Scope(account_id=ACCOUNT), Scope(account_id=ACCOUNT, user_id=USER)
LIMITS = limits_on(date(2026, 11, 30))

INACTIVATED = datetime(2026, 11, 30, 12, 0, tzinfo=OSLO)
DUE = datetime(2027, 2, 28, 0, 0, tzinfo=OSLO)
HOUR = timedelta(hours=1)
FINGERPRINTS = tuple(f"{n:016x}" for n in range(1, 8))
DONE = Answer(outcome=Outcome.DONE, counts={"row": 7, "session": 2})
FAILED = Answer(outcome=Outcome.FAILED)


def oslo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OSLO)


def scheduled(scope: Scope = COMPANY, at: datetime = INACTIVATED, number: int = 1) -> Erasure:
    (move,) = clock_rules.plan_erasure(
        Inactivation(scope=scope, inactivated_at=at), new_id=UUID(int=number), known=(), now=at, limits=LIMITS
    )
    return move.erasure


def halted(scope: Scope = COMPANY) -> Erasure:
    return execution_rules.halt(scheduled(scope), DUE).erasure


def announced(scope: Scope = COMPANY) -> Erasure:
    return execution_rules.announce(scheduled(scope), CERTIFICATE, DUE, LIMITS).erasure


def fenced(scope: Scope = COMPANY) -> Erasure:
    return execution_rules.fence(announced(scope), DUE + HOUR).erasure


def ordered(scope: Scope = COMPANY, participants: tuple[str, ...] = PARTICIPANTS) -> Erasure:
    return execution_rules.order(fenced(scope), participants, DUE + HOUR).erasure


def answered(erasure: Erasure, answer: Answer = DONE, *names: str) -> Erasure:
    for name in names or erasure.participants:
        erasure = execution_rules.record_answer(erasure, name, answer).erasure
    return erasure


def destroyed(scope: Scope = COMPANY, answer: Answer = DONE) -> Erasure:
    return execution_rules.destroy(answered(ordered(scope), answer), FINGERPRINTS, DUE + 2 * HOUR).erasure


def certified(scope: Scope = COMPANY) -> Erasure:
    return execution_rules.certify(destroyed(scope), DUE + 2 * HOUR).erasure


def cancelled(scope: Scope = COMPANY) -> Erasure:
    (move,) = clock_rules.call_off([scheduled(scope)], scope, DUE - HOUR, DUE - HOUR)
    return move.erasure


IN_EVERY_STATE = (scheduled, halted, announced, fenced, ordered, destroyed, certified, cancelled)


def inactive(asked_at: datetime, since: datetime = INACTIVATED) -> Standing:
    return Standing(state="inactive", inactivated_at=since, asked_at=asked_at)


def active(asked_at: datetime) -> Standing:
    return Standing(state="active", inactivated_at=None, asked_at=asked_at)


def unknown(asked_at: datetime) -> Standing:
    return Standing(state=None, inactivated_at=None, asked_at=asked_at)
