"""What a customer reports, from the event to the answer: a case of its own, its times, who is told of its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.account.nonconformities.events import NonconformityReported
from services.cases.board.calls import CaseBoard
from services.cases.decisions.calls import AddAffected, CheckRestored, DecideCase, TakeStep
from services.cases.nonconformities.calls import OwnNonconformities
from shared.case_references import reference_of
from shared.errors import Conflict, Invalid
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.examples import example
from tests.in_process import ask, hear, run
from tests.integration.cases.handling import HOUR, KARI, NOW, OLA, Rota, published, report, show, step

pytestmark = [pytest.mark.integration, pytest.mark.clause("COST-1", "NOTICE-3")]

X, OWNER, USER = uuid4(), uuid4(), uuid4()
SESSIONS = {"o" * 43: (OWNER, "owner"), "u" * 43: (USER, "user")}


class Door(Rota):
    """Beside who is on duty it knows whose a session is."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        from services.account.login.calls import Authenticated

        if (service, method) == ("account", "authenticate"):
            user_id, role = SESSIONS[fields["token"]]
            return example(Authenticated, account_id=str(X), user_id=str(user_id), role=role)
        return super().call(service, method, timeout_seconds=timeout_seconds, **fields)


@pytest.fixture
def rota():
    made = Door()
    made.weeks["2026-11-23"] = ("staff:kari", "staff:ola")
    return made


def reported(cases, *, user_id=USER, about: str = "agreement_not_kept", at=NOW, report_id=None):
    report_id = report_id or uuid4()
    event = NonconformityReported(account_id=X, user_id=user_id, report_id=report_id, about=Code(about))
    message = Received(
        id=uuid4(), event=event, source="account", time=at, subject=event.subject, correlation_id=uuid4()
    )
    hear(cases, message)
    return report_id


def take(cases, case_id, name: str, reason: str):
    asked = {"case_id": case_id, "version": show(cases, case_id).version, "actor": KARI}
    return ask(cases, TakeStep(step=name, reason=reason, **asked))


def own(cases, token: str):
    return [
        (each.reference, each.state, each.reason)
        for each in ask(cases, OwnNonconformities(token=token * 43)).nonconformities
    ]


def test_a_report_is_a_case_of_its_own_and_whoever_reported_hears_how_it_ended(cases, owner, clock) -> None:
    report_id = reported(cases, about="data_exposed")
    reported(cases, about="data_exposed", report_id=report_id)
    case = show(cases, report_id)
    assert (case.kind, case.signal, case.signals, case.owner) == ("nonconformity", "data_exposed", 1, "staff:kari")
    assert case.reference == reference_of(report_id), "the reference is the one that the customer was given"
    (limit,) = case.clocks
    assert limit.internal_due == datetime(2026, 12, 1, 23, tzinfo=UTC), "two working days from a Friday"
    assert (own(cases, "o"), own(cases, "u")) == ([(case.reference, "received", None)],) * 2
    reported(cases, user_id=OWNER)
    assert (len(own(cases, "o")), len(own(cases, "u"))) == (2, 1), "a user sees their own"
    assert len(ask(cases, CaseBoard(kind="nonconformity")).cases) == 2, "one report joins no other"

    take(cases, report_id, "examine", "looked_at")
    take(cases, report_id, "mend", "cause_known")
    mending = show(cases, report_id)
    with pytest.raises(Conflict) as undecided:
        step(cases, report_id, "find_corrected", "data_put_right", actor=OLA)
    assert undecided.value.details == {"reason": "breach_not_decided"}
    assert (show(cases, report_id), published(owner, "nonconformity.answered")) == (mending, [])
    assert step(cases, report_id, "decide_no_breach", "no_effect_on_data", actor=OLA).state == "examined"
    decided = step(cases, report_id, "find_corrected", "data_put_right", actor=OLA)
    assert decided.state == "corrected"
    run(cases, "carry_out_effects")
    (answered,) = published(owner, "nonconformity.answered")
    said = {name: answered["data"][name] for name in ("account_id", "user_id", "outcome", "reason")}
    assert said == {"account_id": str(X), "user_id": str(USER), "outcome": "corrected", "reason": "data_put_right"}
    assert answered["actor"] == "staff:ola"
    assert show(cases, report_id).not_carried_out == 1, "the broker has not confirmed it"
    owner.execute("UPDATE outbox SET published_at = now()")
    clock.move(timedelta(minutes=1))
    run(cases, "carry_out_effects")
    run(cases, "carry_out_effects")
    assert show(cases, report_id).not_carried_out == 0
    assert published(owner, "nonconformity.answered") == [answered]
    assert own(cases, "u") == [(case.reference, "corrected", "data_put_right")]

    take(cases, report_id, "reopen", "new_facts")
    with pytest.raises(Conflict):
        step(cases, report_id, "reject", "as_agreed")
    step(cases, report_id, "decide_no_breach", "false_alarm")
    step(cases, report_id, "reject", "as_agreed")
    run(cases, "carry_out_effects")
    assert [each["data"]["outcome"] for each in published(owner, "nonconformity.answered")] == [
        "corrected",
        "rejected",
    ]


