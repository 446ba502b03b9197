"""The services on real databases, real keys and the sandbox's vendors, with the test in the broker's place.

Events are carried from each outbox to every service that hears them, in any order; calls go through their schemas.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from services.billing_sync.tripletex.client import Tripletex
from services.retention.certificates.signing import verify
from services.retention.service import Retention
from shared.bus.declarations import Service
from shared.bus.discovery import events
from shared.calls import Caller
from shared.clock import FixedClock
from shared.errors import NotFound, VilkarError
from shared.events import Received
from shared.privacy import Keyring
from shared.privacy.ledger import Ledger
from shared.privacy.restore_gate import Gate, GateState
from shared.signing import SigningKey
from shared.system import PARTICIPANTS
from tests.forms import PASSWORD, confirmation_call, proved, sign_up_call
from tests.in_process import invoke, run
from tests.plugins.account_world import INDEX
from tests.staff_statements import decide

THEIR_DATABASES = tuple(name.replace("-", "_") for name in PARTICIPANTS)
"""Those of the services that take part in every erasure."""
EVENTS = {event.type: event for event in events()}
ROUNDS = 200
DAY = timedelta(days=1)
WORK = {
    "account": "answer_letter_requests collect_exports hand_over_exports",
    "notification": "split_mailings deliver_letters finish_farewells",
    "billing-sync": "work",
    "audit": "sequence fetch_origins detect",
    "cases": "compute_lists look_up tell_frozen_lists tell_ledger carry_out_effects see_who_is_gone"
    " ask_about_silent start_customers_clocks",
    "retention": "remind complete plan_run carry_out report_overdue_reviews",
}
"""What is done on time, in this order."""
ORIGIN = {"ip": "198.51.100.7", "user_agent": "Mozilla/5.0"}


@dataclass
class Townsfolk:
    """Somebody of a company, as a test knows them."""

    account_id: UUID
    user_id: UUID
    email: str

    @property
    def actor(self) -> str:
        return f"user:{self.user_id}"


class Exchange(Caller):
    """Carries calls from service to service, through the callee's own schemas."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        return invoke(self.services[service], method, **fields)


