"""From a call to its answer: checked, carried out within its time, and every failure turned into a typed one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, NoReturn

import eventlet

from shared import input_guard, log
from shared.bus import metrics, wire
from shared.bus.actor_claims import Claims
from shared.bus.connection import body_of
from shared.bus.declarations import AnswersSpec
from shared.bus.idempotency import Asked, KeptReplies
from shared.bus.reply_body import body_of_reply, look
from shared.bus.rpc_wire import (
    HEADER_ACTOR,
    HEADER_SESSION,
    HEADER_STATEMENT,
    IDEMPOTENCY_KEY,
    KEY_PATTERN,
    context_of,
    deadline_of,
    text_of,
)
from shared.bus.statement_check import Statements, spend
from shared.bus.stopping import STOPPING
from shared.calendar import oslo_date
from shared.calls import Done
from shared.clock import Clock
from shared.context import Context, is_rehearsal, working_in
from shared.database import Database
from shared.errors import DeadlineExceeded, Forbidden, Internal, Invalid, Permanent, Refused, Transient, Unavailable
from shared.identifiers import new_id
from shared.statements import StatementError

FIELD_PATTERN: Final = re.compile(r"[a-z_][a-z0-9_]{0,63}")

_log = log.get("bus.rpc_dispatch")


class BadCallError(Permanent):
    """A message in the queue of calls is none; `reason` is a machine code."""

    def __init__(self, reason: str, *, answerable: bool = False) -> None:
        """`answerable` says whether the sender can be told."""
        super().__init__(f"not a call: {reason}")
        self.reason = reason
        self.answerable = answerable


@dataclass(frozen=True, kw_only=True)
class ReceivedCall:
    """A call as it was read off the wire; the fields are not yet checked against the method's request.

    `user` is the calling process's user at the broker, who vouches for it; empty where the caller has not said.
    `claimed` is who acts as the caller says, `session` what a customer proved it with, `statement` what staff have
    signed of it; `context` believes none of them.
    """

    method: str
    user: str
    fields: dict[str, Any] = field(repr=False)
    deadline_ms: int | None
    context: Context
    claimed: str | None = None
    session: str | None = field(default=None, repr=False)
    statement: str | None = field(default=None, repr=False)


def read_call(message: Any, *, service: str) -> ReceivedCall:
    """Read a message from the queue of calls. Raises `BadCallError`."""
    properties = message.properties
    headers = properties.get("application_headers") or {}
    user = properties.get("user_id") or ""
    # A queue's dead letters are moved on without asking for anybody's rights: by that way every caller could make
    # every call, and have it answered.
    if message.delivery_info["exchange"] != wire.RPC_EXCHANGE or "x-death" in headers:
        raise BadCallError("not_sent_as_a_call")
    reply_to = properties.get("reply_to")
    # The answer is written with this service's rights. To a key it may not write to, the broker would answer by
    # closing the connection, and the answers of others would be lost with it.
    if reply_to and not wire.is_reply_key(reply_to, user):
        raise BadCallError("not_its_own_reply_key")
    answerable = bool(reply_to)
    try:
        value = wire.parse_object(body_of(message), content_type=properties.get("content_type"))
    except wire.Undecodable as error:
        raise BadCallError(error.reason, answerable=answerable) from None
    if not answerable:
        raise BadCallError("nobody_to_answer")
    if not isinstance(value.get("args"), list) or not isinstance(value.get("kwargs"), dict):
        raise BadCallError("args_or_kwargs_missing", answerable=True)
    if value["args"]:
        raise BadCallError("positional_arguments", answerable=True)
    return ReceivedCall(
        method=message.delivery_info["routing_key"].removeprefix(f"{service}."),
        user=user,
        fields=value["kwargs"],
        deadline_ms=deadline_of(headers),
        context=context_of(headers, user=user),
        claimed=text_of(headers, HEADER_ACTOR),
        session=text_of(headers, HEADER_SESSION),
        statement=text_of(headers, HEADER_STATEMENT),
    )


class RpcDispatcher:
    """Answers the calls of one method."""

    def __init__(
        self,
        name: str,
        spec: AnswersSpec,
        method: Callable[..., Any],
        *,
        database: Database,
        clock: Clock,
        secret: bytes,
        claims: Claims,
        statements: Statements,
        barred: Callable[[], NoReturn] | None = None,
    ) -> None:
        """`method` is bound: it takes the request, and for a command the transaction.

        `secret` keys the digests of requests, see `shared.bus.idempotency`. `claims` looks at who is said to act,
        `statements` at what proves it of staff. `barred` raises what every call is answered with; nothing is looked
        at then.
        """
        self.name = name
        self._spec = spec
        self._takes_free_text = input_guard.has_free_text(spec.call)
        self._method = method
        self._feature = getattr(method, "__self__", None)
        self._database = database
        self._clock = clock
        self._wall = Clock()  # never moved: a time limit is about real seconds
        self._barred = barred
        self._claims = claims
        self._statements = statements
        self._kept = KeptReplies(name, secret=secret)

    def answer(self, call: ReceivedCall) -> bytes | None:
        """The body of the reply; None where nobody waits for it any more and so nothing was done."""
        seconds = self._seconds_left(call)
        if seconds <= 0:
            metrics.CALLS.labels(self.name, "late").inc()
            return None
        try:
            with (
                working_in(call.context),
                eventlet.Timeout(seconds, DeadlineExceeded("the time limit of the call ran out")),
            ):
                body = body_of_reply(self._carry_out(call), None)
        except STOPPING:
            raise
        except BaseException as error:  # noqa: BLE001  # an answer is owed whatever happened
            with working_in(call.context):
                return self._failed(call, error)
        metrics.CALLS.labels(self.name, "answered").inc()
        return body

    def _carry_out(self, call: ReceivedCall) -> Any:
        if self._barred is not None:
            self._barred()
        given = dict(call.fields)
        key = given.pop(IDEMPOTENCY_KEY, None) if self._spec.call.is_command else None
        if key is not None and not (isinstance(key, str) and KEY_PATTERN.fullmatch(key)):
            raise Invalid("the idempotency key is malformed", details={"fields": {IDEMPOTENCY_KEY: ["malformed"]}})
        request = self._checked(given)
        self._claims.check(user=call.user, header=call.claimed, session=call.session, fields=given)
        statement = self._statements.admit(
            self._spec.call, user=call.user, token=call.statement, header=call.claimed, fields=given
        )
        if statement is not None:
            call = replace(call, context=replace(call.context, actor=statement.actor, statement=statement))
        with working_in(call.context):
            reach = (statement.scope or "") if statement is not None else ""
            asked = None
            if key is not None:
                asked = self._kept.asked(self._spec.call, given, scope=_scope(call, request), key=key, reach=reach)
            try:
                if self._spec.call.is_command:
                    reply = self._carry_out_once(request, asked)
                else:
                    reply = look(self._spec, self._method, request)
            except Forbidden as error:
                # That it was signed stands in the trail already, and would read there as if it had been done.
                if statement is not None and not is_rehearsal():
                    self._statements.forbidden(self.name, user=call.user, statement=statement, error=error)
                raise
            # What was undone again is told to nobody as if it stood.
            return Done().to_json() if is_rehearsal() else reply

    def _carry_out_once(self, request: Any, asked: Asked | None) -> Any:
        """Carry a command out: once under its idempotency key where it has one, and once by its statement."""
        found: tuple[Any, ...] = ()
        if self._spec.first is not None:
            if (known := self._known(asked)) is not None:
                return known
            try:
                found = self._spec.ahead(self._feature, request)
            except Refused:
                if (known := self._known(asked)) is not None:  # a first press was still under way
                    return known
                raise
        now = self._clock.now()
        with self._database.transaction() as tx:
            known = None if asked is None else self._kept.find(tx, asked)
            if known is not None:
                return known
            spend(tx, now)
            reply = self._spec.write(self._method(request, tx, *found))
            if asked is not None:
                self._kept.keep(tx, asked, reply=reply, now=now)
            return reply

    def _known(self, asked: Asked | None) -> Any:
        """The reply that was given before, None where there is none."""
        if asked is None:
            return None
        with self._database.transaction() as tx:
            return self._kept.find(tx, asked)

    def _checked(self, given: dict[str, Any]) -> Any:
        try:
            request = self._spec.read(given)
        except Invalid as error:
            raise Invalid(details={"fields": self._complaints(error.details["fields"])}) from None
        self._guard(request)
        return request

    def _guard(self, request: Any) -> None:
        """Refuse what does not belong in free text, before anything is kept; what it was is told to nobody."""
        if not self._takes_free_text:
            return
        found = input_guard.found_in(request, oslo_date(self._clock.now()))
        if not found:
            return
        for path, kinds in found.items():
            field = ".".join(part for part in path if isinstance(part, str))
            for kind in kinds:
                metrics.INPUT_REFUSED.labels(self.name, field, kind).inc()
                _log.warning(
                    "sensitive_input_refused",
                    method=self.name,
                    field=field,
                    kind=kind,
                    account_id=getattr(request, "account_id", None),
                )
        raise Invalid(details={"fields": input_guard.complaints(found)})

    def _complaints(self, messages: dict[Any, Any]) -> dict[str, Any]:
        """What is wrong by field. An unknown field's name is the caller's text; only a plain one is told."""
        by_field: dict[str, Any] = {}
        for name, complaint in messages.items():
            text = str(name)
            by_field[text if FIELD_PATTERN.fullmatch(text) else "(malformed name)"] = complaint
        return by_field

    def _seconds_left(self, call: ReceivedCall) -> float:
        if call.deadline_ms is None:
            return self._spec.call.seconds
        now_ms = self._wall.now().timestamp() * 1000
        return min((call.deadline_ms - now_ms) / 1000, timedelta(minutes=1).total_seconds())

    def _failed(self, call: ReceivedCall, error: BaseException) -> bytes:
        if isinstance(error, StatementError):
            error = self._statements.refused(self.name, user=call.user, error=error)
        if isinstance(error, Refused):
            metrics.CALLS.labels(self.name, error.code).inc()
            return body_of_reply(None, refusal(error))
        if isinstance(error, Transient):
            metrics.CALLS.labels(self.name, "unavailable").inc()
            _log.warning("call_could_not_be_carried_out", method=self.name, exc_info=error)
            kind = DeadlineExceeded if isinstance(error, DeadlineExceeded) else Unavailable
            return body_of_reply(None, _error(kind, str(error)))
        metrics.CALLS.labels(self.name, "internal").inc()
        return body_of_reply(None, internal(error, self.name))


def _scope(call: ReceivedCall, request: Any) -> str:
    """Whose an idempotency key is: of the process that calls, who acts through it, and the account it is about.

    The first the broker vouches for; the others are the process's word, as everything else in its call.
    """
    return " ".join((call.user, call.context.actor, str(getattr(request, "account_id", None) or "")))


def refusal(error: Refused) -> dict[str, Any]:
    """A refusal in nameko's format, with code and details for our own callers beside it."""
    return {**_error(type(error), error.message), "code": error.code, "details": error.details}


