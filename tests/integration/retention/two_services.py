"""The account service and retention, both real, on PostgreSQL, with one clock; the bus between them is a loop here.

Every event that one of them put into its outbox is handed to the other, once and in order; calls go straight to the
method, through its schemas. notification, billing-sync and audit answer that they have nothing left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.notification.letter_lifecycle.events import NotificationSent
from services.retention.certificates.signing import verify
from services.retention.execution.events import ErasureAnnounced
from services.retention.service import Retention
from shared.bus import discovery
from shared.bus.declarations import HandlesSpec
from shared.calls import Caller
from shared.events import Event, Received
from shared.participation.events import ErasureOrdered, ErasureStepCompleted
from shared.system import PARTICIPANTS
from tests.in_process import invoke, run
from tests.plugins.account_world import Member, World

ROUNDS = 60
OTHERS = tuple(name for name in PARTICIPANTS if name != "account")
EVENTS = {event.type: event for event in discovery.events()}
FAREWELL = {True: "account_erased", False: "user_erased"}


@dataclass
class AsCalled(Caller):
    """How retention reaches the account service: as over the bus, JSON in and JSON out."""

    world: World | None = None

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        assert service == "account"
        assert self.world is not None
        return json.loads(json.dumps(self.world.call(method, **fields), default=str))


@dataclass
class Two:
    """Both services, and what a test does with them."""

    world: World
    retention: Retention
    caller: AsCalled
    public_keys: dict[str, bytes]
    seen_account: int = 0
    seen_retention: int = 0

    def ask(self, method: str, **fields: Any) -> Any:
        """Call retention through its schemas."""
        return invoke(self.retention, method, **fields)

    def at(self, instant: datetime) -> None:
        """Put the clock of both there, and let everything happen that happens by then."""
        self.world.clock.at = instant
        self.settle()

    def settle(self) -> None:
        """Let both work and hear each other until nothing moves any more."""
        for _ in range(ROUNDS):
            before = self.seen_account, self.seen_retention
            self.world.run("end_contracts")
            self.deliver()
            for job in ("remind", "carry_out_early_requests", "plan_run", "carry_out"):
                run(self.retention, job)
            self.deliver()
            if (self.seen_account, self.seen_retention) == before:
                return
        raise AssertionError("the two never come to rest")

    def deliver(self) -> None:
        """Hand over what is new in either outbox."""
        self.seen_account = self._hand_over(self.world.database, self.seen_account)
        self.seen_retention = self._hand_over(self.retention.database, self.seen_retention)

    def _hand_over(self, database: Any, since: int) -> int:
        with database.transaction() as tx:
            rows = tx.all("SELECT id, body FROM outbox WHERE id > %(since)s ORDER BY id", since=since)
        for row in rows:
            envelope = json.loads(bytes(row["body"]))
            since = row["id"]
            kind = EVENTS[envelope["type"]]
            message = Received(
                id=UUID(envelope["id"]),
                event=kind.from_data(envelope["data"]),
                source=envelope["source"],
                time=datetime.fromisoformat(envelope["time"]),
                subject=envelope["subject"],
                correlation_id=uuid4(),
                sequence=envelope.get("sequence"),
            )
            self._hear(self.retention, kind, message)
            self._hear(self.world.service, kind, message)
            self._answer_for_others(message.event)
        return since

    @staticmethod
    def _hear(service: Any, kind: type[Event], message: Received[Any]) -> None:
        declared = [each for each in service.declared() if isinstance(each.spec, HandlesSpec)]
        with service.database.transaction() as tx:
            for _, spec, method in declared:
                if spec.event is kind:
                    method(message, tx)

    def _answer_for_others(self, event: Event) -> None:
        """What the services that are not here would say."""
        said: list[tuple[str, Event]] = []
        if isinstance(event, ErasureAnnounced):
            letter = FAREWELL[event.user_id is None]
            sent = NotificationSent(
                letter_id=uuid4(), letter=letter, account_id=event.account_id, user_id=event.user_id
            )
            said.append(("notification", sent))
        if isinstance(event, ErasureOrdered):
            for name in OTHERS:
                done = ErasureStepCompleted(
                    erasure_id=event.erasure_id, participant=name, outcome="done", counts={"rows": 6}, retained=[]
                )
                said.append((name, done))
        for source, each in said:
            message = Received(
                id=uuid4(),
                event=each,
                source=source,
                time=self.world.clock.now(),
                subject=each.subject,
                correlation_id=uuid4(),
            )
            self._hear(self.retention, type(each), message)

    # ── what a test looks at ──────────────────────────────────────────────────────────────────────────────

    def erasures(self, member: Member) -> list[dict[str, Any]]:
        return self.ask("timeline", account_id=member.account_id)["erasures"]

    def last(self, member: Member) -> dict[str, Any]:
        return self.erasures(member)[-1]

    def certificate(self, member: Member) -> dict[str, Any]:
        """The body of the newest certificate of the account, verified."""
        shown = self.ask("certificate", certificate_id=self.last(member)["certificate_id"])
        assert shown["document"] is not None, shown["state"]
        return dict(verify(shown["document"], self.public_keys).body)

    def give_notice(self, member: Member) -> dict[str, Any]:
        session = self.world.log_in(member)
        given = self.world.call(
            "terminate_with_password",
            token=session["token"],
            current_password=member.password,
            origin=self.world.origin(),
            version=self.world.version(member),
        )
        self.settle()
        return given

    def deactivate(self, member: Member) -> None:
        self.world.deactivate(member)
        self.settle()

    def told(self, member: Member, event_type: str) -> list[dict[str, Any]]:
        """The data of what retention published about an account."""
        with self.retention.database.transaction() as tx:
            rows = tx.all("SELECT body FROM outbox ORDER BY id")
        found = [json.loads(bytes(row["body"])) for row in rows]
        mine = str(member.account_id)
        return [
            each["data"] for each in found if each["type"] == event_type and each["data"].get("account_id") == mine
        ]


MINUTE = timedelta(minutes=1)
