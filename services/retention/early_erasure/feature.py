"""Early erasure: a written request, checked by one person and approved by a second, is carried out now (L204)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.account.reactivation.events import AccountReactivated
from services.account.termination.calls import EndForErasure
from services.account.users.events import UserReactivated
from services.retention.early_erasure import calls, facts, outcome, rules, store
from services.retention.early_erasure.calls import EarlyRequestsShown, EarlyShown, RequestEarlyErasure
from services.retention.early_erasure.values import Course, EarlyRequest
from services.retention.erasure import event_ids, standing
from services.retention.erasure import store as erasures
from services.retention.erasure.values import Scope
from shared import calendar, log
from shared.bus import Feature, answers, every, handles
from shared.bus.alarms import Waiting, alarm
from shared.bus.probes import HOURLY, probe
from shared.bus.statement_check import spend, two_persons
from shared.calls import Caller
from shared.clock import Clock
from shared.context import acting_as
from shared.database import Database, Transaction
from shared.errors import Conflict, NotFound
from shared.events import Received
from shared.identifiers import derived_id, new_id
from shared.keyset import Place, cut
from shared.privacy.ledger_lines import Fact
from shared.terms.clauses import erasure

BEGIN_LIMIT: Final = timedelta(hours=1)
"""An accepted request begins within seconds where nothing is wrong."""

RETRY: Final = timedelta(seconds=5)

logger = log.get("retention.early")


@dataclass(kw_only=True, eq=False)
class EarlyErasures(Feature):
    """Takes in requests not to wait for the date, and carries them out."""

    database: Database
    clock: Clock
    caller: Caller
    append_fact: Callable[[Fact], None]

    @handles(AccountReactivated)
    def drop_overtaken(self, message: Received[AccountReactivated], tx: Transaction) -> None:
        """The company came back: what it asked for before is not carried out any more."""
        outcome.overtake(tx, Scope(account_id=message.event.account_id), message.time, self.clock.now())

    @handles(UserReactivated)
    def drop_overtaken_of_user(self, message: Received[UserReactivated], tx: Transaction) -> None:
        """The user came back: what they asked for before is not carried out any more."""
        scope = Scope(account_id=message.event.account_id, user_id=message.event.user_id)
        outcome.overtake(tx, scope, message.time, self.clock.now())

    @answers(RequestEarlyErasure)
    def request_early_erasure(self, call: RequestEarlyErasure) -> EarlyShown:
        """Accept a written request; account or user are made inactive and erased without waiting."""
        now, (asked_by, approved_by, _) = self.clock.now(), two_persons()
        persons = {"actor": asked_by, "checked_by": asked_by, "approved_by": approved_by}
        fields = {name: value for name, value in call.given().items() if name != "request_id"}
        asked = EarlyRequest(**fields | persons, id=call.request_id or new_id(), registered_at=now)
        rules.check(asked, calendar.oslo_date(now))
        now_standing = standing.ask(self.caller, self.clock, asked.scope)
        with self.database.transaction() as tx, acting_as(asked.approved_by):
            known = [stored.erasure for stored in erasures.of_scope(tx, asked.scope)]
            accepted = store.find(tx, asked.id)
            if accepted is not None:
                shown = _accepted_before(accepted, asked)
                spend(tx, now, again=True)
                return shown
            spend(tx, now)
            event = rules.accept(asked, now_standing, known)
            asked = replace(asked, without_notice=rules.is_without_notice(asked, now_standing))
            if not store.add(tx, asked):
                raise rules.known_already()
            event_ids.publish(tx, event, now)
            self.append_fact(facts.requested(asked))
        logger.info("an early erasure was accepted", request_id=asked.id)
        return _shown(asked)

    @answers(calls.EarlyRequests)
    def early_requests(self, call: calls.EarlyRequests) -> EarlyRequestsShown:
        """The requests for an early erasure of one account and of its users, newest first."""
        with self.database.transaction() as tx:
            found = store.of_account(tx, call.account_id, call)
        page, following = cut(found, call.limit, lambda each: Place(each.registered_at, each.id))
        return EarlyRequestsShown(requests=tuple(map(_shown, page)), next_after=following)

    @every(seconds=1, irreversible=True)
    def carry_out_early_requests(self) -> None:
        """Make inactive whom accepted requests are about, and plan their erasure for now; the rest is as always."""
        with self.database.transaction() as tx:
            claimed = store.claim(tx, self.clock.now())
        for request in claimed:
            try:
                self._carry_out(request)
            except Exception:  # one request's trouble must not keep the others waiting
                logger.exception("an early erasure cannot begin now", request_id=request.id)
                with self.database.transaction() as tx:
                    store.put_off(tx, request.id, self.clock.now() + RETRY)

    def _carry_out(self, request: EarlyRequest) -> None:
        wished_at = request.registered_at if request.without_notice else None
        ending = EndForErasure(account_id=request.account_id, user_id=request.user_id, wished_at=wished_at)
        try:
            ended = self.caller.ask(ending)
        except (Conflict, NotFound) as refusal:
            self._drop(request, rules.why_refused(request, refusal))
            return
        self._begin(request, ended.inactivated_at)

    def _begin(self, request: EarlyRequest, inactivated_at: datetime) -> None:
        now = self.clock.now()
        with self.database.transaction() as tx, acting_as(request.approved_by):
            known = {stored.erasure.id: stored for stored in erasures.of_scope(tx, request.scope)}
            planned = rules.begin(
                request,
                inactivated_at,
                known=[stored.erasure for stored in known.values()],
                new_id=derived_id("early_erasure", request.id),
                now=now,
            )
            erasure = planned[-1].erasure if planned else None
            begun = replace(request, course=Course.BEGUN, erasure_id=erasure.id if erasure else None)
            if store.settle(tx, begun):
                erasures.apply_all(tx, known, planned, now)
                self.append_fact(facts.begun(request, erasure))

    def _drop(self, request: EarlyRequest, reason: str) -> None:
        with self.database.transaction() as tx:
            if outcome.drop(tx, request, reason, self.clock.now()):
                self.append_fact(facts.dropped(request, reason))
        logger.warning("an early erasure was dropped", request_id=request.id, reason=reason)

    @probe(
        erasure.ERASE_ON_REQUEST,
        erasure.EARLY_ERASURE_IN_WRITING,
        nb="skriftlige ønsker om sletting som er godtatt og ikke begynt på",
        en="written requests for erasure that were accepted and not begun",
    )
    @alarm(
        "early_requests_stuck",
        says="early erasures that were accepted and have not begun",
        act="vilkar retention early ACCOUNT, and the log of retention",
    )
    def stuck_early_requests(self, tx: Transaction, now: datetime) -> Waiting | None:
        """What was asked for in writing is carried out without delay."""
        return Waiting.of(store.stuck(tx, now - BEGIN_LIMIT))

    @probe(
        erasure.ERASE_WHEN_NOT_NEEDED,
        nb="ønsker om sletting som skulle vært slettet selv",
        en="requests for erasure that should have been deleted themselves",
        seconds=HOURLY,
    )
    def requests_past_their_end(self, tx: Transaction, now: datetime) -> int:
        """For more than a day: they are purged every hour."""
        before = rules.purged_before(calendar.oslo_date(now - timedelta(days=1)))
        with tx.undone():
            return store.purge(tx, calendar.start_of_day_oslo(before))

    @every(seconds=3600, irreversible=True)
    def purge_early_requests(self) -> None:
        """Forget requests nobody can have a claim about any more; the certificate stays."""
        before = rules.purged_before(calendar.oslo_date(self.clock.now()))
        with self.database.transaction() as tx:
            store.purge(tx, calendar.start_of_day_oslo(before))


def _accepted_before(accepted: EarlyRequest, asked: EarlyRequest) -> EarlyShown:
    if (accepted.scope, accepted.evidence) != (asked.scope, asked.evidence):
        raise Conflict("there is another request with this id")
    return _shown(accepted)


def _shown(request: EarlyRequest) -> EarlyShown:
    return EarlyShown.of(request, request_id=request.id, course=request.course.value)
