"""Calls whoever is on duty, by mail and by the operator's hook at once, and warns who is being let back.

These messages wait in no line of letters, whatever goes to customers and however the provider is paused: one that
leaves twice wakes somebody twice, and one that does not leave wakes nobody. The address is asked of staff as the
letter leaves, and dropped after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from services.cases.duty_alerts.events import DutyAlerted
from services.notification.duty_alerts import rules, store
from services.notification.duty_alerts.events import DutyAlertDelivered, DutyAlertFailed
from services.notification.duty_alerts.values import DutyAlert, Tried, Way
from services.notification.letters.rendering import ALERT, ENROLMENT_LINK, Rendered
from services.notification.letters.values import AlertFacts, LetterClass, Purpose
from services.notification.mailgun.client import Accepted, Mailgun, NotSent, Outgoing, Refused, Throttled, Unknown
from services.notification.mailgun.rules import failure_reason, signal_of
from services.notification.mailgun.values import Signal, VendorEvent
from services.notification.recipients.lookup import TRY_AGAIN, Lookup
from services.staff.people.events import EnrolmentLinkIssued
from shared import errors, log
from shared.bus import Feature, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.case_references import reference_of
from shared.clock import Clock
from shared.context import Context, working_in
from shared.database import Database, Transaction
from shared.events import Code, Event, Received

if TYPE_CHECKING:
    from services.notification.duty_alerts.hook import DutyHook
    from services.notification.letters.rendering import Renderer

LET_BACK: Final = "recovery"
"""The purpose of a link for somebody who has passkeys already; who is invited waits for theirs."""
AT_ONCE: Final = 20
FORGOTTEN_AT_ONCE: Final = 500

_log = log.get("notification.duty_alerts")


@dataclass(kw_only=True, eq=False)
class DutyAlertDelivery(Feature):
    """Safe to run in any number of processes at once. Without a `hook` there is mail alone."""

    database: Database
    clock: Clock
    lookup: Lookup
    mailgun: Mailgun
    renderer: Renderer
    desk_url: str
    hook: DutyHook | None = None

    @handles(DutyAlerted)
    def take(self, message: Received[DutyAlerted], tx: Transaction) -> None:
        """Somebody is to be called."""
        ways = (Way.MAIL,) if self.hook is None else (Way.MAIL, Way.HOOK)
        store.add(tx, message.event, ways, message.correlation_id, self.clock.now())

    @handles(EnrolmentLinkIssued)
    def warn_of_link(self, message: Received[EnrolmentLinkIssued], tx: Transaction) -> None:
        """Somebody lets a colleague back. If that is not who comes, they can say so before the link is used."""
        if message.event.purpose == LET_BACK:
            store.add_about_link(tx, message, self.clock.now())

    @every(seconds=1)
    def mail_duty_alerts(self) -> None:
        """Write to whoever is to be called now."""
        self._send(Way.MAIL)

    @every(seconds=1)
    def hook_duty_alerts(self) -> None:
        """Call the hook; apart from the letters, so that neither way waits for the other."""
        self._send(Way.HOOK)

    def _send(self, way: Way) -> None:
        for _ in range(AT_ONCE):
            with self.database.transaction() as tx:
                alert = store.claim(tx, way, self.clock.now())
            if alert is None:
                return
            tried = self._try(alert)
            with self.database.transaction() as tx:
                self._note(tx, alert, tried, self.clock.now())

    def _try(self, alert: DutyAlert) -> Tried:
        now = self.clock.now()
        if now >= alert.requested_at + rules.LASTS:
            return Tried("expired", is_final=True)
        try:
            if alert.way is Way.HOOK:
                return self.hook.send(alert, now) if self.hook else Tried("no_hook", is_final=True)
            return self._write(alert, now)
        except Exception as error:  # noqa: BLE001  # one message that cannot be made must not keep others from their readers
            _log.error("duty_alert_fault", alert_id=alert.alert_id, way=alert.way.value, exc_info=error)
            return Tried(f"fault_{type(error).__name__}".lower())

    def _write(self, alert: DutyAlert, now: datetime) -> Tried:
        try:
            contact = self.lookup.staff(alert.staff_code)
        except errors.NotFound:
            return Tried("no_address", is_final=True)
        except TRY_AGAIN as error:
            _log.warning("address_of_staff_not_known", alert_id=alert.alert_id, exc_info=error)
            return Tried("address_unknown")
        rendered = self._rendered(alert, contact.language)
        self._let_through(alert, contact.email)
        tried = self._mail(alert, rendered, contact.email, alert.alert_id, now)
        if alert.case_id is None and contact.former_email is not None:
            former = self._mail(alert, rendered, contact.former_email, rules.former_letter_id(alert), now)
            return tried if tried.failure is not None else former
        return tried

    def _rendered(self, alert: DutyAlert, language: str) -> Rendered:
        link = rules.link_of(self.desk_url, alert)
        if alert.case_id is None:
            return self.renderer.render_enrolment_link(link, language)
        facts = AlertFacts(
            reference=reference_of(alert.case_id),
            kind=alert.kind,
            cause=alert.cause,
            level=alert.level,
            due_at=alert.due_at,
            others=alert.others,
            link=link,
        )
        return self.renderer.render_alert(facts, language)

    def _mail(self, alert: DutyAlert, rendered: Rendered, address: str, letter_id: UUID, now: datetime) -> Tried:
        outgoing = Outgoing(
            letter_id=letter_id,
            letter=ALERT if alert.case_id is not None else ENROLMENT_LINK,
            letter_class=LetterClass.SERVICE,
            purpose=Purpose.STAFF_ALERT,
            to=address,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
        )
        match self.mailgun.send(outgoing, now=now):
            case Accepted():
                return Tried()
            case Throttled():
                return Tried("throttled")
            case NotSent(reason=reason) | Unknown(reason=reason):
                return Tried(reason)
            case Refused(status=status, reason=reason):
                return Tried(reason or f"mailgun_{status}", is_final=reason is not None)

    def _let_through(self, alert: DutyAlert, address: str) -> None:
        """Have Mailgun drop what it may hold against the address: it would swallow the letter."""
        with self.database.transaction() as tx:
            if not store.has_failed(tx, alert.staff_code):
                return
        try:
            self.mailgun.forget(address)
        except errors.Unavailable as error:
            _log.warning("address_of_staff_not_released", alert_id=alert.alert_id, exc_info=error)

    def _note(self, tx: Transaction, alert: DutyAlert, tried: Tried, now: datetime) -> None:
        if tried.failure is None:
            self._settle(tx, alert, "sent" if alert.way is Way.MAIL else "delivered", None, now)
            return
        at = None if tried.is_final else rules.retry_at(alert, now)
        if at is not None:
            store.again(tx, alert, tried.failure, at)
            return
        _log.error("duty_alert_failed", alert_id=alert.alert_id, way=alert.way.value, reason=tried.failure)
        self._settle(tx, alert, "failed", tried.failure, now)

    def _settle(self, tx: Transaction, alert: DutyAlert, state: str, reason: str | None, now: datetime) -> None:
        if store.settle(tx, alert, state, reason, now):
            _tell(tx, _news(tx, alert.alert_id, alert.way, state, reason), alert.correlation_id, now)

    def apply(self, tx: Transaction, event: VendorEvent, now: datetime) -> bool:
        """Take in what the provider tells of one of these letters; False where it is none of them."""
        if event.letter_id is None:
            return False
        correlation_id = store.hold_mail(tx, event.letter_id)
        if correlation_id is None:
            return False
        signal = signal_of(event)
        bounced = signal in (Signal.BOUNCED, Signal.REJECTED)
        if not bounced and signal is not Signal.DELIVERED:
            return True
        state, reason = ("failed", failure_reason(event)) if bounced else ("delivered", None)
        if store.receipt(tx, event.letter_id, state, reason, now):
            _tell(tx, _news(tx, event.letter_id, Way.MAIL, state, reason), correlation_id, now)
        return True

    # ── for whoever watches ───────────────────────────────────────────────────────────────────────────────────

    @alarm(
        "duty_mail_fails", says="letters to whoever is on duty that reached nobody", act="vilkar register reachable"
    )
    def mail_fails(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The last ones have not left, or have bounced. It ends with the next one that goes well."""
        return Waiting.of(store.failing(tx, Way.MAIL, now))

    @alarm("duty_hook_fails", says="calls to the hook of whoever is on duty that failed", act="vilkar vendors")
    def hook_fails(self, tx: Transaction, now: datetime) -> Waiting | None:
        """The operator's pager or chat does not take them."""
        return Waiting.of(store.failing(tx, Way.HOOK, now))

    @every(seconds=3600, irreversible=True)
    def forget_duty_alerts(self) -> None:
        """Forget messages of half a year ago."""
        with self.database.transaction() as tx:
            store.forget(tx, self.clock.now() - rules.KEPT, limit=FORGOTTEN_AT_ONCE)


def _news(tx: Transaction, alert_id: UUID, way: Way, state: str, reason: str | None) -> Event | None:
    """That a message has arrived, or that no way has brought it; None while neither is so."""
    if state == "delivered":
        return DutyAlertDelivered(alert_id=alert_id, way=Code(way.value))
    if state == "failed" and not store.has_hope(tx, alert_id):
        return DutyAlertFailed(alert_id=alert_id, reason=Code(reason or "bounced"))
    return None


def _tell(tx: Transaction, news: Event | None, correlation_id: UUID, now: datetime) -> None:
    if news is not None:
        with working_in(Context(correlation_id=correlation_id)):
            tx.outbox.add(news, now=now)
