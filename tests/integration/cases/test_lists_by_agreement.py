"""A notice of changed security: what a restore loses of it is sent anew by two persons, and the case can end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.notices.calls import DraftSecurityNotice, OpenSecurityNotice, ShowNotices
from services.cases.service import Cases
from shared.errors import Conflict
from tests.in_process import ask, run
from tests.integration.cases.handling import HOUR, KARI, NOW, Rota, show, step
from tests.plugins.db_snapshot import SetBack
from tests.staff_statements import decide

pytestmark = [pytest.mark.integration, pytest.mark.clause("NOTICE-1", "FORGET-1")]

X, U = uuid4(), uuid4()
SAID: dict[str, Any] = {
    "changes": ("threat_grown",), "found_by": ("own_monitoring",), "plans": ("being_put_right",), "attempts": 1,
    "breaches": 0,
}  # fmt: skip


class Agreed(Rota):
    """The register has one agreement, that names one person, and account knows both."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        if method != "counting_records":
            return super().call(service, method, timeout_seconds=timeout_seconds, **fields)
        agreement = {
            "record_id": str(uuid4()), "account_id": str(X), "valid_from": str(NOW.date()), "valid_to": None,
            "fields": {"recipients": str(U)},
        }  # fmt: skip
        return {"records": [agreement], "next_after": None}


@pytest.fixture
def rota():
    made = Agreed()
    made.knows_nobody, made.subjects = True, [(X, U)]
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def list_holders(cases: Cases, case_id: UUID) -> None:
    version = show(cases, case_id).version
    ask(cases, ComputeAffected(case_id=case_id, version=version, scope="agreements", as_of=NOW, actor=KARI))


def draft(cases: Cases, case_id: UUID) -> None:
    version = show(cases, case_id).version
    ask(cases, DraftSecurityNotice(case_id=case_id, version=version, actor=KARI, **SAID))


def send(cases: Cases, case_id: UUID, name: str, *, version: int | None = None) -> None:
    seen = version or show(cases, case_id).version
    decide(cases, "decide_by_two", case_id=case_id, version=seen, step=name, reason="risk_changed")


def made_ready(cases: Cases, case_id: UUID) -> None:
    list_holders(cases, case_id)
    run(cases, "compute_lists")
    draft(cases, case_id)


def carried_out(cases: Cases, owner, clock) -> None:
    """The broker has what was decided."""
    run(cases, "carry_out_effects")
    owner.execute("UPDATE outbox SET published_at = now()")
    clock.move(timedelta(seconds=5))
    run(cases, "carry_out_effects")


def test_a_notice_that_a_restore_has_lost_is_sent_anew_by_two_and_the_case_can_end(
    cases, databases, owner, clock, ledger
) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    ledger.write()
    ledger.open()
    before = SetBack(databases.owner_dsn("cases"))
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice")
    ledger.write()
    before.restore()
    ledger.open()
    assert (show(cases, case_id).state, ask(cases, ShowNotices(case_id=case_id)).notices) == ("sending", ())
    carried_out(cases, owner, clock)
    with pytest.raises(Conflict) as refused:
        step(cases, case_id, "find_all_reached", "each_told")
    assert refused.value.details["reason"] == "not_carried_out", "nobody was told, and nobody says so"

    made_ready(cases, case_id)
    with pytest.raises(Conflict):
        send(cases, case_id, "send_security_notice")
    send(cases, case_id, "send_security_notice_more")
    clock.move(HOUR)
    carried_out(cases, owner, clock)
    owner.execute("UPDATE notice_recipient SET told_at = now()")
    assert step(cases, case_id, "find_all_reached", "each_told").state == "reached"
    assert [each.number for each in ask(cases, ShowNotices(case_id=case_id)).notices] == [1]


def test_another_notice_of_a_case_has_the_next_number_and_its_own_list(cases, clock) -> None:
    case_id = ask(cases, OpenSecurityNotice(actor=KARI)).case_id
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice")
    clock.move(timedelta(minutes=1))
    made_ready(cases, case_id)
    send(cases, case_id, "send_security_notice_more")
    shown = ask(cases, ShowNotices(case_id=case_id))
    assert [(each.number, each.recipients) for each in shown.notices] == [(2, 1), (1, 1)]
    assert [each.is_frozen for each in shown.lists] == [True, True]
