"""How the desk reaches the services, on behalf of a member of staff: what pages and commands ask with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from services.desk.callers import DeskCaller, Outcome, PlainCall
from services.staff.approvals.calls import ApprovalWhole, RequestApproval
from shared.actor import Actor
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.calls import Call, read_reply
from shared.clock import Clock
from shared.config import Settings
from shared.records import Record
from shared.staff import Purpose, act_name

R = TypeVar("R", bound=Record)

CALL_SECONDS: Final = 15.0
"""A person waits longer than a program."""


class Desk:
    """The services, asked by one member of staff."""

    def __init__(
        self,
        settings: Settings,
        caller: DeskCaller,
        *,
        who: Callable[[], Actor],
        purpose: Purpose | None = None,
        visit_id: UUID | None = None,
    ) -> None:
        """`caller` makes calls in a session; `who` says whose it is, and may refuse where that is not known.

        `purpose` is what is asked for; without one it is that of the grant by which somebody asks. `visit_id` names
        what is looked at again and told once.
        """
        self.settings = settings
        self.caller = caller
        self.purpose = purpose
        self.visit_id = visit_id
        self.clock = Clock(settings.state_dir, environment=settings.environment)
        self._who = who

    def acting_for(self, purpose: Purpose, *, visit_id: UUID | None = None) -> Desk:
        """The same desk, which asks for this purpose, in a visit where one is named."""
        return Desk(self.settings, self.caller, who=self._who, purpose=purpose, visit_id=visit_id)

    def ask(
        self,
        call: Call[R],
        *,
        of: str = "",
        timeout_seconds: float = CALL_SECONDS,
        idempotency_key: str | None = None,
    ) -> R:
        """Make a call; `of` names the service for one that every service answers.

        Raises as `Caller.ask`, and `Forbidden` with its reason for what the person may not do.
        """
        asked = _plain(call, of=of, timeout_seconds=timeout_seconds, idempotency_key=idempotency_key)
        (outcome,) = self._made([asked])
        return read_reply(call, outcome.result(), of=of)

    @contextmanager
    def together(self) -> Iterator[Together]:
        """Calls of one page, which are made at once where the block ends, and told as one act of looking.

            with desk.together() as page:
                holds = page.ask(Holds(state="overdue"))
                tasks = page.ask(Tasks())
            holds.reply

        Raises `Unauthenticated` where the session is over.
        """
        page = Together()
        yield page
        page.settle(self._made(page.calls))

    def request(self, call: Call[Any], *, of: str = "", approval_id: UUID) -> ApprovalWhole:
        """Ask for an act that takes two persons: it waits, just as it is, until another one approves it.

        Asking twice with one `approval_id` asks once. Raises what the act would be refused with, and what
        `RequestApproval` is.
        """
        act = act_name(call.service or of, call.method)
        self.rehearse(act, call.to_json(), approval_id=approval_id)
        return self.ask(
            RequestApproval(token=self.caller.token, approval_id=approval_id, act=act, asked=call.to_json())
        )

    def rehearse(self, act: str, asked: Mapping[str, Any], *, approval_id: UUID) -> None:
        """Have its service try an act that takes two persons, and undo it: nobody signs what would be refused.

        Raises what it would be refused with now, and `Transient` where that cannot be known.
        """
        service, _, method = act.partition(".")
        tried = PlainCall(
            service=service,
            method=method,
            fields=dict(asked),
            timeout_seconds=CALL_SECONDS,
            approval_id=approval_id,
            rehearsal=True,
        )
        (outcome,) = self._made([tried])
        outcome.result()

    def carry_out(self, approval: ApprovalWhole, *, timeout_seconds: float = CALL_SECONDS) -> Record:
        """Make the call that another person has approved, just as it was frozen; its reply.

        Raises as `ask`. A second time it is refused: an approval counts once.
        """
        from services.desk.known_calls import known_call  # noqa: PLC0415  # it reads every class of a call

        service, _, method = approval.act.partition(".")
        known = known_call(service, method)
        fields = dict(approval.asked)
        if known.is_command:
            fields[IDEMPOTENCY_KEY] = f"approval-{approval.approval_id}"
        asked = PlainCall(
            service=service,
            method=method,
            fields=fields,
            timeout_seconds=timeout_seconds,
            approval_id=approval.approval_id,
        )
        (outcome,) = self._made([asked])
        reply: Record = read_reply(known, outcome.result(), of=service)
        return reply

    def _made(self, calls: Sequence[PlainCall]) -> list[Outcome]:
        return self.caller.call_many(calls, purpose=self.purpose, visit_id=self.visit_id)

    @property
    def who(self) -> Actor:
        """Who is at the desk."""
        return self._who()


@dataclass(eq=False)
class Answer(Generic[R]):
    """What comes of one call of many."""

    call: Call[R] = field(repr=False)
    of: str
    outcome: Outcome | None = None

    @property
    def reply(self) -> R:
        """The reply. Raises as `Desk.ask`."""
        if self.outcome is None:
            raise RuntimeError("the calls are made where the block ends")
        return read_reply(self.call, self.outcome.result(), of=self.of)


class Together:
    """Gathers the calls of a page."""

    def __init__(self) -> None:
        self.calls: list[PlainCall] = []
        self._answers: list[Answer[Any]] = []

    def ask(self, call: Call[R], *, of: str = "", timeout_seconds: float = CALL_SECONDS) -> Answer[R]:
        """Have a call made with the others; `of` names the service for one that every service answers."""
        self.calls.append(_plain(call, of=of, timeout_seconds=timeout_seconds))
        answer = Answer(call, of)
        self._answers.append(answer)
        return answer

    def settle(self, outcomes: list[Outcome]) -> None:
        """Hand each answer what came of its call."""
        for answer, outcome in zip(self._answers, outcomes, strict=True):
            answer.outcome = outcome


def _plain(call: Call[Any], *, of: str, timeout_seconds: float, idempotency_key: str | None = None) -> PlainCall:
    fields = call.to_json()
    if idempotency_key is not None:
        fields[IDEMPOTENCY_KEY] = idempotency_key
    return PlainCall(service=call.service or of, method=call.method, fields=fields, timeout_seconds=timeout_seconds)