@dataclass
class Town:
    """All services at one clock."""

    exchange: Exchange
    clock: FixedClock
    owners: dict[str, psycopg.Connection]
    keys: Keyring
    sandbox: Any
    tripletex: Tripletex
    signing_key: SigningKey
    chance: random.Random
    gates: dict[str, Gate] = field(default_factory=dict)
    """Before the databases that read in the ledger what they have told it."""
    carried: dict[str, int] = field(default_factory=dict)

    @property
    def retention(self) -> Retention:
        return self.exchange.services["retention"]

    def call(self, service: str, method: str, **fields: Any) -> Any:
        return self.exchange.call(service, method, **proved(method, fields))

    def rows(self, database: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.owners[database].execute(query, values or None).fetchall()

    def count(self, database: str, table: str, **where: Any) -> int:
        """How many rows of a table, by equal columns."""
        wanted = " AND ".join(f"{name} = %s" for name in where)
        ((found,),) = self.rows(database, f"SELECT count(*) FROM {table} WHERE {wanted}", *where.values())  # noqa: S608
        return int(found)

    # ── time and events ──

    def settle(self) -> None:
        """Let everybody work until nothing more happens."""
        for _ in range(ROUNDS):
            self._work()
            if not self.carry():
                return
        raise AssertionError("the town does not come to rest")

    def _work(self) -> None:
        for gate in self.gates.values():
            gate.follow()
        for service, names in WORK.items():
            for name in names.split():
                run(self.exchange.services[service], name)

    def carry(self) -> int:
        """Carry what was published since, in any order; how many events."""
        waiting = []
        for source, service in self.exchange.services.items():
            database = source.replace("-", "_")
            rows = self.rows(
                database,
                "SELECT id, event_id, body FROM outbox WHERE id > %s ORDER BY id",
                self.carried.get(source, 0),
            )
            waiting += [(source, event_id, json.loads(bytes(body))) for _, event_id, body in rows]
            if rows:
                self.carried[source] = rows[-1][0]
            assert service.database.source == source
        self.chance.shuffle(waiting)
        for source, event_id, envelope in waiting:
            self._deliver(source, event_id, envelope)
        return len(waiting)

    def _deliver(self, source: str, event_id: UUID, envelope: dict[str, Any]) -> None:
        event = EVENTS[envelope["type"]]
        message = Received(
            id=event_id,
            event=event.from_data(envelope["data"]),
            source=source,
            time=datetime.fromisoformat(envelope["time"]),
            subject=envelope["subject"],
            sequence=envelope.get("sequence"),
            correlation_id=UUID(envelope["correlationid"]),
            causation_id=UUID(envelope["causationid"]) if envelope.get("causationid") else None,
            actor=envelope.get("actor", "system"),
        )
        for service in self.exchange.services.values():
            self._hand(service, message)

    @staticmethod
    def _hand(service: Service, message: Received[Any]) -> None:
        """Let one service hear it, if it does."""
        with service.database.transaction() as tx:
            for _, spec, method in service.declared():
                if getattr(spec, "event", None) is type(message.event) and message.source in spec.sources:
                    method(message, tx)

    def pass_days(self, days: float) -> None:
        """Let days go by, one after the other, with everybody at work."""
        for _ in range(int(days)):
            self.clock.move(DAY)
            self.settle()

    def at(self, instant: datetime) -> None:
        """Let the time come, with everybody at work."""
        self.clock.at = instant
        self.settle()

    def restored(self, *names: str) -> None:
        """Processes begin anew before these databases, which were set back; the gate opens before they serve."""
        for name in names:
            service = self.exchange.services[name]
            ((database, replayer),) = service.guarded()
            assert replayer is not None
            ledger = Ledger(self.retention.ledger.path, keys=self.retention.ledger.keys)
            gate = Gate(ledger, database, replayer, clock=self.clock)
            assert gate.open() is GateState.OPEN, gate.reason
            self.gates[name] = gate

    # ── people ──

    def company(self, *names: str) -> list[Townsfolk]:
        """A company, its owner first, confirmed and copied to Tripletex; a name may be an address."""
        emails = [name if "@" in name else f"{name}.{uuid4().hex[:10]}@firma.example" for name in names]
        self.call("account", "sign_up", **sign_up_call(emails[0], ORIGIN))
        found = self.rows(
            "account", "SELECT id, account_id FROM account_user WHERE email_index = %s", INDEX.of_email(emails[0])
        )
        owner = Townsfolk(found[0][1], found[0][0], emails[0])
        self._confirm(owner, "email_confirmation", "confirmation")
        people = [owner]
        for name, email in zip(names[1:], emails[1:], strict=True):
            added = self.call(
                "account", "add_user", account_id=owner.account_id, actor=owner.actor, email=email,
                name=f"{name.partition('@')[0].title()} Sletten", phone="90012345",
            )  # fmt: skip
            person = Townsfolk(owner.account_id, UUID(added["user_id"]), email)
            self._confirm(person, "invitation", "invitation")
            people.append(person)
        self._report(*people)
        self.settle()
        return people

    def _report(self, *people: Townsfolk) -> None:
        """The company and its people are mentioned in a case."""
        self.call(
            "cases", "report_alarm", source="customer", external_id=str(uuid4()), signal="wrong_recipient",
            detected_at=self.clock.now(), account_ids=[people[0].account_id],
            user_ids=[person.user_id for person in people], actor="staff:kari",
        )  # fmt: skip
        self.call(
            "registers", "draft_record", kind="security_notice_agreement", account_id=people[0].account_id,
            valid_from=self.clock.now().date(), evidence_sha256="ab" * 32, evidence_on=self.clock.now().date(),
            fields={"recipients": " ".join(str(person.user_id) for person in people)}, actor="staff:kari",
        )  # fmt: skip

    def _confirm(self, person: Townsfolk, letter: str, kind: str) -> None:
        query = "SELECT id FROM ticket WHERE user_id = %s AND kind = %s ORDER BY created_at DESC, id DESC LIMIT 1"
        ticket_id = self.rows("account", query, person.user_id, kind)[0][0]
        facts = self.call("account", "letter_facts", user_id=person.user_id, letter=letter, ticket_id=ticket_id)
        if kind == "confirmation":
            self.call("account", "confirm_email", **confirmation_call(facts["link_token"]))
        else:
            self.call("account", "reset_password", token=facts["link_token"], new_password=PASSWORD)

    def log_in(self, person: Townsfolk) -> str:
        origin = {"ip": f"198.51.100.{self.chance.randint(1, 250)}", "user_agent": "Mozilla/5.0"}
        return self.call("account", "log_in", email=person.email, password=PASSWORD, origin=origin)["token"]

    def make_owner(self, owner: Townsfolk, person: Townsfolk) -> None:
        """Two who answer for the company have a contact each at Tripletex."""
        self.call(
            "account", "update_user", account_id=owner.account_id, actor=owner.actor, user_id=person.user_id,
            version=self.version(person), role="owner",
        )  # fmt: skip
        self.settle()

    def version(self, person: Townsfolk, *, of_account: bool = False) -> int:
        user_id = None if of_account else person.user_id
        return self.call("account", "standing", account_id=person.account_id, user_id=user_id)["version"]

    def leave(self, owner: Townsfolk) -> None:
        """The whole company becomes inactive."""
        version = self.version(owner, of_account=True)
        self.call("account", "deactivate_account", account_id=owner.account_id, actor=owner.actor, version=version)
        self.settle()

    # ── decisions of staff ──

    def hold(self, account_id: UUID, **changes: Any) -> dict[str, Any]:
        today = self.clock.now().date()
        fields = {
            "account_id": account_id, "reason": "dispute", "case_ref": "tvist-2027-14", "owner": "staff:jurist",
            "starts_on": today, "review_on": today + 80 * DAY,
        }  # fmt: skip
        return decide(self.retention, "place_hold", **fields | changes)

    def release(self, hold: dict[str, Any]) -> None:
        self.call("retention", "release_hold", hold_id=hold["hold_id"], reason="settled", actor="staff:ola")

    def restrict(self, account_id: UUID, user_id: UUID | None = None) -> dict[str, Any]:
        today = self.clock.now().date()
        return self.call(
            "retention", "set_restriction", account_id=account_id, user_id=user_id, ground="c", requested_on=today,
            actor="staff:ola",
        )  # fmt: skip

    def erasures(self, account_id: UUID) -> list[dict[str, Any]]:
        return self.call("retention", "timeline", account_id=account_id)["erasures"]

    def certificate(self, certificate_id: str) -> dict[str, Any]:
        document = self.call("retention", "certificate", certificate_id=certificate_id)["document"]
        return dict(verify(document, [self.signing_key.public]).body)

    # ── what is left ──

    def known(self, person: Townsfolk) -> bool:
        """Whether the account service can still tell who this is."""
        try:
            self.call("account", "letter_facts", user_id=person.user_id, letter="user_erased", ticket_id=None)
        except NotFound:
            return False
        return True

    def traces(self, needle: str) -> dict[str, set[str]]:
        """The tables of each service in which an id stands; messages, and the ids that audit refuses, aside."""
        found: dict[str, set[str]] = {}
        for service in THEIR_DATABASES:
            tables = self.rows(
                service,
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
                " AND table_name NOT IN ('outbox', 'inbox', 'parked', 'migration', 'command_reply', 'tombstone')",
            )
            for (table,) in tables:
                query = f"SELECT 1 FROM {table} AS t WHERE row_to_json(t)::text LIKE %s LIMIT 1"  # noqa: S608
                if self.rows(service, query, f"%{needle}%"):
                    found.setdefault(service, set()).add(table)
        return found


def refused(town: Town, service: str, method: str, **fields: Any) -> str | None:
    """The code of the refusal, or None where it was carried out."""
    try:
        town.call(service, method, **fields)
    except VilkarError as error:
        return str(getattr(error, "code", type(error).__name__))
    return None
