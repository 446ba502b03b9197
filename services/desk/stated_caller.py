"""Calls of the desk's own process: staff sign who makes each, and the statement goes along with it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from contextvars import copy_context
from typing import Any, Final
from uuid import UUID

from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.desk.persons_shown import persons_by_account, persons_in
from services.staff.statements.calls import (
    FINDING,
    MOST,
    NAMED,
    ActAsked,
    ActSigned,
    PersonsSeen,
    SignStatements,
    TellSeen,
)
from shared import log
from shared.actor import Actor
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.calls import Caller
from shared.context import acting_as
from shared.errors import DeadlineExceeded, Forbidden, Internal, Invalid, Refused, Transient
from shared.staff import Act, Purpose, act_name, acts
from shared.statements import ACCOUNT, call_digest

AT_ONCE: Final = 8
"""So many calls of all pages are made at once, besides those that a page makes alone."""
SIGNING_SECONDS: Final = 10.0
QUEUE_SECONDS: Final = 5.0
"""So long a call of many waits for its turn, besides its own time."""
NAMED_IN_ALL: Final = 2_000
"""So many users are named in all that is told of one look: a call has room for 256 KiB."""

logger = log.get("desk")

Signed = str | Exception | None
"""The statement for a call, why there is none, or None for a call that needs none."""


class StatedCallers:
    """Makes callers for the sessions of one process, which share their threads."""

    def __init__(self, caller: Caller, *, at_once: int = AT_ONCE) -> None:
        """`caller` reaches the services."""
        self._caller = caller
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="desk-calls")

    def of(self, actor: Actor, token: str) -> StatedCaller:
        """What makes calls for a person of the staff, in the session of this token."""
        return StatedCaller(self._caller, self._threads, actor=actor, token=token)

    def close(self) -> None:
        """Wait for the calls under way; no other is made."""
        self._threads.shutdown(cancel_futures=True)


class StatedCaller(DeskCaller):
    """Makes calls in one session. An act takes a statement; what may not be signed is refused, with its reason."""

    def __init__(self, caller: Caller, threads: ThreadPoolExecutor, *, actor: Actor, token: str) -> None:
        self._caller = caller
        self._threads = threads
        self._actor = actor
        self._token = token

    @property
    def token(self) -> str:
        """See `DeskCaller.token`."""
        return self._token

    def call_many(
        self, calls: Sequence[PlainCall], *, purpose: Purpose | None = None, visit_id: UUID | None = None
    ) -> list[Outcome]:
        """See `DeskCaller.call_many`. All are signed together, so that they are told as one act of looking."""
        signed, readings = self._signed(calls, purpose, visit_id)
        outcomes = self._outcomes(calls, signed)
        for reading_id, places in readings:
            untold = self._tell_seen(reading_id, [(calls[at], outcomes[at]) for at in places])
            for at in places if untold else ():
                if _finds(calls[at]) and outcomes[at].error is None:
                    outcomes[at] = Outcome(error=untold)
        return outcomes

    def _outcomes(self, calls: Sequence[PlainCall], signed: Sequence[Signed]) -> list[Outcome]:
        if len(calls) == 1:
            return [self._outcome(calls[0], signed[0])]
        under_way = [
            self._threads.submit(copy_context().run, self._outcome, call, statement)
            for call, statement in zip(calls, signed, strict=True)
        ]
        until = time.monotonic() + QUEUE_SECONDS + max((call.timeout_seconds for call in calls), default=0.0)
        return [_awaited(each, until) for each in under_way]

    def _outcome(self, call: PlainCall, signed: Signed) -> Outcome:
        if isinstance(signed, Exception):
            return Outcome(error=signed)
        try:
            with acting_as(str(self._actor), signed_statement=signed):
                reply = self._caller.call(
                    call.service, call.method, timeout_seconds=call.timeout_seconds, **call.fields
                )
        except Exception as error:  # noqa: BLE001  # raised where the reply is looked at
            return Outcome(error=error)
        return Outcome(reply=reply)

    def _tell_seen(self, reading_id: UUID, answered: Sequence[tuple[PlainCall, Outcome]]) -> Exception | None:
        """Tell whom the replies showed: nobody, where none came. What was raised where that could not be told.

        Untold, staff publish the look after a minute. Of a reply that finds its customers they do not know whose it
        is: so that one is shown to nobody unless it is told.
        """
        seen: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for call, outcome in answered:
            account_id = _account(call.fields.get(ACCOUNT))
            reply = None if outcome.error else outcome.reply
            if _finds(call):
                for found, users in persons_by_account(reply).items():
                    seen[found].update(users)
            elif account_id is not None and _act(call).shows is not None:
                seen[account_id].update(persons_in(reply))
        named = min(NAMED, NAMED_IN_ALL // max(len(seen), 1))
        told = tuple(
            PersonsSeen(account_id=account_id, user_ids=tuple(sorted(users)[:named]), persons=len(users))
            for account_id, users in seen.items()
        )
        if not told:
            return None
        try:
            with acting_as(str(self._actor)):
                self._caller.ask(TellSeen(token=self._token, reading_id=reading_id, seen=told))
        except (Transient, Refused, Internal) as error:
            logger.warning("staff were not told whom a page showed", exc_info=error)
            return error
        return None

    def _signed(
        self, calls: Sequence[PlainCall], purpose: Purpose | None, visit_id: UUID | None
    ) -> tuple[list[Signed], list[tuple[UUID, list[int]]]]:
        """What goes along with each call, and the looks at people with the places of their calls.

        Raises `Unauthenticated` where the session is over.
        """
        stated = [at for at, call in enumerate(calls) if act_name(call.service, call.method) in acts()]
        signed: list[Signed] = [None] * len(calls)
        readings: list[tuple[UUID, list[int]]] = []
        for places in _groups(stated, finding=frozenset(at for at in stated if _finds(calls[at]))):
            statements, reading_id = self._sign([calls[at] for at in places], purpose, visit_id)
            for place, each in zip(places, statements, strict=True):
                signed[place] = each
            if reading_id is not None:
                readings.append((reading_id, places))
        return signed, readings

    def _sign(
        self, calls: Sequence[PlainCall], purpose: Purpose | None, visit_id: UUID | None
    ) -> tuple[list[Signed], UUID | None]:
        asked = SignStatements(
            token=self._token, acts=tuple(map(_asked, calls)), purpose=purpose, visit_id=visit_id
        )
        try:
            with acting_as(str(self._actor)):
                signed = self._caller.ask(asked, timeout_seconds=SIGNING_SECONDS)
        except Transient as error:
            return [error] * len(calls), None
        return [_statement(each) for each in signed.statements], signed.reading_id


def _act(call: PlainCall) -> Act:
    return acts()[act_name(call.service, call.method)].act


def _finds(call: PlainCall) -> bool:
    """Whether only the reply says of which customers it tells."""
    act = _act(call)
    return act.finds and (act.shows is None or call.fields.get(ACCOUNT) is None)


def _groups(places: Sequence[int], *, finding: frozenset[int]) -> Iterator[list[int]]:
    """The calls that are signed together, and told as one look: of those that find whom they show two at most.

    Each of them may name hundreds of customers, and those of more lists could not be told of one look.
    """
    group: list[int] = []
    for at in places:
        if len(group) == MOST or (at in finding and len(finding.intersection(group)) == FINDING):
            yield group
            group = []
        group.append(at)
    if group:
        yield group


def _asked(call: PlainCall) -> ActAsked:
    fields = {name: value for name, value in call.fields.items() if name != IDEMPOTENCY_KEY}
    return ActAsked(
        act=act_name(call.service, call.method),
        digest=call_digest(call.service, call.method, fields),
        account_id=_account(fields.get(ACCOUNT)),
        approval_id=call.approval_id,
        rehearsal=call.rehearsal,
    )


def _account(given: Any) -> UUID | None:
    try:
        return None if given is None else UUID(given)
    except (AttributeError, TypeError, ValueError):
        raise Invalid(details={"fields": {ACCOUNT: ["not a uuid"]}}) from None


def _statement(signed: ActSigned) -> Signed:
    if signed.statement is not None:
        return signed.statement
    named = {"purposes": list(signed.purposes)} if signed.purposes else {}
    return Forbidden("this is not signed", details={"reason": signed.refusal or "unknown", **named})


def _awaited(under_way: Future[Outcome], until: float) -> Outcome:
    try:
        return under_way.result(max(until - time.monotonic(), 0.0))
    except (StillWaiting, CancelledError):
        under_way.cancel()
        return Outcome(error=DeadlineExceeded("the time limit of the page ran out"))
