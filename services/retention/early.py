"""Early erasure: a written request, checked by one person and approved by a second, is carried out now (L204)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from services.account.termination.calls import EndForErasure
from services.retention import calls, early_course, early_rules, early_store, facts, process, store, telling
from services.retention.calls import EarlyRequestsShown, EarlyShown, RequestEarlyErasure
from services.retention.early_values import Course, EarlyRequest
from services.retention.ledger_writing import LedgerWriting
from services.retention.process import Process
from services.retention.values import Scope
from shared import calendar, log
from shared.bus import answers, every
from shared.bus.alarms import Waiting, alarm
from shared.calls import Caller
from shared.context import acting_as
from shared.database import Transaction
from shared.errors import Conflict, NotFound
from shared.identifiers import derived_id, new_id

BEGIN_LIMIT: Final = timedelta(hours=1)
"""An accepted request begins within seconds where nothing is wrong."""

logger = log.get("retention.early")


class EarlyErasure(LedgerWriting):
    """Taking in requests not to wait for the date, and carrying them out."""

    caller: Caller
    process: Process

    @answers(RequestEarlyErasure)
    def request_early_erasure(self, call: RequestEarlyErasure) -> EarlyShown:
        """Accept a customer's written request; the account is made inactive and erased without waiting."""
        now = self.clock.now()
        fields = {name: value for name, value in call.given().items() if name != "request_id"}
        asked = EarlyRequest(**fields, id=call.request_id or new_id(), registered_at=now)
        early_rules.check(asked, calendar.oslo_date(now))
        scope = Scope(account_id=asked.account_id)
        standing = self.process.ask(scope)
        with self.database.transaction() as tx, acting_as(asked.approved_by):
            known = [kept.erasure for kept in store.of_scope(tx, scope)]
            there = early_store.find(tx, asked.id)
            if there is not None:
                return self._asked_before(there, asked)
            event = early_rules.accept(asked, standing, known)
            if not early_store.add(tx, asked):
                raise Conflict("an early erasure of this account has been asked for already")
            telling.tell(tx, event, now)
            self._write(facts.of_early_request(asked))
        logger.info("an early erasure was accepted", request_id=asked.id)
        return _shown(asked)

    @staticmethod
    def _asked_before(there: EarlyRequest, asked: EarlyRequest) -> EarlyShown:
        if (there.account_id, there.evidence) != (asked.account_id, asked.evidence):
            raise Conflict("there is another request with this id")
        return _shown(there)

    @answers(calls.EarlyRequests)
    def early_requests(self, call: calls.EarlyRequests) -> EarlyRequestsShown:
        """The requests for an early erasure of one account, newest first."""
        with self.database.transaction() as tx:
            return EarlyRequestsShown(requests=tuple(map(_shown, early_store.of_account(tx, call.account_id))))

    @every(seconds=1, irreversible=True)
    def carry_out_early_requests(self) -> None:
        """End the accounts of accepted requests and plan their erasure for now; the rest is as with any other."""
        with self.database.transaction() as tx:
            claimed = early_store.claim(tx, self.clock.now())
        for request in claimed:
            try:
                self._carry_out(request)
            except Exception:  # one request's trouble must not keep the others waiting
                logger.exception("an early erasure cannot begin now", request_id=request.id)
                with self.database.transaction() as tx:
                    early_store.put_off(tx, request.id, self.clock.now() + process.RETRY)

    def _carry_out(self, request: EarlyRequest) -> None:
        try:
            ended = self.caller.ask(EndForErasure(account_id=request.account_id))
        except (Conflict, NotFound) as refusal:
            self._drop(request, "notice_withdrawn" if isinstance(refusal, Conflict) else "account_gone")
            return
        self._begin(request, ended.inactivated_at)

    def _begin(self, request: EarlyRequest, inactivated_at: datetime) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(request.approved_by):
            known = {kept.erasure.id: kept for kept in store.of_scope(tx, Scope(account_id=request.account_id))}
            planned = early_rules.begin(
                request,
                inactivated_at,
                known=[kept.erasure for kept in known.values()],
                new_id=derived_id("early_erasure", request.id),
                now=now,
            )
            erasure = planned[-1].erasure if planned else None
            begun = replace(request, course=Course.BEGUN, erasure_id=erasure.id if erasure else None)
            if early_store.settle(tx, begun):
                process.keep(tx, known, planned, now)
                self._write(facts.of_early_begun(request, erasure))

    def _drop(self, request: EarlyRequest, reason: str) -> None:
        with self.database.transaction() as tx:
            if early_course.drop(tx, request, reason, self.clock.now()):
                self._write(facts.of_early_drop(request, reason))
        logger.warning("an early erasure was dropped", request_id=request.id, reason=reason)

    @alarm(
        "early_requests_stuck",
        says="early erasures that were accepted and have not begun",
        act="vilkar retention early ACCOUNT, and the log of retention",
    )
    def stuck_early_requests(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What was asked for in writing is carried out without delay."""
        return Waiting.of(early_store.stuck(tx, now - BEGIN_LIMIT))

    @every(seconds=3600, irreversible=True)
    def forget_early_requests(self) -> None:
        """Forget requests nobody can have a claim about any more; the certificate stays."""
        before = early_rules.forget_before(calendar.oslo_date(self.clock.now()))
        with self.database.transaction() as tx:
            early_store.forget(tx, calendar.start_of_day_oslo(before))


def _shown(request: EarlyRequest) -> EarlyShown:
    return EarlyShown(
        request_id=request.id,
        account_id=request.account_id,
        course=request.course.value,
        requester_role=request.requester_role,
        evidence=request.evidence,
        received_on=request.received_on,
        identity_check=request.identity_check,
        authority_check=request.authority_check,
        checked_by=request.checked_by,
        approved_by=request.approved_by,
        export_offered_on=request.export_offered_on,
        registered_at=request.registered_at,
        erasure_id=request.erasure_id,
    )
