"""What becomes of cases: clocks, steps, instants, joining."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.audit.unusual_use.values import USE_DETECTORS
from services.cases.board.calls import REFERENCE
from services.cases.clocks.rules import deadline
from services.cases.clocks.values import Limit, Unit
from services.cases.duty import rules as duty
from services.cases.duty.values import OnDutyPair
from services.cases.engine import rules
from services.cases.engine.values import CaseFile, Entered, RunningClock, Signal
from services.cases.intake.rules import join_keys, opens
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment
from shared.case_references import reference_of
from shared.errors import Conflict, Invalid

pytestmark = pytest.mark.unit

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
AUTHORITY = "breach.dpa_deadline_hours"


def at_oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


def opened(kind: str, *, now: datetime = NOW, signal: str = Signal.OTHER, **moments: datetime) -> CaseFile:
    entered = [
        Entered(name=Moment(name), at=at, entered_by="staff:kari", recorded_at=now) for name, at in moments.items()
    ]
    return rules.opened(
        PRESENT[kind],
        opened_by=PRESENT[kind].opened_by[0],
        signal=signal,
        received_at=now,
        entered=entered,
        owner=None,
        now=now,
    ).after


def take(
    file: CaseFile, step: str, reason: str, *, now: datetime = NOW, late_reason: str | None = None
) -> CaseFile:
    declared = rules.kind_of(file.case).step(step)
    assert declared is not None
    _, change = rules.take(
        file,
        step,
        decisive=declared.decisive,
        version=file.case.version,
        reason=reason,
        late_reason=late_reason,
        actor="staff:kari",
        now=now,
    )
    return change.after


def enter(file: CaseFile, name: Moment, at: datetime, *, now: datetime = NOW, confirmed: bool = False) -> CaseFile:
    version = file.case.version
    return rules.enter(file, name, at, confirmed=confirmed, actor="staff:kari", version=version, now=now).after


def clock(file: CaseFile, rule: str) -> RunningClock:
    (found,) = (each for each in file.clocks if each.rule == rule)
    return found


# ── scenarios of the clocks ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("BREACH-1")
def test_s31_seventy_two_hours_run_through_a_weekend() -> None:
    aware = at_oslo("2026-11-27 17:00")
    file = opened("breach_controller", now=aware, detected_at=aware, aware_at=aware)
    assert clock(file, AUTHORITY).statutory_due == at_oslo("2026-11-30 17:00")


def test_seventy_two_hours_are_elapsed_time_through_the_change_of_clocks() -> None:
    aware = at_oslo("2027-03-26 17:00")
    file = opened("breach_controller", now=aware, detected_at=aware, aware_at=aware)
    assert clock(file, AUTHORITY).statutory_due == at_oslo("2027-03-29 18:00")


@pytest.mark.clause("INCIDENT-1")
def test_s33_failed_attempts_alone_are_an_incident_and_no_breach() -> None:
    file = opened("incident", signal=Signal.LOGIN_ATTACK, detected_at=NOW)
    file = take(file, "investigate", "looked_at")
    file = take(file, "decide_no_breach", "failed_attempts_only")
    assert (file.case.state, file.case.ended_at) == ("no_breach", NOW)
    assert [each.decided_by for each in file.decisions] == ["staff:kari", "staff:kari"]
    assert [each.reason for each in file.decisions] == ["looked_at", "failed_attempts_only"]


@pytest.mark.clause("BREACH-1")
def test_s35_the_hours_count_from_certainty_and_both_instants_stand() -> None:
    alert, certain = at_oslo("2027-01-15 09:00"), at_oslo("2027-01-16 14:00")
    file = opened("incident", now=alert, detected_at=alert)
    file = take(file, "investigate", "looked_at", now=alert + HOUR)
    file = enter(file, Moment.AWARE_AT, certain, now=certain)
    with pytest.raises(Invalid, match="late"):  # the alert is older than 24 hours: that is said, and why
        take(file, "decide_breach_controller", "unauthorised_access", now=certain)
    file = take(file, "decide_breach_controller", "unauthorised_access", now=certain, late_reason="facts_not_known")
    assert file.decisions[-1].is_late
    breach = opened("breach_controller", now=certain, detected_at=alert, aware_at=certain)
    assert clock(breach, AUTHORITY).statutory_due == at_oslo("2027-01-19 14:00")
    assert breach.moments[Moment.DETECTED_AT] == alert


@pytest.mark.clause("BREACH-1")
def test_s35_an_alert_without_triage_goes_to_who_is_next() -> None:
    file = opened("incident", detected_at=NOW)
    over = NOW + 4 * HOUR
    assert rules.told(file.case, clock(file, "breach.triage"), over - HOUR) is None
    after, mark = rules.told(file.case, clock(file, "breach.triage"), over) or pytest.fail("nobody is told")
    assert (mark, after.next_at) == (over, None)
    assert rules.told(file.case, after, over + 99 * HOUR) is None
    pair = OnDutyPair("staff:kari", "staff:ola")
    assert duty.next_owner("staff:kari", pair) == "staff:ola"
    assert duty.next_owner("staff:ola", pair) == "staff:ola"
    assert duty.next_owner(None, pair) == "staff:kari"
    assert duty.next_owner("staff:eva", None) == "staff:eva"


@pytest.mark.clause("BREACH-1")
def test_s37_a_late_notice_goes_out_and_says_why() -> None:
    aware = NOW - 80 * HOUR
    file = opened("breach_controller", detected_at=aware, aware_at=aware)
    file = take(file, "assess_risk", "many_persons")
    with pytest.raises(Conflict, match="instant"):
        take(file, "notify_authority", "partial")
    file = enter(file, Moment.NOTIFIED_AT, NOW)
    with pytest.raises(Invalid) as refused:
        take(file, "notify_authority", "partial")
    assert "late_reason" in refused.value.details
    file = take(file, "notify_authority", "partial", late_reason="facts_not_known")
    decision = file.decisions[-1]
    assert (decision.is_late, decision.late_reason, decision.reason) == (True, "facts_not_known", "partial")
    assert clock(file, "state.following_up").stopped_at is None, "what is partial is followed up"


def test_a_notice_in_time_is_not_late_though_it_is_noted_afterwards() -> None:
    aware = NOW - 80 * HOUR
    file = opened("breach_controller", detected_at=aware, aware_at=aware)
    file = enter(take(file, "assess_risk", "many_persons"), Moment.NOTIFIED_AT, aware + 70 * HOUR)
    assert not take(file, "notify_authority", "complete").decisions[-1].is_late


@pytest.mark.clause("INCIDENT-1")
def test_s38_an_encrypted_disk_is_registered_with_reasons_and_not_notified() -> None:
    file = opened("breach_controller", detected_at=NOW, aware_at=NOW)
    file = take(file, "assess_unlikely", "data_unreadable")
    assert (file.case.state, file.decisions[-1].reason) == ("registered_only", "data_unreadable")
    assert all(each.stopped_at for each in file.clocks)


@pytest.mark.clause("BREACH-1")
def test_s39_at_high_risk_the_authority_and_the_people_are_told() -> None:
    file = opened("breach_controller", detected_at=NOW, aware_at=NOW)
    later = NOW + 2 * HOUR
    file = take(file, "assess_high", "sensitive_data", now=later)
    assert clock(file, "breach.persons").started_at == later
    file = enter(file, Moment.NOTIFIED_AT, later, now=later)
    file = take(file, "notify_authority_high", "complete", now=later)
    assert clock(file, "breach.persons").stopped_at is None
    assert clock(file, AUTHORITY).stopped_at == later
    told = take(file, "tell_persons", "complete", now=later)
    assert [each.code for each in told.not_carried_out] == ["tell_persons"]
    with pytest.raises(Conflict):
        take(told, "close_told", "followed_up", now=later)
    file = take(file, "persons_told", "public_notice", now=later)
    assert take(file, "close_told", "followed_up", now=later).case.state == "persons_told"


@pytest.mark.clause("BREACH-1")
def test_people_at_high_risk_are_told_before_the_authority_where_that_is_sooner() -> None:
    file = opened("breach_controller", detected_at=NOW, aware_at=NOW)
    file = take(file, "assess_high", "passwords_exposed")
    file = take(file, "tell_persons_first", "complete", now=NOW + 2 * HOUR)
    assert [each.code for each in file.not_carried_out] == ["tell_persons"]
    assert (clock(file, "breach.persons").stopped_at, clock(file, AUTHORITY).stopped_at) == (NOW + 2 * HOUR, None)
    file = enter(file, Moment.NOTIFIED_AT, NOW + 9 * HOUR, now=NOW + 9 * HOUR)
    file = take(file, "notify_authority_told", "complete", now=NOW + 9 * HOUR)
    assert (file.case.state, file.decisions[-1].is_late) == ("following_up_told", False)
    assert clock(file, AUTHORITY).stopped_at == NOW + 9 * HOUR


def supporting(aware: datetime) -> CaseFile:
    """A breach of which customers were told, the first one with a mandate at this instant."""
    file = opened("breach_processor", detected_at=NOW - 99 * HOUR, aware_at=NOW - 99 * HOUR)
    file = take(file, "freeze_affected", "affected_known")
    file = take(file, "tell_customers", "complete", late_reason="found_out_late")
    entered = Entered(name=Moment.CUSTOMER_AWARE_AT, at=aware, entered_by="notification", recorded_at=NOW)
    return rules.entered_in(file, entered).after


@pytest.mark.clause("BREACH-1")
def test_the_hours_of_customers_with_a_mandate_run_warn_and_are_answered_once() -> None:
    aware = NOW - 80 * HOUR
    file = supporting(aware)
    running = clock(file, AUTHORITY)
    assert (running.statutory_due, running.next_at) == (aware + 72 * HOUR, aware + 24 * HOUR)
    assert rules.marks_of(file.case, running) == tuple(aware + hours * HOUR for hours in (24, 48, 66, 72))
    with pytest.raises(Invalid):
        enter(file, Moment.CUSTOMER_AWARE_AT, aware - HOUR)
    file = enter(file, Moment.NOTIFIED_AT, NOW)
    with pytest.raises(Invalid) as refused:
        take(file, "notify_authority_for", "first")
    assert "late_reason" in refused.value.details
    filed = take(file, "notify_authority_for", "first", late_reason="facts_not_known")
    assert (filed.decisions[-1].is_late, filed.decisions[-1].late_reason) == (True, "facts_not_known")
    assert (filed.case.state, clock(filed, AUTHORITY).stopped_at) == ("supporting", NOW)
    again = take(filed, "notify_authority_for", "full", now=NOW + 99 * HOUR)
    assert not again.decisions[-1].is_late, "the first notice kept the time, or broke it"
    left = take(file, "leave_to_customers", "customers_notify")
    assert clock(left, AUTHORITY).stopped_at == NOW
    told_more = take(filed, "tell_customers_more", "complete", now=NOW + HOUR)
    assert clock(told_more, AUTHORITY).stopped_at == NOW, "it does not run again"


def test_a_notice_for_customers_in_time_asks_for_no_reason() -> None:
    file = enter(supporting(NOW - 80 * HOUR), Moment.NOTIFIED_AT, NOW - 20 * HOUR)
    assert not take(file, "notify_authority_for", "full").decisions[-1].is_late


# ── clocks ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (Limit(4, Unit.HOURS), "2026-12-23 23:30"),
        (Limit(7, Unit.DAYS), "2026-12-31 00:00"),
        (Limit(2, Unit.WORKING_DAYS), "2026-12-29 00:00"),
        (Limit(1, Unit.MONTHS), "2027-01-23 00:00"),
    ],
)
def test_limits_by_the_calendar(limit: Limit, due: str) -> None:
    """The 23rd of December at 19:30; Christmas falls on Friday and Saturday."""
    assert deadline(at_oslo("2026-12-23 19:30"), limit).internal_due == at_oslo(due)


def test_a_month_that_ends_on_a_closed_day_has_two_ends() -> None:
    due = deadline(at_oslo("2026-12-23 19:30"), Limit(1, Unit.MONTHS))
    assert due.statutory_due == at_oslo("2027-01-26 00:00")


def test_a_limit_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Limit(0, Unit.HOURS)


def test_warnings_come_one_by_one_and_after_a_pause_the_newest_alone() -> None:
    file = opened("breach_controller", detected_at=NOW, aware_at=NOW)
    running, seen = clock(file, AUTHORITY), []
    for hours in (23, 24, 25, 48, 66, 71, 72, 99):
        found = rules.told(file.case, running, NOW + hours * HOUR)
        if found is not None:
            running, mark = found
            seen.append((hours, (mark - NOW) // HOUR))
    assert seen == [(24, 24), (48, 48), (66, 66), (72, 72)]
    after, mark = rules.told(file.case, clock(file, AUTHORITY), NOW + 70 * HOUR) or pytest.fail("nobody is told")
    assert ((mark - NOW) // HOUR, after.next_at) == (66, NOW + 72 * HOUR)


def test_a_reopened_incident_goes_on_with_the_clock_it_had() -> None:
    file = opened("incident", detected_at=NOW)
    file = take(file, "decide_no_breach", "false_alarm")
    file = take(file, "reopen", "new_facts", now=NOW + 5 * HOUR)
    decided = clock(file, "breach.decision")
    assert (decided.started_at, decided.stopped_at) == (NOW, None)
    assert file.decisions[1].supersedes == file.decisions[0].id
    assert file.case.ended_at is None


def test_the_clock_of_a_state_begins_with_each_stay_in_it() -> None:
    file = take(opened("alarm", detected_at=NOW), "acknowledge", "looked_at")
    file = take(file, "find_harmless", "false_alarm", now=NOW + HOUR)
    file = take(file, "reopen", "new_facts", now=NOW + 2 * HOUR)
    stays = [each for each in file.clocks if each.rule == "state.acknowledged"]
    assert [(each.round, each.started_at) for each in stays] == [(1, NOW), (2, NOW + 2 * HOUR)]
    assert [each.stopped_at for each in stays] == [NOW + HOUR, None]


# ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.clause("INCIDENT-1")
def test_what_is_no_longer_as_it_was_seen_is_refused() -> None:
    file = opened("alarm", detected_at=NOW)
    for fields in ({"version": 2}, {"decisive": True}, {"step_code": "investigate"}):
        asked = {"step_code": "acknowledge", "decisive": False, "version": 1} | fields
        with pytest.raises(Conflict):
            rules.take(
                file,
                asked["step_code"],
                decisive=asked["decisive"],
                version=asked["version"],
                reason="looked_at",
                late_reason=None,
                actor="staff:kari",
                now=NOW,
            )


def test_a_step_is_taken_for_a_reason_of_its_own_and_names_them() -> None:
    with pytest.raises(Invalid, match="reasons") as refused:
        take(opened("alarm", detected_at=NOW), "acknowledge", "false_alarm")
    step = PRESENT["alarm"].step("acknowledge")
    assert step is not None
    assert refused.value.details == {"reason": [f"one of {', '.join(step.reasons)}"]}


def test_no_breach_is_decided_before_anybody_says_when_it_was_certain() -> None:
    with pytest.raises(Conflict) as refused:
        take(opened("incident", detected_at=NOW), "decide_breach_both", "exfiltration")
    assert refused.value.details["lacking"] == ["aware_at"]


# ── instants ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_future_is_refused() -> None:
    with pytest.raises(Invalid):
        opened("alarm", detected_at=NOW + timedelta(seconds=1))
    with pytest.raises(Invalid):
        enter(opened("incident", detected_at=NOW), Moment.AWARE_AT, NOW + timedelta(seconds=1))


def test_earlier_knowledge_moves_the_clock_back_once_it_is_confirmed() -> None:
    file = opened("incident", detected_at=NOW)
    with pytest.raises(Conflict, match="confirmed"):
        enter(file, Moment.DETECTED_AT, NOW - 3 * HOUR)
    moved = enter(file, Moment.DETECTED_AT, NOW - 3 * HOUR, confirmed=True)
    assert clock(moved, "breach.triage").internal_due == NOW + HOUR
    assert [each.at for each in moved.entered] == [NOW, NOW - 3 * HOUR], "what was entered before still stands"
    with pytest.raises(Conflict, match="later"):
        enter(moved, Moment.DETECTED_AT, NOW, confirmed=True)
    assert moved.case.version == 2


def test_a_clock_that_had_stopped_stays_so_when_its_start_moves_back() -> None:
    file = take(opened("incident", detected_at=NOW), "investigate", "looked_at")
    moved = enter(file, Moment.DETECTED_AT, NOW - HOUR, confirmed=True)
    assert clock(moved, "breach.triage").stopped_at == NOW


@pytest.mark.parametrize(
    ("name", "at"),
    [
        (Moment.AWARE_AT, NOW - HOUR),
        (Moment.OCCURRED_FROM, NOW + HOUR),
    ],
)
def test_instants_that_contradict_each_other_are_refused(name: Moment, at: datetime) -> None:
    with pytest.raises(Invalid):
        enter(opened("incident", detected_at=NOW), name, at, now=NOW + 2 * HOUR)


def test_nothing_is_entered_in_a_case_that_has_ended() -> None:
    file = take(opened("incident", detected_at=NOW), "decide_no_breach", "false_alarm")
    with pytest.raises(Conflict, match="ended"):
        enter(file, Moment.OCCURRED_FROM, NOW - HOUR)


# ── joining, owners, duty ─────────────────────────────────────────────────────────────────────────────────────


def test_joining_keeps_the_earliest_receipt_and_resets_no_clock() -> None:
    file = opened("incident", detected_at=NOW)
    joined = rules.joined(
        file, received_at=NOW + HOUR, detected_at=NOW + HOUR, signals=3, source="V-2345-67", now=NOW + HOUR
    ).after
    assert (joined.case.received_at, joined.case.signals) == (NOW, 4)
    assert joined.clocks == file.clocks
    earlier = rules.joined(
        file, received_at=NOW - HOUR, detected_at=NOW - HOUR, signals=1, source="V-2345-67", now=NOW
    ).after
    assert earlier.case.received_at == NOW - HOUR
    with pytest.raises(Conflict) as refused:
        rules.joined(
            file, received_at=NOW, detected_at=NOW - HOUR, signals=1, source="staff:kari", now=NOW, confirmed=False
        )
    assert refused.value.details == {"reason": "not_confirmed"}
    assert clock(earlier, "breach.triage").started_at == NOW - HOUR


@pytest.mark.clause("WATCH-3")
def test_machines_repeat_themselves_and_people_do_not() -> None:
    assert join_keys("host", "outage") == join_keys("host", "outage") != join_keys("host", "traffic")
    assert join_keys("customer", "outage") == join_keys("customer", "outage", kind="nonconformity") == ()
    assert join_keys("detector", "login_success", kind="incident") == (), "of who got in each is one"
    (of_attack,) = join_keys("detector", "login_attack", kind="incident")
    assert join_keys("detector", "login_attack")[0] == of_attack, "an alarm about it goes into the incident"
    assert join_keys("detector", "login_attack")[-1] != of_attack
    assert rules.digest_of("host", "1") != rules.digest_of("vendor", "1")


def test_a_reference_can_be_read_aloud_and_is_taken_where_a_case_is_looked_for() -> None:
    made = [opened("alarm", detected_at=NOW).case for _ in range(50)]
    assert len({each.reference for each in made}) == 50
    assert all(each.reference == reference_of(each.id) for each in made), "as account and the letters call it"
    assert all(re.fullmatch(REFERENCE, each.reference) for each in made)
    assert not set("".join(each.reference[2:] for each in made)) & set("01IOLU")


def test_who_is_assigned_and_when() -> None:
    file = opened("alarm", detected_at=NOW)
    assert rules.assigned(file.case, "staff:ola", version=1).owner == "staff:ola"
    with pytest.raises(Conflict):
        rules.assigned(file.case, "staff:ola", version=2)
    with pytest.raises(Conflict):
        rules.assigned(replace(file.case, ended_at=NOW), "staff:ola", version=1)


@pytest.mark.parametrize(
    ("detector", "kind", "signal"),
    [
        ("success_in_cluster", "incident", "login_success"),
        ("spraying", "incident", "login_attack"),
        ("stuffing", "incident", "login_attack"),
        ("slow_stuffing", "incident", "login_attack"),
        ("distributed_stuffing", "incident", "login_attack"),
        ("company_spraying", "alarm", "login_attack"),
        ("brute_force", "alarm", "login_attack"),
        ("unusual_origin", "alarm", "unusual_use"),
        ("unusual_country", "alarm", "unusual_use"),
        ("impossible_travel", "alarm", "unusual_use"),
        *((each, "alarm", "unusual_use") for each in USE_DETECTORS),
        ("a_later_one", "alarm", "login_attack"),
    ],
)
def test_an_attack_on_many_names_is_an_incident_and_so_is_whoever_got_in(
    detector: str, kind: str, signal: str
) -> None:
    assert opens(detector) == (kind, signal)
