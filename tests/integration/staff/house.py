"""The service of the vendor's people as a process with people in it, and another one that believes what it signs.

Whoever imports this first lets eventlet tell its deprecation; nothing is patched.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import eventlet  # noqa: F401

from services.staff.approvals.calls import (
    ApprovalOptions,
    ApprovalShown,
    ApprovalWhole,
    Approve,
    RequestApproval,
)
from services.staff.passkeys.events import PasskeyEnrolled
from services.staff.statements.calls import SignStatements
from shared.bus.rpc_client import BusCaller
from shared.clock import Clock, FixedClock
from shared.context import acting_as
from shared.database import Database
from shared.privacy.ledger_lines import Fact
from shared.signing import PublicKey
from shared.staff import Purpose, Role
from tests.integration import running
from tests.integration.staff.colleague import PARTY, assertion
from tests.integration.staff.deciders import Decider, asked_for
from tests.integration.staff.staff_stage import StaffStage, service_of
from tests.plugins.ledger import begin_ledger, keyring_follows
from tests.unit.privacy.ledger_samples import received

NOBODY = "http://127.0.0.1:9"
"""Where the servers of others would be."""


@dataclass
class House:
    """People made beforehand, two processes that believe staff by statements only, and the desk."""

    stage: StaffStage
    people: dict[str, Decider]
    desk: BusCaller
    broker: Any
    ledger_key: PublicKey
    owner: psycopg.Connection[Any]
    running: Callable[[str], AbstractContextManager[Any]]
    """Another service as a process, by its name."""
    lacking: dict[str, Decider] = field(default_factory=dict)

    def sign(self, person: Decider, *asked) -> list[Any]:
        signing = SignStatements(token=person.token, acts=tuple(asked))
        return list(self.desk.ask(signing, timeout_seconds=20).statements)

    def do(self, person: Decider, act: str, fields: dict[str, Any], *, approval: UUID | None = None, token=None):
        """As the desk carries out what a person wants: have it signed, and send it along."""
        if token is None:
            (signed,) = self.sign(person, asked_for(act, fields, approval))
            assert signed.statement, signed.refusal
            token = signed.statement
        service, _, method = act.partition(".")
        with acting_as(f"staff:{person.code}", signed_statement=token):
            return self.desk.call(service, method, timeout_seconds=20, **fields)

    def request(self, person: Decider, act: str, fields: dict[str, Any]) -> ApprovalWhole:
        call = RequestApproval(token=person.token, approval_id=uuid4(), act=act, asked=fields)
        return self.desk.ask(call, timeout_seconds=20)

    def approve(self, person: Decider, seen: ApprovalShown) -> ApprovalShown:
        about = {"token": person.token, "approval_id": seen.approval_id, "version": seen.version}
        options = self.desk.ask(ApprovalOptions(**about), timeout_seconds=20).options
        answer = assertion(person.keys[0].get(options.to_json(), PARTY))
        return self.desk.ask(Approve(**about, assertion=answer), timeout_seconds=20)


def make_people(stage: StaffStage) -> tuple[dict[str, Decider], dict[str, Decider]]:
    """One person a role, two administrators, and people who each lack one thing."""
    admins = {"purpose": Purpose.STAFF_ADMINISTRATION}
    people = {
        role.value: Decider.sworn(stage, role.value.replace("_", "-"), role, purpose=Purpose.OPERATIONS)
        for role in Role
    }
    people |= {code: Decider.sworn(stage, code, Role.STAFF_ADMIN, **admins) for code in ("kari", "ola")}
    people["siri"] = Decider.sworn(stage, "siri")
    lacking = {
        "undertaking_over": Decider.sworn(stage, "unsworn", *Role),
        "training_over": Decider.sworn(stage, "untrained", *Role),
        "role_not_granted": Decider.sworn(stage, "roleless"),
        "passkeys_missing": Decider.sworn(stage, "keyless", *Role),
        "grant_not_live": Decider.sworn(stage, "expired", *Role),
    }
    take_away(stage, lacking)
    return people, lacking


def take_away(stage: StaffStage, lacking: dict[str, Decider]) -> None:
    """Let each of these lack what it is called after."""
    ended = "UPDATE prerequisite SET ended_at = now(), ended_because = 'mistaken' WHERE kind = %s AND person_id = "
    of_code = "(SELECT id FROM person WHERE code = %s)"
    for kind, code in (("undertaking", "unsworn"), ("training", "untrained")):
        stage.owner.execute(ended + of_code, (kind, code))
    stage.owner.execute(
        "UPDATE passkey SET revoked_at = now(), revoked_because = 'lost' WHERE id = (SELECT id FROM passkey"
        " WHERE person_id = (SELECT id FROM person WHERE code = 'keyless')"
        " AND id NOT IN (SELECT passkey_id FROM session WHERE passkey_id IS NOT NULL) LIMIT 1)"
    )
    stage.owner.execute(
        "UPDATE role_grant SET begins_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
        " WHERE person_id = (SELECT id FROM person WHERE code = 'expired')"
    )
    assert lacking


@contextmanager
def opened(
    infrastructure: Any, broker: Any, databases: Any, keyring_database: Any, folder: Path
) -> Iterator[House]:
    """The processes `staff` and `audit` on databases of their own, for as long as the block lasts."""
    ledger = begin_ledger(infrastructure, folder, keyring_database.owner_dsn())
    database = Database(databases.dsn("staff"), source="staff", size=4)
    database.open()
    owner = psycopg.connect(databases.owner_dsn("staff"), autocommit=True)
    clock = FixedClock(Clock().now())
    stage = StaffStage(database=database, owner=owner, clock=clock, service=service_of(database, clock))
    people, lacking = make_people(stage)
    owner.execute("UPDATE passkey SET enrolment_line = NULL")  # the process keeps them as it follows the ledger
    for (body,) in stage.rows("SELECT body FROM outbox WHERE routing_key = 'passkey.enrolled' ORDER BY id"):
        event = PasskeyEnrolled.from_data(json.loads(bytes(body))["data"])
        ledger.append([Fact.of_event(received(event))], clock.now())
    keyring_follows(ledger, keyring_database.owner_dsn(), clock.now())
    settings = {
        "TEST_KEYRING": keyring_database.name("keyring"),
        "VILKAR_DESK_PUBLIC_URL": PARTY.origin,
        "VILKAR_REGISTER_URL": NOBODY,
        "VILKAR_MAILGUN_URL": NOBODY,
        "VILKAR_TRIPLETEX_URL": NOBODY,
    }

    def service(name: str) -> Any:
        told = settings | {"TEST_DATABASE": databases.name(name)}
        return running.service(
            "tests.integration.run_service", broker, name, folder=folder, user=name, settings=told
        )

    desk = BusCaller(broker.uri("desk"), name="desk", default_seconds=10)
    with service("staff"), service("audit"):
        desk.open(wait_seconds=10)
        yield House(stage, people, desk, broker, ledger.keys[0], owner, service, lacking)
        desk.close()
    owner.close()
    database.close()


def reason(refused) -> str:
    return refused.value.details["reason"]
