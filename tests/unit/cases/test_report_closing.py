"""What a customer reports that may be a breach is closed once it is decided that it was none, or as an incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.cases.engine import rules as engine
from services.cases.engine.values import CaseFile, Change, Signal
from services.cases.kinds.nonconformity import CORRECTED_BY, REJECTED_FOR
from services.cases.kinds.table import KINDS
from services.cases.nonconformities.rules import check_closing
from shared.errors import Conflict

pytestmark = [pytest.mark.unit, pytest.mark.clause("INCIDENT-1")]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
MAY_BE_BREACH = {
    "data_exposed", "data_lost", "device_lost", "login_success", "unusual_use", "wrong_recipient",
}  # fmt: skip
CLOSED = [("find_corrected", each) for each in CORRECTED_BY] + [("reject", each) for each in REJECTED_FOR]
each_version = pytest.mark.parametrize(
    "kind", [each for each in KINDS if each.code == "nonconformity"], ids=lambda kind: f"v{kind.version}"
)


def examined(kind, signal: str) -> CaseFile:
    opened = engine.opened(
        kind, opened_by="customer", signal=signal, received_at=NOW, entered=(), owner=None, now=NOW
    )  # fmt: skip
    return take(opened.after, "examine", "looked_at").after


def take(file: CaseFile, name: str, reason: str, *, now: datetime = NOW) -> Change:
    step = engine.kind_of(file.case).step(name)
    assert step is not None
    _, change = engine.take(
        file, name, decisive=step.decisive, version=file.case.version, reason=reason, late_reason=None,
        actor="staff:kari", now=now,
    )  # fmt: skip
    check_closing(change.after)
    return change


def test_that_it_was_no_breach_gives_the_case_no_new_time() -> None:
    file = examined(KINDS[-1], Signal.DATA_EXPOSED)
    for days in (1, 2):
        file = take(file, "decide_no_breach", "false_alarm", now=NOW + timedelta(days=days)).after
    (clock,) = [each for each in file.clocks if each.stopped_at is None]
    assert (clock.rule, clock.started_at, file.case.state_since) == ("state.examined", NOW, NOW)
    mending = take(file, "mend", "cause_known", now=NOW + timedelta(days=3)).after
    back = take(mending, "decide_no_breach", "false_alarm", now=NOW + timedelta(days=4)).after
    assert (back.case.state, back.case.state_since) == ("examined", NOW + timedelta(days=4))


def carried_out(change: Change) -> CaseFile:
    return engine.replace(change.after, effects=())


@each_version
@pytest.mark.parametrize("signal", [each.value for each in Signal])
def test_no_report_that_may_be_a_breach_is_closed_without_a_decision_about_that(kind, signal) -> None:
    for name, reason in CLOSED:
        if signal not in MAY_BE_BREACH and reason != "access_withdrawn":
            assert take(examined(kind, signal), name, reason).after.case.ended_at == NOW
            continue
        with pytest.raises(Conflict) as refused:
            take(examined(kind, signal), name, reason)
        assert refused.value.details == {"reason": "breach_not_decided"}
    assert take(examined(kind, signal), "promote", "needs_investigation").after.case.state == "promoted"


@pytest.mark.parametrize(("name", "reason"), CLOSED)
@pytest.mark.parametrize("is_mended", [False, True])
def test_once_it_was_no_breach_it_is_closed_and_after_reopening_it_is_decided_anew(name, reason, is_mended) -> None:
    kind = KINDS[-1]
    assert (kind.code, kind.version) == ("nonconformity", 2)
    file = examined(kind, Signal.DATA_EXPOSED)
    if is_mended:
        file = take(file, "mend", "cause_known").after
    file = take(file, "decide_no_breach", "no_effect_on_data").after
    assert (file.case.state, file.case.ended_at) == ("examined", None)
    if is_mended:
        file = take(file, "mend", "cause_known").after
    file = carried_out(take(file, name, reason))
    assert file.case.ended_at == NOW
    file = take(file, "reopen", "new_facts").after
    with pytest.raises(Conflict):
        take(file, name, reason)
    file = take(file, "decide_no_breach", "false_alarm").after
    assert take(file, name, reason).after.case.ended_at == NOW
