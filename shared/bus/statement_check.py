"""The check of the signed statement with which a call of staff comes, and that none of them counts twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from shared import log
from shared.actor import staff_actor
from shared.bus import metrics
from shared.bus.actors import SYSTEM, may_claim
from shared.bus.every_service_events import ActCarriedOut, StatementRefused
from shared.bus.refusal_tally import Tally, code_or_other
from shared.calls import Call
from shared.clock import Clock
from shared.context import acting_as, current
from shared.database import Transaction, load_queries
from shared.errors import Forbidden
from shared.events import Code, Digest
from shared.identifiers import new_id
from shared.staff import OUTSIDE, Act, WithoutStatement, act_name
from shared.statements import AskedCall, Statement, StatementError, StatementReader, hex_digest, hold_to
from shared.system import BUS_PROCESSES, wire_name

Q: Final = load_queries(__file__, "statement_check.sql")
STAFF: Final = "staff"
OURS: Final = frozenset({*map(wire_name, BUS_PROCESSES), "admin"})
"""The users at the broker that are no service of others."""
NOT_REACHED: Final = frozenset({"other_account", "some_customers"})
"""Reasons of `check_reaches`: who acts is believed, and may not."""
OUT_OF_TIME: Final = frozenset({"clock_ahead", "expired"})
WARN_SECONDS: Final = 600.0
"""So long readiness tells of a statement that was signed at another time than this process has."""

Kind = tuple[str, str, str, str | None]

_log = log.get("bus.statements")


class Statements:
    """Looks at the statements of the calls that one service answers, and tells the audit trail what it refuses."""

    def __init__(self, service: str, reader: StatementReader) -> None:
        self._service = service
        self._reader = reader
        self._clock = Clock()  # never moved: a statement is good for a minute of real time
        self._out_of_time_at = float("-inf")
        self._tally: Tally[Kind] = Tally(_refused, actor=lambda kind: staff_actor(kind[3]) if kind[3] else SYSTEM)
        self.tell = self._tally.tell

    def admit(
        self, call: type[Call[Any]], *, user: str, token: str | None, header: str | None, fields: Mapping[str, Any]
    ) -> Statement | None:
        """What staff have signed of who makes this call; None where nobody of the staff makes it.

        `user` is who calls as the broker vouches for it, `header` who acts as it says, `fields` what is asked
        without the idempotency key. Raises `StatementError`.
        """
        declared = call.staff
        if token is None:
            if _takes_statement(declared, user):
                raise StatementError("statement_missing")
            return None
        if not isinstance(declared, Act):
            raise StatementError("not_an_act")
        statement = self._reader.read(token, now=self._clock.now())
        asked = AskedCall(service=self._service, method=call.method, fields=fields, user=user, act=declared)
        hold_to(statement, asked)
        if not _names_only(statement, header, fields):
            raise StatementError("wrong_person", person=statement.sub)
        return statement

    def refused(self, method: str, *, user: str, error: StatementError) -> Forbidden:
        """What the caller is told; the audit trail is told as well."""
        caller, act = user or "unnamed", act_name(self._service, method)
        if error.reason in OUT_OF_TIME:
            self._out_of_time_at = time.monotonic()
        metrics.STATEMENTS_REFUSED.labels(caller, error.reason).inc()
        _log.error("statement_refused", caller=caller, act=act, reason=error.reason)
        self._tally.note((caller, act, error.reason, error.person))
        message = "this is not granted" if error.reason in NOT_REACHED else "who acts is not believed"
        return Forbidden(message, details={"reason": error.reason})

    def forbidden(self, method: str, *, user: str, statement: Statement, error: Forbidden) -> None:
        """Tell the audit trail what was signed and its service has not done, with the reason and the person."""
        reason = code_or_other(str(error.details.get("reason", error.code)))
        self._tally.note((user or "unnamed", act_name(self._service, method), reason, statement.sub))

    def warnings(self) -> list[str]:
        """Machine words for what readiness tells: the clocks of this process and of staff are not the same."""
        recent = time.monotonic() - self._out_of_time_at < WARN_SECONDS
        return ["clock_differs_from_staff"] if recent else []


def spend(tx: Transaction, now: datetime, *, again: bool = False) -> None:
    """Use the statement of the call at hand up, in the transaction of what the call changes.

    `again` says that what is asked for is done: then a statement that was spent on it is no fault, and another one
    is spent as well, so that nothing that was approved waits for what is there.

    A command's is spent by the bus; a call that changes something without being one does it itself. Nothing to do
    where the call came without one. Raises `StatementError` where it was spent before.
    """
    statement = current().statement
    if statement is None:
        return
    if not tx.run(Q.spend, id=statement.jti, act=statement.act, now=now):
        if again:
            return
        raise StatementError("statement_spent", person=statement.sub)
    if statement.approval:
        done = ActCarriedOut(
            approval_id=statement.approval.id, act=Code(statement.act), request=Digest(hex_digest(statement.digest))
        )
        with acting_as(statement.actor):
            tx.outbox.add(done, now=now)


def check_reaches(account_id: UUID | None) -> None:
    """Raise `StatementError` where whoever makes the call at hand may reach some accounts only, and not this one.

    The caller is told the reason, and the audit trail who was refused what: the act was signed, and was not done.

    For an act that names what belongs to an account by an id of its own (`Act.resolves`), once it is known whose it
    is; None stands for what belongs to no one account.
    """
    statement = current().statement
    if statement is None or not statement.scope:
        return
    if account_id is None or not statement.reaches(account_id):
        reason = "some_customers" if account_id is None else "other_account"
        raise StatementError(reason, person=statement.sub)


def _takes_statement(declared: Act | WithoutStatement | None, user: str) -> bool:
    """Whether `user` makes the call with a statement only.

    An act takes one from everybody but the programs that its class names: whoever leaves their name out, or takes
    another, is bound by it as well. The broker's administrator may do what services do among themselves; the desk
    nothing that staff do not.
    """
    if isinstance(declared, Act):
        return user not in declared.besides and (OUTSIDE not in declared.besides or user in OURS)
    return declared is None and may_claim(user, STAFF) and not may_claim(user, SYSTEM)


class TwoPersons(NamedTuple):
    """Who asked for an act and who approved it, each as an actor, by the approval with this id."""

    requested_by: str
    approved_by: str
    approval_id: UUID


def two_persons() -> TwoPersons:
    """The two persons of the act at hand, as staff have signed them.

    Raises `Forbidden` where nobody has approved it, or whoever asked for it.
    """
    statement = current().statement
    approval = statement.approval if statement else None
    if not approval:
        raise Forbidden("another person has to approve this", details={"reason": "approval_missing"})
    if approval.requested_by == approval.approved_by:
        raise Forbidden("whoever asks for this does not approve it", details={"reason": "approved_by_who_asked"})
    return TwoPersons(staff_actor(approval.requested_by), staff_actor(approval.approved_by), approval.id)


def _names_only(statement: Statement, header: str | None, fields: Mapping[str, Any]) -> bool:
    """Whether those who are said to act, in header or fields, are the persons of the statement and its approval."""
    names = [(header, statement.actor), (fields.get("actor"), statement.actor)]
    if approval := statement.approval:
        names += [(fields.get(who), staff_actor(getattr(approval, who))) for who in ("requested_by", "approved_by")]
    return all(actor in (None, meant) for actor, meant in names)


def _refused(kind: Kind, count: int) -> StatementRefused:
    caller, act, reason, _ = kind
    return StatementRefused(
        report_id=new_id(), caller=code_or_other(caller), act=code_or_other(act), reason=Code(reason), count=count
    )
