"""How a test handles cases, and what it looks at."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from services.audit.anomalies.events import AnomalyDetected
from services.cases.board.calls import CaseWhole, ShowCase
from services.cases.costs.calls import BearCost
from services.cases.decisions.calls import DecideCase, EnterInstant, TakeStep
from services.cases.intake.calls import ReportAlarm
from services.cases.service import Cases
from services.cases.severity.calls import AssessSeverity
from shared.actor import Actor
from shared.calls import Caller
from shared.errors import Unavailable
from shared.events import Code, Received
from shared.privacy.fact_replay import Replayers
from shared.privacy.restore_gate import Replayer
from tests.in_process import ask, hear, run
from tests.kept_facts import KeptFacts

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KARI, OLA, EVA = (Actor("staff", name=name) for name in ("kari", "ola", "eva"))


class Rota(Caller):
    """Stands in for the service of registers, who is on duty in which week; all others are away.

    Account knows all but `strangers`; with `knows_nobody` it answers that nobody but `subjects` is there. `leads`
    are the codes of who leads incidents, as the service of staff tells them; None where it is away.
    """

    def __init__(self) -> None:
        self.weeks: dict[str, tuple[str, str]] = {}
        self.away = False
        self.strangers: set[UUID] = set()
        self.knows_nobody = False
        self.subjects: list[tuple[UUID, UUID | None]] = []
        self.leads: tuple[str, ...] | None = ("kari", "ola", "eva")

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields):
        if self.knows_nobody and (service, method) == ("account", "affected"):
            return {"subjects": [{"account_id": str(a), "user_id": u and str(u)} for a, u in self.subjects]}
        if (service, method) == ("account", "unknown_subjects"):
            strangers = {str(each) for each in self.strangers}
            named = ((each["user_id"] or each["account_id"], each) for each in fields["subjects"])
            return {"subjects": [each for named_id, each in named if named_id in strangers]}
        if method == "role_holders" and self.leads is not None:
            assert (service, fields) == ("staff", {"role": "incident_lead"})
            return {"codes": list(self.leads)}
        if self.away or service != "registers":
            raise Unavailable("away")
        assert (method, fields) == ("duty", {})
        return {
            "weeks": [{"week_on": week, "person": p, "deputy": d} for week, (p, d) in sorted(self.weeks.items())]
        }


def report(cases: Cases, number: str = "1", *, source: str = "host", signal: str = "traffic", **fields):
    asked = {"detected_at": NOW - HOUR, "account_ids": (), "actor": KARI} | fields
    return ask(cases, ReportAlarm(source=source, external_id=number, signal=signal, **asked))


def tell(
    cases: Cases,
    anomaly_id: UUID,
    *account_ids: UUID,
    users: tuple[UUID, ...] = (),
    detector: str = "success_in_cluster",
    at: datetime = NOW,
    message_id: UUID | None = None,
) -> None:
    """A detector tells what it has seen until then, of people of the only company where it names some."""
    event = AnomalyDetected(
        anomaly_id=anomaly_id, detector=Code(detector), rule_version=1, window_from=at - HOUR, window_to=at,
        attempts=60, failures=57, targets=55, networks=3, accounts=len(account_ids), account_ids=list(account_ids),
        user_ids=list(users),
    )  # fmt: skip
    message = Received(
        id=message_id or uuid4(),
        event=event,
        source="audit",
        time=at,
        subject=event.subject,
        correlation_id=uuid4(),
    )
    hear(cases, message)


def show(cases: Cases, case_id: UUID) -> CaseWhole:
    return ask(cases, ShowCase(case_id=case_id))


def step(cases: Cases, case_id: UUID, name: str, reason: str, **fields):
    version = fields.pop("version", None) or show(cases, case_id).version
    kind = (
        TakeStep
        if name in {"acknowledge", "promote", "join_alarm", "join_incident", "investigate", "find_harmless"}
        else DecideCase
    )
    asked = {"actor": KARI} | fields
    return ask(cases, kind(case_id=case_id, version=version, step=name, reason=reason, **asked))


def enter(cases: Cases, case_id: UUID, name: str, at: datetime, **fields):
    version = show(cases, case_id).version
    return ask(cases, EnterInstant(case_id=case_id, version=version, name=name, at=at, actor=KARI, **fields))


def assess(cases: Cases, case_id: UUID, **scores):
    """Severity as somebody finds it: 2.25 where nothing else is said."""
    scored = {
        "context": "behavioural", "identification": "significant", "confidentiality": "known_recipients",
        "integrity": "not_lost", "availability": "not_lost", "intent": "malicious", "flags": ("over_100_persons",),
    } | scores  # fmt: skip
    version = show(cases, case_id).version
    return ask(cases, AssessSeverity(case_id=case_id, version=version, actor=KARI, **scored))


def bear_cost(cases: Cases, case_id: UUID, reason: str = "own_fault", **fields):
    version = show(cases, case_id).version
    return ask(cases, BearCost(case_id=case_id, version=version, reason=reason, actor=KARI, **fields))


def incident(cases: Cases, *account_ids: UUID) -> UUID:
    """An incident that an alarm was promoted to."""
    alarm = report(cases, str(uuid4()), source="customer", account_ids=account_ids).case_id
    (opened,) = step(cases, alarm, "promote", "personal_data_concerned").opened
    return opened


def told(owner) -> list[dict]:
    rows = owner.execute("SELECT body FROM outbox ORDER BY id").fetchall()
    return [json.loads(bytes(body)) for (body,) in rows]


def published(owner, kind: str) -> list[dict]:
    return [each for each in told(owner) if each["type"] == kind]


def replayer_of(cases: Cases) -> Replayer:
    ((_, replayer),) = cases.guarded()
    assert isinstance(replayer, Replayers)
    return replayer


def in_the_ledger(cases: Cases, ledger: KeptFacts) -> list[str]:
    """Retention hears all that is published, and the service reads in the ledger that it has; returns the kinds."""
    facts: list[str] = []
    for _ in range(20):
        for name in ("tell_frozen_lists", "tell_ledger"):
            run(cases, name)
        written = ledger.write()
        ledger.open()
        if not written:
            return facts
        facts += written
    raise AssertionError("there is always something more")