def internal(error: BaseException, method: str) -> dict[str, Any]:
    """An unexpected fault: its id goes out, the rest stays here in the log, without values."""
    error_id = str(new_id())
    _log.error("call_failed", method=method, error_id=error_id, exc_info=error)
    return {**_error(Internal, f"internal error {error_id}"), "error_id": error_id}


def bad_call(reason: str) -> dict[str, Any]:
    """What the sender of something malformed is told; nameko knows it as its own exception."""
    return {
        "exc_type": "MalformedRequest",
        "exc_path": "nameko.exceptions.MalformedRequest",
        "exc_args": [reason],
        "value": reason,
    }


def unknown_method(name: str) -> dict[str, Any]:
    """What the caller of a method that is not there is told; nameko knows it as its own exception."""
    shown = name if FIELD_PATTERN.fullmatch(name) else "(malformed name)"
    return {
        "exc_type": "MethodNotFound",
        "exc_path": "nameko.exceptions.MethodNotFound",
        "exc_args": [shown],
        "value": shown,
    }


def error_body(error: dict[str, Any]) -> bytes:
    """A reply that tells of an error."""
    return body_of_reply(None, error)


def _error(kind: type[Exception], text: str) -> dict[str, Any]:
    return {
        "exc_type": kind.__name__,
        "exc_path": f"{kind.__module__}.{kind.__name__}",
        "exc_args": [text],
        "value": text,
    }
