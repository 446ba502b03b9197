"""Takes in alarms: one intake, whoever has noticed something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.account.nonconformities.events import NonconformityReported
from services.audit.anomalies.events import AnomalyDetected
from services.cases.engine import opening, rules, store
from services.cases.engine.opening import OnDuty
from services.cases.engine.subject_check import check_there
from services.cases.engine.values import OF_MACHINES, CaseFile, Entered, Link
from services.cases.intake import calls
from services.cases.intake import store as intake
from services.cases.intake.rules import check_dispute, join_keys, kind_reported, opens, outlasts, seen_together
from services.cases.kinds.table import PRESENT
from services.cases.kinds.values import Moment
from services.notification.inbound_mail.events import AlarmMailReceived
from shared.bus import Feature, answers, handles
from shared.calls import Caller
from shared.clock import Clock
from shared.database import Transaction
from shared.events import Received
from shared.past_instants import check_past


@dataclass(frozen=True, kw_only=True)
class Report:
    """An alarm as it comes in. `told_by` is who of the staff enters it, or the source itself.

    `occurred` says from when to when, where the source knows; `kind` is the case that it opens.
    """

    kind: str = "alarm"
    source: str
    external_id: str
    signal: str
    detected_at: datetime
    account_ids: tuple[UUID, ...]
    user_ids: tuple[UUID, ...]
    told_by: str
    occurred: tuple[datetime, datetime] | None = None
    case_id: UUID | None = None
    """Of a case that its reporter knows by that already."""
    confirmed: bool = True
    """Whether an earlier instant is meant: what machines tell is, a person says so."""
    message_id: UUID | None = None
    """One telling of what a machine tells again and again under the same number."""
    seen: AnomalyDetected | None = None
    """What a detector has counted, which stays with the case."""

    @property
    def digest(self) -> bytes:
        """By which what comes twice is known."""
        return rules.digest_of(self.source, self.external_id)

    @property
    def telling(self) -> bytes | None:
        """By which this very telling is known."""
        return rules.digest_of(self.source, f"telling:{self.message_id}") if self.message_id else None


@dataclass(kw_only=True, eq=False)
class AlarmIntake(Feature):
    """What comes twice is one, and what a machine repeats goes into the case that is open for it."""

    clock: Clock
    caller: Caller
    on_duty: OnDuty

    def check_named(self, call: calls.ReportAlarm) -> None:
        """Raise as `check_there` for whom staff name, and `Invalid` for a dispute with nobody."""
        check_dispute(call.kind, call.account_ids)
        check_there(self.caller, call.account_ids, call.user_ids)

    @answers(calls.ReportAlarm, first=check_named)
    def report_alarm(self, call: calls.ReportAlarm, tx: Transaction) -> calls.AlarmReported:
        """Somebody has noticed something."""
        report = Report(
            kind=call.kind,
            source=call.source,
            external_id=call.external_id,
            signal=call.signal,
            detected_at=call.detected_at,
            account_ids=call.account_ids,
            user_ids=call.user_ids,
            told_by=str(call.actor),
            confirmed=call.confirmed,
        )
        return self.take_in(tx, report)

    @handles(AnomalyDetected)
    def take_anomaly(self, message: Received[AnomalyDetected], tx: Transaction) -> None:
        """A detector has seen something: an alarm, or an incident where somebody may have got in.

        An attack keeps its number: what is told of it again goes into the case where it is seen to. The case of who
        got in and that of the attack name each other.
        """
        event, now = message.event, self.clock.now()
        store.one_by_one(tx, str(event.anomaly_id))
        opened = opens(event.detector)
        report = Report(
            kind=opened.kind,
            source="detector",
            external_id=f"{event.detector}:{event.anomaly_id}",
            signal=opened.signal,
            detected_at=min(message.time, now),
            account_ids=tuple(event.account_ids),
            user_ids=tuple(event.user_ids) if len(event.account_ids) == 1 else (),
            told_by=event.detector,
            occurred=(min(event.window_from, message.time), min(event.window_to, message.time)),
            message_id=message.id,
            seen=event,
        )
        case_id = self.take_in(tx, report).case_id
        for each in seen_together(event.detector):
            digest = rules.digest_of("detector", f"{each}:{event.anomaly_id}")
            other = store.taken_before(tx, "detector", digest)
            if other is not None and other["case_id"] != case_id:
                one, two = sorted((case_id, other["case_id"]))
                store.link(tx, one, Link.TWIN, two, now)

    @handles(NonconformityReported)
    def take_nonconformity(self, message: Received[NonconformityReported], tx: Transaction) -> None:
        """A customer reports something: a case of its own, about the customer and the person.

        We know of it since the report came in. What was written stays with account.
        """
        event, now = message.event, self.clock.now()
        report = Report(
            kind=kind_reported(str(event.about)),
            source="customer",
            external_id=str(event.report_id),
            signal=str(event.about),
            detected_at=min(message.time, now),
            account_ids=(event.account_id,),
            user_ids=(event.user_id,),
            told_by="customer",
            case_id=event.report_id,
        )
        self.take_in(tx, report)

    @handles(AlarmMailReceived)
    def take_alarm_mail(self, message: Received[AlarmMailReceived], tx: Transaction) -> None:
        """The host or a vendor mailed an alarm. A thousand of them are one case with a count, while it is open."""
        event, now = message.event, self.clock.now()
        report = Report(
            source=str(event.sent_by),
            external_id=f"mail:{event.alarm_id}",
            signal=str(event.signal),
            detected_at=min(event.received_at, now),
            account_ids=(),
            user_ids=(),
            told_by=str(event.sent_by),
        )
        self.take_in(tx, report)

    def take_in(self, tx: Transaction, report: Report) -> calls.AlarmReported:
        """The case that the alarm is in, an open one or a new one. Raises `Invalid` for one from the future."""
        now = self.clock.now()
        check_past(report.detected_at, now, field="detected_at")
        keys = join_keys(report.source, report.signal, kind=report.kind)
        store.one_by_one(tx, keys[-1] if keys else report.digest.hex())
        before = store.taken_before(tx, report.source, report.digest)
        if before is None:
            answer = self._into_a_case(tx, report, keys, now)
        elif report.telling is None:
            self._name_more(tx, before["case_id"], report, now)
            return calls.AlarmReported(**before, is_new=False)
        elif store.taken_before(tx, report.source, report.telling) is None:
            answer = self._told_again(tx, before["case_id"], report, keys, now)
        else:
            return calls.AlarmReported(**before, is_new=False)
        for digest in filter(None, (report.digest, report.telling)):
            store.note_taken(tx, report.source, digest, answer.case_id, now, signal=report.signal)
        if report.seen is not None and report.message_id is not None:
            intake.note_sighting(tx, answer.case_id, report.message_id, report.seen, now)
        return answer

    @staticmethod
    def _name_more(tx: Transaction, case_id: UUID, report: Report, now: datetime) -> None:
        """The same comes twice: at most it names more, and then whoever decides sees another version."""
        case = store.lock(tx, case_id).case
        if case.ended_at is None and store.not_named(tx, case_id, report.account_ids, report.user_ids):
            store.add_subjects(tx, case_id, report.account_ids, report.user_ids, now)
            store.raise_version(tx, case)

    def _told_again(
        self, tx: Transaction, case_id: UUID, report: Report, keys: Sequence[str], now: datetime
    ) -> calls.AlarmReported:
        """It goes on. Where the case is open it is counted there, and another version once it names somebody more.

        Where it had ended and this is of later, or names somebody more, another one is opened: about whom it names
        of later, else about those whom the case before left out.
        """
        file = store.followed(tx, case_id)
        case, ended_at = file.case, file.case.ended_at
        more = store.not_named(tx, case_id if ended_at else case.id, report.account_ids, report.user_ids)
        if ended_at is None and more:
            return self._joined(tx, file, report, now)
        goes_on = ended_at is not None and outlasts(report.occurred, ended_at)
        if goes_on:
            return self._into_a_case(tx, report, keys, now, after=case.id)
        if ended_at is not None and more:
            account_ids, user_ids = {each for each, _ in more}, {each for _, each in more if each}
            left_out = replace(report, account_ids=tuple(account_ids), user_ids=tuple(user_ids))
            return self._into_a_case(tx, left_out, keys, now, after=case.id)
        if ended_at is None:
            store.save_case(tx, replace(case, signals=case.signals + 1))
        return calls.AlarmReported(case_id=case.id, reference=case.reference, is_new=False)

    def _into_a_case(
        self, tx: Transaction, report: Report, keys: Sequence[str], now: datetime, *, after: UUID | None = None
    ) -> calls.AlarmReported:
        """The case that is open for such, or one of its own. `after` is the one that it goes on from."""
        open_id = next((found for key in keys if (found := intake.open_case(tx, key))), None)
        if open_id is None:
            answer = self._opened(tx, report, keys[-1] if keys else None, now, after=after)
        else:
            answer = self._joined(tx, store.lock(tx, open_id), report, now)
        if after is not None:
            store.link(tx, after, Link.CONTINUED_IN, answer.case_id, now)
        return answer

    def _joined(self, tx: Transaction, file: CaseFile, report: Report, now: datetime) -> calls.AlarmReported:
        named = report.account_ids
        more = store.not_named(tx, file.case.id, named, report.user_ids) if named else ()
        change = rules.joined(
            file,
            received_at=now,
            detected_at=report.detected_at,
            signals=1,
            source=report.told_by,
            now=now,
            is_news=bool(more),
            confirmed=report.confirmed,
        )
        store.save(tx, change)
        opening.tell_instants(tx, change, now)
        case = change.after.case
        store.add_subjects(tx, case.id, report.account_ids, report.user_ids, now)
        return calls.AlarmReported(case_id=case.id, reference=case.reference, is_new=False)

    def _opened(
        self, tx: Transaction, report: Report, key: str | None, now: datetime, *, after: UUID | None
    ) -> calls.AlarmReported:
        moments = {Moment.DETECTED_AT: report.detected_at}
        if report.occurred is not None:
            moments |= dict(zip((Moment.OCCURRED_FROM, Moment.OCCURRED_TO), report.occurred, strict=True))
        opened = rules.opened(
            PRESENT[report.kind],
            opened_by=report.source,
            signal=report.signal,
            received_at=now,
            entered=[
                Entered(name=name, at=at, entered_by=report.told_by, recorded_at=now)
                for name, at in moments.items()
            ],
            owner=self.on_duty(tx, now),
            now=now,
            join_key=key,
            case_id=report.case_id,
        )
        comes_again = report.source in OF_MACHINES or report.case_id is not None
        opening.keep_new(
            tx,
            opened,
            now,
            digest=report.digest if comes_again else None,
            telling=report.telling,
            from_case_id=after,
        )
        case = opened.after.case
        store.add_subjects(tx, case.id, report.account_ids, report.user_ids, now)
        return calls.AlarmReported(case_id=case.id, reference=case.reference, is_new=True)