def test_what_has_to_do_with_data_gone_astray_becomes_an_incident_that_keeps_its_instants(cases, clock) -> None:
    report_id = reported(cases, about="data_exposed", at=NOW - 3 * HOUR)
    asked = {"step": "promote", "reason": "personal_data_concerned", "actor": OLA}
    (incident_id,) = ask(cases, DecideCase(case_id=report_id, version=1, **asked)).opened
    incident = show(cases, incident_id)
    assert (incident.kind, incident.kind_version, incident.opened_by) == ("incident", 2, "nonconformity")
    assert incident.account_ids == (X,)
    instants = {each.name: (each.at, each.entered_by) for each in incident.instants}
    assert instants == {"detected_at": (NOW - 3 * HOUR, "customer")}, "we know of it since it was reported"
    due = {each.rule: each.internal_due for each in incident.clocks}
    assert due["breach.triage"] == NOW + HOUR


def test_staff_enter_what_they_are_told_by_telephone_and_the_company_hears_how_it_ended(cases, owner) -> None:
    fields = {"kind": "nonconformity", "signal": "agreement_not_kept", "account_ids": (X,)}
    case_id = report(cases, "tlf-1", source="customer", **fields).case_id
    assert report(cases, "tlf-1", source="customer", **fields).case_id == case_id, "what comes twice is one"
    with pytest.raises(Invalid):
        report(cases, "2", source="host", **fields)
    with pytest.raises(Conflict):
        step(cases, case_id, "reject", "as_agreed")
    take(cases, case_id, "examine", "looked_at")
    step(cases, case_id, "reject", "not_found")
    run(cases, "carry_out_effects")
    (answered,) = published(owner, "nonconformity.answered")
    assert (answered["data"]["account_id"], answered["data"]["user_id"]) == (str(X), None)


def test_whoever_reported_is_told_and_not_whom_staff_name_afterwards(cases, owner, clock) -> None:
    reporter, other = UUID(int=2**127), UUID(int=1)
    report_id = reported(cases, user_id=reporter)
    clock.move(timedelta(minutes=1))
    named = {"account_ids": (X,), "user_ids": (other,), "actor": KARI}
    ask(cases, AddAffected(case_id=report_id, version=show(cases, report_id).version, **named))
    take(cases, report_id, "examine", "looked_at")
    step(cases, report_id, "reject", "as_agreed")
    run(cases, "carry_out_effects")
    (answered,) = published(owner, "nonconformity.answered")
    assert answered["data"]["user_id"] == str(reporter)


@pytest.mark.clause("FORGET-1")
def test_where_a_restore_has_lost_who_reported_nobody_passes_for_told_before_a_person_has_looked(
    cases, owner, clock
) -> None:
    report_id = reported(cases)
    take(cases, report_id, "examine", "looked_at")
    owner.execute("DELETE FROM case_subject")
    owner.execute("UPDATE case_file SET restored_at = %s", (NOW,))
    step(cases, report_id, "reject", "as_agreed")
    run(cases, "carry_out_effects")
    assert show(cases, report_id).not_carried_out == 1
    ask(cases, CheckRestored(case_id=report_id, version=show(cases, report_id).version, actor=KARI))
    clock.move(timedelta(minutes=1))
    run(cases, "carry_out_effects")
    assert (show(cases, report_id).not_carried_out, published(owner, "nonconformity.answered")) == (0, [])


@pytest.mark.clause("ERASE-1")
def test_whoever_was_erased_meanwhile_is_told_nothing_and_the_case_ends(cases, owner, database) -> None:
    report_id = reported(cases)
    take(cases, report_id, "examine", "looked_at")
    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=X, user_id=None, held=Held(), at=NOW)
    with database.transaction() as tx:
        cases.participant.erase(tx, erasure)
    step(cases, report_id, "find_corrected", "fault_mended")
    run(cases, "carry_out_effects")
    assert published(owner, "nonconformity.answered") == []
    assert show(cases, report_id).not_carried_out == 0
    assert own(cases, "o") == []
