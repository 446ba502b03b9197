"""cases on a real database, and as a process of its own on a real broker."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from services.cases.affected.calls import ComputeAffected
from services.cases.board.calls import CaseBoard, CasesOfAccount
from services.cases.breach_register.calls import BreachRegister
from services.cases.costs.calls import ChargeCustomer, ShowCosts
from services.cases.decisions.calls import AddAffected, AssignCase
from services.cases.effects.announce_breach import AnnounceBreach
from services.cases.effects.calls import RetryEffect
from services.cases.effects.feature import Effects
from services.cases.effects.rules import TRIES_MOST
from services.cases.effects.values import Outcome
from services.cases.kinds.breach import TELL_CUSTOMERS, TELL_PERSONS
from services.cases.kinds.security_notice import TELL_HOLDERS
from services.cases.nonconformities.answer_customer import AnswerCustomer
from services.cases.notices.calls import DraftNotice
from services.cases.notices.order_letters import OrderLetters
from services.cases.notices.values import recipient_id
from services.cases.rights_requests.write_requester import WriteRequester
from services.cases.service import Cases
from services.cases.severity.calls import ShowSeverity
from services.notification.inbound_mail.events import AlarmMailReceived
from services.notification.letter_lifecycle.events import NotificationUnreachable
from services.registers.engine.events import RegisterChanged
from shared.actor import Actor
from shared.database import migrate
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from shared.events import Code, Received
from shared.hold_scope import Held
from shared.participation.values import Erasure, Purpose
from tests.in_process import ask, hear, invoke, run, seen
from tests.integration import running
from tests.integration.cases.handling import (
    EVA,
    HOUR,
    KARI,
    NOW,
    OLA,
    assess,
    bear_cost,
    enter,
    incident,
    published,
    report,
    show,
    step,
    tell,
    told,
)
from tests.paging import page_by_page
from tests.plugins.ledger import begin_ledger
from tests.staff_statements import decide

pytestmark = pytest.mark.integration
TELLING = (
    OrderLetters(TELL_CUSTOMERS), OrderLetters(TELL_PERSONS), OrderLetters(TELL_HOLDERS), AnswerCustomer(),
    WriteRequester(),
)  # fmt: skip


def rota_changed(cases: Cases) -> None:
    """The register of duty says that something of it has changed."""
    event = RegisterChanged(
        record_id=uuid4(), account_id=None, kind=Code("duty_rota"), state=Code("in_force"), revision=2,
        valid_from=date(2026, 11, 30), valid_to=None,
    )  # fmt: skip
    message = Received(
        id=uuid4(), event=event, source="registers", time=NOW, subject=event.subject, correlation_id=uuid4()
    )
    hear(cases, message)


@pytest.mark.clause("COST-1")
def test_a_customer_pays_only_where_two_persons_have_signed_it_for_its_own_part(cases, owner) -> None:
    x, y = uuid4(), uuid4()
    case_id = incident(cases, x, y)
    charge = {"case_id": case_id, "account_id": x, "reason": "reckless_use", "evidence_sha256": "ab" * 32}
    with pytest.raises(Forbidden):
        ask(cases, ChargeCustomer(**charge))
    with pytest.raises(Forbidden):
        decide(cases, "charge_customer", approved_by="staff:kari", **charge)
    with pytest.raises(Invalid):
        decide(cases, "charge_customer", **charge | {"reason": "own_fault"})
    with pytest.raises(Conflict):
        decide(cases, "charge_customer", **charge | {"account_id": uuid4()})
    with pytest.raises(Conflict, match="not about this customer"):
        bear_cost(cases, case_id, account_id=uuid4())
    assert ask(cases, ShowCosts(case_id=case_id)).costs == (), "what is refused changes nothing"

    decide(cases, "charge_customer", **charge)
    decide(cases, "charge_customer", **charge | {"account_id": y})
    bear_cost(cases, case_id, account_id=x)
    costs = ask(cases, ShowCosts(case_id=case_id)).costs
    shown = {(each.account_id, each.bearer): each.counts for each in costs}
    assert shown == {(x, "vendor"): True, (y, "customer"): True, (x, "customer"): False}
    (of_y,) = [each for each in costs if each.account_id == y]
    assert (of_y.decided_by, of_y.approved_by) == ("staff:kari", "staff:ola")
    told_of = published(owner, "case.cost_decided")
    assert [(each["actor"], each["data"]["approved_by"]) for each in told_of] == [
        ("staff:kari", "ola"), ("staff:kari", "ola"), ("staff:kari", None),
    ]  # fmt: skip
    bear_cost(cases, case_id)
    bear_cost(cases, case_id, account_id=x)
    charges = [each["data"] for each in published(owner, "case.charge_decided")]
    assert [(each["account_id"], each["bearer"]) for each in charges] == [
        (str(x), "customer"), (str(y), "customer"), (str(x), "vendor"), (str(y), "vendor"),
    ], "whoever has nothing to pay any more is told once"  # fmt: skip

    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=y, user_id=None, held=Held(), at=NOW)
    with cases.database.transaction() as tx:
        cases.participant.erase(tx, erasure)
        assert not cases.participant.is_left(tx, y, None)
    (after,) = [each for each in ask(cases, ShowCosts(case_id=case_id)).costs if each.cost_id == of_y.cost_id]
    assert (after.account_id, after.customer_erased, after.bearer) == (None, True, "customer")
    alarm = report(cases, "7", source="customer").case_id
    with pytest.raises(Conflict):
        bear_cost(cases, alarm)


@pytest.mark.clause("INCIDENT-1")
def test_the_register_has_every_breach_and_loses_nothing_by_an_erasure(cases, owner, clock) -> None:
    x = uuid4()
    case_id = incident(cases, x)
    assess(cases, case_id)
    enter(cases, case_id, "aware_at", NOW)
    controller, processor = step(cases, case_id, "decide_breach_both", "data_lost").opened
    version = show(cases, processor).version
    said = {
        "natures": ("data_lost",), "groups": ("users",), "data": ("names",), "consequences": ("data_missing",),
        "measures": ("data_restored",),
    }  # fmt: skip
    asked = {"case_id": processor, "version": version, "audience": "customers", "actor": KARI}
    ask(cases, DraftNotice(**asked, **said))
    step(cases, controller, "assess_unlikely", "copy_exists")
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at, computed_at, customers, persons)"
        " VALUES (%s, %s, 'all', %s, 'staff:kari', %s, %s, 1, 4)",
        (uuid4(), processor, NOW, NOW, NOW),
    )
    before = ask(cases, BreachRegister())
    with cases.database.transaction() as tx:
        cases.participant.erase(
            tx, Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=x, user_id=None, held=Held(), at=NOW)
        )
        assert not cases.participant.is_left(tx, x, None)
    after = ask(cases, BreachRegister())
    assert after == before, "what it says outlives whom it is about"
    mine, theirs = after.breaches
    assert (mine.twins, theirs.twins) == ((theirs.reference,), (mine.reference,)), "both parts, linked"
    assert {mine.incident, theirs.incident} == {show(cases, case_id).reference}
    assert [each.step for each in mine.decisions] == ["decide_breach_both", "assess_unlikely"]
    assert (mine.state, mine.measures, mine.customers) == ("registered_only", ("data_restored",), None)
    assert (theirs.customers, theirs.persons, theirs.severity_score) == (1, 4, "2.25")
    said_of_people = json.dumps([each.to_json() for each in after.breaches])
    assert "kari" not in said_of_people
    assert str(x) not in said_of_people
    first = ask(cases, BreachRegister(limit=1))
    (second,) = ask(cases, BreachRegister(after=first.breaches[0].case_id, limit=1)).breaches
    assert (first.complete, second) == (False, theirs)


@pytest.mark.clause("BREACH-1")
def test_severity_stands_beside_the_decision_that_was_made_while_it_counted(cases, owner, clock) -> None:
    case_id = incident(cases)
    assess(cases, case_id)
    clock.move(HOUR)
    assess(cases, case_id, context="sensitive", flags=())
    enter(cases, case_id, "aware_at", NOW)
    (breach,) = step(cases, case_id, "decide_breach_controller", "exfiltration").opened
    newer, older = ask(cases, ShowSeverity(case_id=case_id)).assessments
    assert [(each.score, each.band) for each in (newer, older)] == [("3.75", "high"), ("2.25", "medium")]
    (decision,) = show(cases, case_id).decisions
    assert (newer.decision_ids, older.decision_ids) == ((decision.decision_id,), ())
    with pytest.raises(Conflict):
        assess(cases, case_id)
    inherited = ask(cases, ShowSeverity(case_id=breach))
    assert [each.assessment_id for each in inherited.assessments] == [newer.assessment_id, older.assessment_id]
    assert len(inherited.examples) == 18
    clock.move(HOUR)
    assess(cases, breach, context="simple", intent="accidental")
    assert step(cases, breach, "assess_high", "sensitive_data").state == "notifying_high", (
        "a low score decides nothing"
    )
    told_of = published(owner, "case.severity_assessed")
    assert [each["actor"] for each in told_of] == ["staff:kari"] * 3
    alarm = report(cases, "9", source="customer").case_id
    with pytest.raises(Conflict):
        assess(cases, alarm)


@pytest.mark.clause("INCIDENT-1", "BREACH-1", "WATCH-3")
def test_an_alarm_leads_to_an_incident_and_one_decision_to_two_breaches(cases, owner, clock) -> None:
    x, y = uuid4(), uuid4()
    alarm = report(cases, account_ids=(x, y))
    assert (show(cases, alarm.case_id).owner, alarm.is_new) == ("staff:kari", True)
    (incident_id,) = step(cases, alarm.case_id, "promote", "needs_investigation").opened
    before = show(cases, incident_id)
    assert {each.step: each.lacking for each in before.steps}["decide_breach_both"] == ("aware_at",)
    enter(cases, incident_id, "aware_at", NOW)
    decided = step(cases, incident_id, "decide_breach_both", "unauthorised_access", actor=OLA)

    controller, processor = (show(cases, each) for each in decided.opened)
    assert (controller.kind, processor.kind) == ("breach_controller", "breach_processor")
    due = {each.rule: each.statutory_due for each in controller.clocks}
    assert due["breach.dpa_deadline_hours"] == NOW + 72 * HOUR
    assert set(controller.account_ids) == set(processor.account_ids) == {x, y}
    links = {(each.link, each.case_id, each.is_from) for each in controller.links}
    assert links == {("promoted_to", incident_id, True), ("twin", processor.case_id, False)}
    (decision,) = show(cases, incident_id).decisions
    assert (decision.decided_by, decision.reason) == ("staff:ola", "unauthorised_access")

    assert show(cases, incident_id).not_carried_out == 1, "decided, and not carried out"
    run(cases, "carry_out_effects")
    events = told(owner)
    assert [each["type"] for each in events] == [
        "case.opened", "case.instant_entered",
        "case.opened", "case.instant_entered", "incident.opened", "case.step_taken",
        "case.instant_entered",
        *["case.opened", "case.instant_entered", "case.instant_entered"] * 2, "case.step_taken", "breach.detected",
    ]  # fmt: skip
    assert events[-1]["data"]["parties"] == ["controller", "processor"]
    assert events[-1]["actor"] == "staff:ola", "whoever decided says so, whenever it is carried out"
    assert str(x) not in json.dumps(events), "no event says whom a case is about"

    clock.move(25 * HOUR)
    run(cases, "watch_clocks")
    passed = [each["data"] for each in told(owner) if each["type"] == "case.clock_passed"]
    assert {(each["case_id"], each["rule"], each["reached"]) for each in passed} == {
        (str(controller.case_id), "breach.dpa_deadline_hours", "warning"),
        (str(controller.case_id), "state.assessing", "over"),
        (str(processor.case_id), "breach.controller_notice_target_hours", "over"),
    }
    assert show(cases, processor.case_id).owner == "staff:ola", "who is next on duty takes over"
    run(cases, "watch_clocks")
    assert len([each for each in told(owner) if each["type"] == "case.clock_passed"]) == len(passed)


def test_ten_thousand_alarms_of_one_thing_are_one_case_with_a_count(cases, owner) -> None:
    first = report(cases)
    owner.execute("UPDATE case_file SET signals = 9990")
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda number: report(cases, str(number)), range(2, 12)))
    assert {each.case_id for each in answers} == {first.case_id}
    assert not any(each.is_new for each in answers)
    assert show(cases, first.case_id).signals == 10_000
    assert report(cases, "7") == answers[5], "what comes twice is one"
    assert show(cases, first.case_id).signals == 10_000
    assert report(cases, "7", source="vendor").case_id != first.case_id
    with pytest.raises(Conflict) as refused:
        report(cases, "99", detected_at=NOW - 3 * HOUR)
    assert refused.value.details == {"reason": "not_confirmed"}, "a slip of the pen makes no clock start earlier"
    earlier = report(cases, "99", detected_at=NOW - 3 * HOUR, confirmed=True)
    assert earlier.case_id == first.case_id
    instants = {each.name: each.at for each in show(cases, earlier.case_id).instants if each.counts}
    assert instants["detected_at"] == NOW - 3 * HOUR


@pytest.mark.clause("WATCH-3")
def test_alarms_mailed_in_a_storm_are_one_case_that_knows_the_first_of_them(cases) -> None:
    def mailed(number: int) -> None:
        event = AlarmMailReceived(
            alarm_id=UUID(int=number % 40), sent_by=Code("host"), signal=Code("traffic"),
            received_at=NOW + timedelta(seconds=number) - HOUR,
        )  # fmt: skip
        message = Received(
            id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject, correlation_id=uuid4()
        )
        hear(cases, message)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(mailed, range(80)))
    (found,) = ask(cases, CaseBoard()).cases
    case = show(cases, found.case_id)
    assert (case.kind, case.opened_by, case.signal, case.signals) == ("alarm", "host", "traffic", 40)
    ahead = AlarmMailReceived(
        alarm_id=uuid4(), sent_by=Code("vendor"), signal=Code("other"), received_at=NOW + HOUR
    )
    message = Received(
        id=uuid4(), event=ahead, source="notification", time=NOW, subject=ahead.subject, correlation_id=uuid4()
    )
    hear(cases, message)
    (other,) = [each for each in ask(cases, CaseBoard()).cases if each.opened_by == "vendor"]
    assert {each.at for each in show(cases, other.case_id).instants} == {NOW}, "nothing is noticed in the future"


def test_which_cases_concern_a_customer_is_told_with_those_that_have_it_on_a_list(cases, owner, clock) -> None:
    x, y = uuid4(), uuid4()
    tell(cases, uuid4(), x)
    clock.move(HOUR)
    tell(cases, uuid4(), x, y, detector="brute_force")
    tell(cases, uuid4(), y)
    of_x = ask(cases, CasesOfAccount(account_id=x))
    assert ([each.kind for each in of_x.cases], of_x.next_after) == (["alarm", "incident"], None)
    first = ask(cases, CasesOfAccount(account_id=x, limit=1))
    second = ask(cases, CasesOfAccount(account_id=x, limit=1, after=first.next_after))
    assert (first.cases + second.cases, second.next_after) == (of_x.cases, None)
    assert ask(cases, CasesOfAccount(account_id=uuid4())).cases == ()
    z, (alarm, _) = uuid4(), of_x.cases
    list_id = uuid4()
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at)"
        " VALUES (%s, %s, 'all', now(), 'staff:kari', now())",
        (list_id, alarm.case_id),
    )
    for account_id in (x, z):
        owner.execute("INSERT INTO affected_subject VALUES (%s, %s, NULL)", (list_id, account_id))
    assert [each.case_id for each in ask(cases, CasesOfAccount(account_id=z)).cases] == [alarm.case_id]
    assert ask(cases, CasesOfAccount(account_id=x)).cases == of_x.cases, "each once"


@pytest.mark.clause("INCIDENT-1")
def test_s34_log_ins_that_succeed_in_an_attack_open_an_incident_by_themselves(cases, owner) -> None:
    x, y = uuid4(), uuid4()
    anomaly = uuid4()
    tell(cases, anomaly, x)
    tell(cases, anomaly, x, y)
    (found,) = ask(cases, CaseBoard()).cases
    assert ask(cases, CaseBoard(reference=found.reference)).cases == (found,)
    assert ask(cases, CaseBoard(reference=found.reference, state="ended")).cases == ()
    assert ask(cases, CaseBoard(reference="V-2222-22")).cases == ()
    case = show(cases, found.case_id)
    assert (case.kind, case.signal, case.owner) == ("incident", "login_success", "staff:kari")
    assert set(case.account_ids) == {x, y}, "what is told of the attack again goes into the same case"
    instants = {each.name: (each.at, each.entered_by) for each in case.instants}
    assert instants == {
        "detected_at": (NOW, "success_in_cluster"),
        "occurred_from": (NOW - HOUR, "success_in_cluster"),
        "occurred_to": (NOW, "success_in_cluster"),
    }
    assert [each["type"] for each in told(owner)] == [
        "case.opened", *["case.instant_entered"] * 3, "incident.opened"
    ]  # fmt: skip
    tell(cases, uuid4(), x, detector="brute_force")
    (alarm,) = ask(cases, CaseBoard(kind="alarm")).cases
    assert (alarm.signal, alarm.signals, alarm.subjects) == ("login_attack", 1, 1)
    tell(cases, uuid4(), x, detector="stuffing")
    tell(cases, uuid4(), y, detector="spraying")
    tell(cases, uuid4(), x, detector="company_spraying")
    attacks = [each for each in ask(cases, CaseBoard(kind="incident")).cases if each.signal == "login_attack"]
    assert [(each.signals, each.subjects) for each in attacks] == [(3, 2)], "one incident, with what else is seen"
    assert ask(cases, CaseBoard(kind="alarm")).cases == (alarm,)
    attack, z = uuid4(), uuid4()
    tell(cases, attack, z, detector="spraying")
    tell(cases, attack, z)
    (entered,) = [each for each in ask(cases, CasesOfAccount(account_id=z)).cases if each.signal == "login_success"]
    twins = [(each.link, each.case_id) for each in show(cases, entered.case_id).links]
    assert twins == [("twin", attacks[0].case_id)], "who decides about one sees the other"
    seen_at = show(cases, attacks[0].case_id).version
    tell(cases, uuid4(), x, detector="stuffing")
    case = show(cases, attacks[0].case_id)
    assert (case.version, case.signals) == (seen_at, 5), "who decides is not stopped by what names nobody more"


def test_two_persons_decide_at_once_and_one_of_them_is_told(cases) -> None:
    case_id = incident(cases)
    version = show(cases, case_id).version

    def decide(actor: Actor) -> str:
        try:
            return step(cases, case_id, "decide_no_breach", "false_alarm", version=version, actor=actor).state
        except Conflict as refused:
            return refused.details["reason"]

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(decide, (KARI, OLA))) == ["no_breach", "other_version"]
    assert len(show(cases, case_id).decisions) == 1


@pytest.mark.clause("INCIDENT-1")
def test_a_decision_without_a_reason_or_with_that_of_another_is_refused_and_changes_nothing(cases, owner) -> None:
    case_id = incident(cases)
    enter(cases, case_id, "aware_at", NOW)
    before = show(cases, case_id)
    asked = {
        "case_id": case_id,
        "version": before.version,
        "step": "decide_breach_processor",
        "actor": "staff:kari",
    }
    published_before = len(told(owner))
    for given in ({}, {"reason": ""}, {"reason": None}, {"reason": "it looks bad"}, {"reason": "false_alarm"}):
        with pytest.raises(Invalid) as refused:
            invoke(cases, "decide_case", **asked, **given)
        assert list(refused.value.details.get("fields", refused.value.details)) == ["reason"]
    assert show(cases, case_id) == before
    assert len(told(owner)) == published_before, "and nobody is told of a breach"


@pytest.mark.clause("BREACH-1")
def test_what_was_decided_is_carried_out_once_and_shown_until_it_is(cases, database, owner, clock) -> None:
    case_id = incident(cases)
    enter(cases, case_id, "aware_at", NOW)
    step(cases, case_id, "decide_breach_processor", "exfiltration", actor=OLA)
    (ordered,) = show(cases, case_id).effects
    assert (ordered.effect, ordered.state, ordered.tries) == ("announce_breach", "waiting", 0)

    tried = []

    class Failing:
        code = "announce_breach"

        def carry_out(self, tx, effect, file, now) -> Outcome:
            AnnounceBreach().carry_out(tx, effect, file, now)
            tried.append(effect.tries)
            raise Unavailable("killed here")

    failing = Effects(database=database, clock=clock, executors=(Failing(), *TELLING))
    for _ in range(TRIES_MOST):
        failing.carry_out_effects()
        clock.move(HOUR)
    failing.carry_out_effects()
    assert tried == list(range(TRIES_MOST)), "each try is counted, and at some point it ends"
    assert published(owner, "breach.detected") == [], "what a failed try did is undone with it"
    (given_up,) = show(cases, case_id).effects
    assert (given_up.state, given_up.last_error, given_up.next_at) == ("given_up", "Unavailable", None)
    assert seen(cases)["cases_not_carried_out"] == 1

    asked = RetryEffect(case_id=case_id, decision_id=given_up.decision_id, effect="announce_breach")
    ask(cases, asked)
    with pytest.raises(Conflict):
        ask(cases, asked)
    with pytest.raises(NotFound):
        ask(cases, RetryEffect(case_id=case_id, decision_id=uuid4(), effect="announce_breach"))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: run(cases, "carry_out_effects"), range(8)))
    for _ in range(3):
        clock.move(HOUR)
        run(cases, "carry_out_effects")
    (event,) = published(owner, "breach.detected")
    assert show(cases, case_id).not_carried_out == 1, "the broker has not confirmed it"
    assert [each.not_carried_out for each in ask(cases, CaseBoard(state="ended", kind="incident")).cases] == [1]
    owner.execute("UPDATE outbox SET published_at = now()")
    clock.move(HOUR)
    run(cases, "carry_out_effects")
    run(cases, "carry_out_effects")
    (done,) = show(cases, case_id).effects
    assert (done.state, done.confirmed_at, show(cases, case_id).not_carried_out) == ("confirmed", clock.now(), 0)
    assert published(owner, "breach.detected") == [event]
    assert [each["data"]["decision_id"] for each in published(owner, "case.effect_confirmed")] == [
        str(done.decision_id)
    ]
    assert seen(cases)["cases_not_carried_out"] == 0


def test_one_incident_takes_in_another_alarm_of_the_same_cause(cases) -> None:
    x = uuid4()
    case_id = incident(cases)
    started = show(cases, case_id).clocks
    alarm = report(cases, source="customer", account_ids=(x,), detected_at=NOW).case_id
    step(cases, alarm, "join_incident", "same_cause", other_id=case_id)
    joined = show(cases, case_id)
    assert (joined.signals, joined.account_ids, joined.clocks) == (2, (x,), started)
    assert show(cases, alarm).ended_at == NOW
    noticed = report(cases, "3", source="customer", detected_at=NOW - 2 * HOUR).case_id
    with pytest.raises(Conflict) as refused:
        step(cases, noticed, "join_incident", "same_cause", other_id=case_id)
    assert refused.value.details == {"reason": "not_confirmed"}
    assert show(cases, noticed).state == "new"
    step(cases, noticed, "join_incident", "same_cause", other_id=case_id, confirmed=True)
    assert {each.started_at for each in show(cases, case_id).clocks if not each.rule.startswith("state.")} == {
        NOW - 2 * HOUR
    }
    other = report(cases, "2", source="customer").case_id
    with pytest.raises(Invalid):
        step(cases, other, "join_incident", "same_cause", other_id=alarm)
    with pytest.raises(Conflict):
        step(cases, other, "join_alarm", "same_cause", other_id=alarm)
    with pytest.raises(Invalid):
        step(cases, other, "join_alarm", "same_cause", other_id=other)
    with pytest.raises(NotFound):
        step(cases, other, "join_alarm", "same_cause", other_id=uuid4())
    assert show(cases, other).state == "new", "what is refused changes nothing"


@pytest.mark.clause("INCIDENT-1")
def test_nobody_changes_what_was_decided_or_entered(cases, databases) -> None:
    case_id = incident(cases)
    step(cases, case_id, "investigate", "looked_at")
    with psycopg.connect(databases.dsn("cases"), autocommit=True) as connection:
        for table in (
            "case_decision",
            "case_instant",
            "case_intake",
            "case_link",
            "case_severity",
            "case_sighting",
        ):
            for words in (f"UPDATE {table} SET case_id = case_id", f"DELETE FROM {table}"):  # noqa: S608
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(words)


@pytest.mark.clause("ERASE-1", "INCIDENT-1")
def test_who_is_erased_in_the_middle_of_a_breach_is_counted_and_the_case_goes_on(cases, database, owner) -> None:
    x, y = uuid4(), uuid4()
    case_id = incident(cases, x, y)
    erasure = Erasure(purpose=Purpose.ORDERED, id=uuid4(), account_id=x, user_id=None, held=Held(), at=NOW)
    with database.transaction() as tx:
        step_done = cases.participant.erase(tx, erasure)
        assert not cases.participant.is_left(tx, x, None)
        assert cases.participant.erase(tx, erasure).counts == {"case_subjects": 0}
    assert step_done.counts == {"case_subjects": 2}, "in the alarm and in the incident"
    after = show(cases, case_id)
    assert (after.account_ids, after.subjects_erased, after.ended_at) == ((y,), 1, None)
    ((found,),) = owner.execute(
        "SELECT count(*) FROM case_file AS f, LATERAL (SELECT row_to_json(f)::text AS t) AS r WHERE r.t LIKE %s",
        (f"%{x}%",),
    ).fetchall()
    assert found == 0


@pytest.mark.clause("ERASE-1")
def test_whoever_is_gone_leaves_the_lists_but_for_what_is_held_until_it_is_released(cases, owner, rota) -> None:
    case_id, list_id, notice_id = incident(cases), uuid4(), uuid4()
    owner.execute(
        "INSERT INTO affected_list (id, case_id, scope, as_of, asked_by, asked_at)"
        " VALUES (%s, %s, 'all', now(), 'staff:kari', now())",
        (list_id, case_id),
    )
    owner.execute(
        "INSERT INTO breach_notice (id, case_id, number, audience, natures, groups, data, consequences, measures,"
        " advice, unknown, drafted_by, drafted_at)"
        " VALUES (%s, %s, 1, 'customers', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 'staff:kari', now())",
        (notice_id, case_id),
    )
    gone, held = uuid4(), uuid4()
    owner.execute("INSERT INTO restricted VALUES (%s, %s, NULL, '{cases}', 'hold', now())", (uuid4(), held))
    for account_id in (gone, held):
        recipient = recipient_id(notice_id, account_id, None)
        owner.execute("INSERT INTO affected_subject VALUES (%s, %s)", (list_id, account_id))
        owner.execute(
            "INSERT INTO notice_recipient (id, notice_id, account_id) VALUES (%s, %s, %s)",
            (recipient, notice_id, account_id),
        )
        event = NotificationUnreachable(
            letter_id=uuid4(), letter=Code("breach_notice"), account_id=account_id, user_id=None,
            reason=Code("recipient_gone"),
        )  # fmt: skip
        message = Received(
            id=uuid4(), event=event, source="notification", time=NOW, subject=event.subject, correlation_id=uuid4(),
            causation_id=recipient,
        )  # fmt: skip
        hear(cases, message)
    rota.knows_nobody = True
    for released, left in ((False, [(held,)]), (True, [])):
        if released:
            owner.execute("DELETE FROM restricted")
        run(cases, "see_who_is_gone")
        for table in ("affected_subject", "notice_recipient"):
            found = owner.execute(f"SELECT account_id FROM {table}").fetchall()  # noqa: S608
            assert found == left, table


def test_whom_a_case_is_about_is_added_until_it_ends(cases) -> None:
    x = uuid4()
    case_id = incident(cases, x)
    version = show(cases, case_id).version
    ask(cases, AddAffected(case_id=case_id, version=version, account_ids=(x, uuid4()), actor=KARI))
    with pytest.raises(Conflict):
        ask(cases, AddAffected(case_id=case_id, version=version, account_ids=(x,), actor=KARI))
    assert show(cases, case_id).subjects == 2
    ask(cases, AssignCase(case_id=case_id, version=version + 1, owner=EVA, actor=KARI))
    assert show(cases, case_id).owner == "staff:eva"


def test_a_case_is_about_nobody_who_is_not_there_or_is_of_another_company(cases, rota) -> None:
    x, y, theirs = uuid4(), uuid4(), uuid4()
    case_id = incident(cases, x)
    version = show(cases, case_id).version
    rota.strangers = {y, theirs}
    for account_ids, user_ids, field in (
        ((x, y), (), "account_ids"),
        ((x,), (theirs,), "user_ids"),
        ((x, uuid4()), (uuid4(),), "user_ids"),
    ):
        named = {"account_ids": account_ids, "user_ids": user_ids}
        with pytest.raises(Invalid) as refused:
            ask(cases, AddAffected(case_id=case_id, version=version, actor=KARI, **named))
        assert list(refused.value.details) == [field]
        with pytest.raises(Invalid):
            report(cases, "other", **named)
    assert show(cases, case_id).subjects == 1


@pytest.mark.clause("BREACH-1")
def test_a_list_that_cannot_be_computed_yet_keeps_no_other_waiting(cases, owner) -> None:
    for scope in ("all", "case"):
        case_id = incident(cases)
        enter(cases, case_id, "aware_at", NOW)
        _, processor = step(cases, case_id, "decide_breach_both", "exfiltration").opened
        version = show(cases, processor).version
        asked = ComputeAffected(case_id=processor, version=version, scope=scope, as_of=NOW - HOUR, actor=KARI)
        ask(cases, asked)
    run(cases, "compute_lists")
    computed = owner.execute("SELECT scope, computed_at IS NOT NULL FROM affected_list ORDER BY asked_at, id")
    assert computed.fetchall() == [("all", False), ("case", True)], "account is away, and only the first asks it"


def test_a_file_is_kept_as_long_as_one_that_came_from_it_is(cases, clock) -> None:
    case_id = incident(cases)
    (alarm_id,) = (each.case_id for each in show(cases, case_id).links)
    clock.move(timedelta(days=400))
    run(cases, "forget_files")
    assert show(cases, alarm_id).state == "promoted", "an open case keeps what it came from"
    step(cases, case_id, "decide_no_breach", "false_alarm", late_reason="nobody_on_duty")
    clock.move(timedelta(days=5 * 366 + 31))
    run(cases, "forget_files")
    run(cases, "forget_files")
    for gone in (case_id, alarm_id):
        with pytest.raises(NotFound):
            show(cases, gone)


def test_the_board_shows_what_is_due_first_and_alarms_what_is_wrong(cases, owner, clock) -> None:
    slow = report(cases, "1", source="customer", detected_at=NOW).case_id
    fast = report(cases, "2", source="customer", detected_at=NOW - 2 * HOUR).case_id
    board = ask(cases, CaseBoard()).cases
    assert [each.case_id for each in board] == [fast, slow]
    assert (board[0].next_rule, board[0].next_due) == ("breach.triage", NOW + 2 * HOUR)
    assert ask(cases, CaseBoard(kind="incident")).cases == ask(cases, CaseBoard(state="ended")).cases == ()
    found = seen(cases)
    assert (found["cases_overdue"], found["cases_without_owner"], found["clocks_outliving_their_case"]) == (0, 0, 0)
    owner.execute("UPDATE case_file SET owner = NULL WHERE id = %s", (fast,))
    owner.execute("UPDATE case_file SET ended_at = opened_at WHERE id = %s", (slow,))
    clock.move(3 * HOUR)
    found = seen(cases)
    assert (found["cases_overdue"], found["cases_without_owner"], found["clocks_outliving_their_case"]) == (1, 1, 1)


def test_what_a_machine_opens_while_nobody_is_on_duty_waits_for_an_owner(cases, owner, clock, rota) -> None:
    clock.move(timedelta(days=7))
    assert show(cases, report(cases).case_id).owner is None
    rota.weeks["2026-11-30"] = ("staff:ola", "staff:kari")
    run(cases, "copy_changed")
    assert on_duty(owner) == ["staff:kari"], "nothing was heard, so nobody was asked"
    rota_changed(cases)
    rota.away = True
    run(cases, "copy_changed")
    assert on_duty(owner) == ["staff:kari"], "the copy still counts"
    rota.away = False
    run(cases, "copy_changed")
    assert on_duty(owner) == ["staff:kari", "staff:ola"]
    assert owner.execute("SELECT count(*) FROM duty_change").fetchone() == (0,)
    clock.move(5 * HOUR)
    run(cases, "watch_clocks")
    assert [each.owner for each in ask(cases, CaseBoard()).cases] == ["staff:ola"]
    del rota.weeks["2026-11-30"]
    run(cases, "copy_duty")
    assert on_duty(owner) == ["staff:kari"], "what the register has no more counts no more"
    clock.move(timedelta(days=400))
    run(cases, "forget_duty")
    assert on_duty(owner) == []


def test_an_upgrade_leaves_the_rota_of_before_until_the_register_has_the_week(
    cases, databases, owner, rota
) -> None:
    _, own = migrate.folders_of("cases")
    first, *later = sorted(own.glob("*.sql"))
    with psycopg.connect(databases.owner_dsn("cases")) as upgraded:
        upgraded.execute("CREATE SCHEMA of_before")
        upgraded.execute("SET LOCAL search_path = of_before, public")
        upgraded.execute(first.read_bytes())
        upgraded.execute(
            "INSERT INTO duty (week_on, person, deputy, set_by, set_at)"
            " VALUES ('2026-11-30', 'staff:ola', 'staff:eva', 'staff:eva', now())"
        )
        for each in later:
            upgraded.execute(each.read_bytes())
        marked = upgraded.execute("SELECT of_before FROM duty").fetchall()
        upgraded.rollback()
    assert marked == [(True,)]

    before = "INSERT INTO duty VALUES (%s, 'staff:ola', 'staff:eva', now(), true)"
    for week in ("2026-11-30", "2026-12-07"):
        owner.execute(before, (week,))
    run(cases, "copy_duty")
    assert on_duty(owner) == ["staff:kari", "staff:ola", "staff:ola"], "the register says nothing of these weeks"
    rota.weeks["2026-12-07"] = ("staff:eva", "staff:kari")
    run(cases, "copy_duty")
    assert on_duty(owner) == ["staff:kari", "staff:ola", "staff:eva"]
    del rota.weeks["2026-12-07"]
    run(cases, "copy_duty")
    assert on_duty(owner) == ["staff:kari", "staff:ola"], "what the register has had counts by the register alone"


def on_duty(owner) -> list[str]:
    """Who is on duty week by week, as cases know it."""
    return [person for (person,) in owner.execute("SELECT person FROM duty ORDER BY week_on").fetchall()]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"detected_at": NOW + HOUR}, Invalid),
        ({"number": "kari@firma.example"}, Invalid),
        ({"signal": "Kari called"}, Invalid),
        ({"source": "detector"}, Invalid),
        ({"account_ids": (uuid4(), uuid4()), "user_ids": (uuid4(),)}, Invalid),
        ({"account_ids": tuple(uuid4() for _ in range(501))}, Invalid),
    ],
)
def test_bad_reports_are_refused_and_change_nothing(cases, owner, fields, error) -> None:
    with pytest.raises(error):
        report(cases, **fields)
    assert owner.execute("SELECT count(*) FROM case_file").fetchone() == (0,)
    assert told(owner) == []


def test_it_starts_and_is_ready(infrastructure, broker, databases, keyring_database, tmp_path) -> None:
    begin_ledger(infrastructure, tmp_path, keyring_database.owner_dsn())
    name, module = "cases", "tests.integration.run_service"
    settings = {"TEST_DATABASE": databases.name(name), "TEST_KEYRING": keyring_database.name("keyring")}
    with running.service(module, broker, name, folder=tmp_path, user=name, settings=settings) as process:
        assert process.poll() is None


def test_the_board_is_read_page_by_page_with_what_has_no_clock_last(cases, owner) -> None:
    ids = [report(cases, str(number), source="customer", detected_at=NOW - HOUR).case_id for number in range(5)]
    owner.execute("UPDATE case_clock SET stopped_at = now() WHERE case_id = ANY(%s)", (ids[:2],))

    def read(page, **asked):
        return invoke(cases, "case_board", **asked, **page)

    whole = read({})["cases"]
    assert [each["next_due"] is None for each in whole] == [False] * 3 + [True] * 2
    assert page_by_page(read, "cases") == whole
    assert read({}, state="overdue")["cases"] == []
    overdue = [UUID(each["case_id"]) for each in whole[:2]]
    owner.execute("UPDATE case_clock SET internal_due = %s WHERE case_id = ANY(%s)", (NOW, overdue))
    assert {UUID(each["case_id"]) for each in read({}, state="overdue")["cases"]} == set(overdue)
    assert len(page_by_page(lambda page: read(page, state="overdue"), "cases")) == 2
    owner.execute("UPDATE case_file SET ended_at = opened_at")
    ended = read({}, state="ended")["cases"]
    assert len(ended) == 5
    assert page_by_page(lambda page: read(page, state="ended"), "cases") == ended


def test_the_customers_of_a_case_are_counted_and_read_page_by_page(cases) -> None:
    named = sorted(uuid4() for _ in range(5))
    case_id = report(cases, account_ids=tuple(named)).case_id
    whole = show(cases, case_id)
    assert (whole.account_ids, whole.customers) == (tuple(named), 5)
    read = page_by_page(lambda page: invoke(cases, "case_customers", case_id=case_id, **page), "account_ids")
    assert read == [str(each) for each in named]
    with pytest.raises(NotFound):
        invoke(cases, "case_customers", case_id=uuid4())
