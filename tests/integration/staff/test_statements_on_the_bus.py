"""From a session to an act, over a real broker: the desk asks staff to sign, and other services believe it."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its deprecation, told at the first import; nothing is patched here
    import eventlet  # noqa: F401

from services.staff.approvals import calls as approvals
from services.staff.passkeys.events import PasskeyEnrolled
from services.staff.statements.calls import MOST, SignStatements
from shared.approvals import verify_file
from shared.bus.rpc_client import BusCaller
from shared.clock import Clock, FixedClock
from shared.context import acting_as
from shared.database import Database
from shared.errors import Forbidden, Unauthenticated
from shared.privacy.ledger_lines import Fact
from shared.signing import PublicKey
from shared.staff import Purpose, Role, acts
from tests.integration import running
from tests.integration.staff.colleague import PARTY, assertion
from tests.integration.staff.deciders import Decider, asked_for
from tests.integration.staff.staff_stage import StaffStage, service_of
from tests.plugins.ledger import begin_ledger, keyring_follows
from tests.unit.privacy.ledger_samples import received

pytestmark = pytest.mark.integration

GRANT = {"code": "siri", "role": "finance", "purpose": "billing"}


@dataclass
class House:
    """People made beforehand, two processes that believe staff by statements only, and the desk."""

    stage: StaffStage
    people: dict[str, Decider]
    desk: BusCaller
    ledger_key: PublicKey
    owner: psycopg.Connection[Any]
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
        " WHERE person_id = (SELECT id FROM person WHERE code = 'keyless') ORDER BY enrolled_at DESC LIMIT 1)"
    )
    stage.owner.execute(
        "UPDATE role_grant SET begins_at = now() - interval '2 days', expires_at = now() - interval '1 day'"
        " WHERE person_id = (SELECT id FROM person WHERE code = 'expired')"
    )
    assert lacking


@pytest.fixture(scope="module")
def house(infrastructure, broker, databases, keyring_database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
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
    }

    def service(name):
        told = settings | {"TEST_DATABASE": databases.name(name)}
        return running.service(
            "tests.integration.run_service", broker, name, folder=folder, user=name, settings=told
        )

    desk = BusCaller(broker.uri("desk"), name="desk", default_seconds=10)
    with service("staff"), service("audit"):
        desk.open(wait_seconds=10)
        yield House(stage, people, desk, ledger.keys[0], owner, lacking)
        desk.close()
    owner.close()
    database.close()


def last_day() -> str:
    return (Clock().now() + timedelta(days=60)).date().isoformat()


def reason(refused) -> str:
    return refused.value.details["reason"]


def test_one_person_acts_in_another_service(house):
    auditor = house.people["auditor"]
    begun = house.do(auditor, "audit.verify", {"actor": "staff:auditor"})
    assert UUID(begun["verification_id"])
    head = house.do(auditor, "audit.trail_head", {})
    assert head["halted"] is None


def test_without_what_staff_sign_the_desk_is_nobody(house):
    with acting_as("staff:auditor"), pytest.raises(Forbidden) as refused:
        house.desk.call("audit", "trail_head")
    assert reason(refused) == "statement_missing"
    with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
        house.desk.call("staff", "list_people")
    assert reason(refused) == "statement_missing"


def test_what_is_signed_for_one_call_is_not_for_another(house):
    auditor = house.people["auditor"]
    (signed,) = house.sign(auditor, asked_for("audit.trail_head", {}))
    for act in ("audit.verify", "staff.list_people"):
        with pytest.raises(Forbidden) as refused:
            house.do(auditor, act, {}, token=signed.statement)
        assert reason(refused) in ("wrong_act", "wrong_audience")
    (signed,) = house.sign(auditor, asked_for("audit.verify", {}))
    house.do(auditor, "audit.verify", {}, token=signed.statement)
    with pytest.raises(Forbidden) as refused:
        house.do(auditor, "audit.verify", {}, token=signed.statement)
    assert reason(refused) == "statement_spent"


class TestTwoPersons:
    def asked(self, house, person, fields):
        call = approvals.RequestApproval(
            token=person.token, approval_id=uuid4(), act="staff.give_grant", asked=fields
        )
        return house.desk.ask(call)

    def approve(self, house, person, seen):
        about = {"token": person.token, "approval_id": seen.approval_id, "version": seen.version}
        options = house.desk.ask(approvals.ApprovalOptions(**about)).options
        answer = assertion(person.keys[0].get(options.to_json(), PARTY))
        return house.desk.ask(approvals.Approve(**about, assertion=answer))

    def test_a_grant_is_given_by_two_once_and_proved_with_the_ledgers_key(self, house):
        fields = GRANT | {"last_day": last_day()}
        kari, ola = house.people["kari"], house.people["ola"]
        granted = "SELECT count(*) FROM role_grant WHERE approved_by = 'staff:ola'"
        seen = self.asked(house, kari, fields)
        with pytest.raises(Forbidden) as refused:
            self.approve(house, kari, seen)
        assert reason(refused) == "own_request"
        assert self.approve(house, ola, seen).approved_by == "ola"
        before = house.owner.execute(granted).fetchone()[0]
        given = house.do(kari, "staff.give_grant", fields, approval=seen.approval_id)
        assert (given["granted_by"], given["approved_by"], given["code"]) == ("staff:kari", "staff:ola", "siri")
        for person in (kari, ola):
            (signed,) = house.sign(person, asked_for("staff.give_grant", fields, seen.approval_id))
            with pytest.raises(Forbidden) as refused:
                house.do(person, "staff.give_grant", fields, token=signed.statement)
            assert reason(refused) == "statement_spent"
        assert house.owner.execute(granted).fetchone()[0] == before + 1
        file = house.desk.ask(approvals.ExportApproval(token=ola.token, approval_id=seen.approval_id)).document
        proved = verify_file(file.encode(), [house.ledger_key])
        assert (proved.approved_by, proved.request.requested_by) == ("ola", "kari")

    def test_the_service_that_did_it_tells(self, house):
        fields = GRANT | {"last_day": last_day()}
        kari, ola = house.people["kari"], house.people["ola"]
        seen = self.asked(house, kari, fields)
        self.approve(house, ola, seen)
        house.do(ola, "staff.give_grant", fields, approval=seen.approval_id)
        query = "SELECT body FROM outbox WHERE routing_key = 'act.carried_out' ORDER BY id DESC LIMIT 1"
        (body,) = house.owner.execute(query).fetchone()
        told = json.loads(bytes(body))
        assert told["data"] == {"approval_id": str(seen.approval_id), "act": "staff.give_grant"}
        assert told["actor"] == "staff:ola"

    def test_one_person_gives_nobody_anything(self, house):
        fields = GRANT | {"last_day": last_day()}
        kari = house.people["kari"]
        (signed,) = house.sign(kari, asked_for("staff.give_grant", fields))
        assert signed.refusal == "approval_missing"
        seen = self.asked(house, kari, fields)
        (signed,) = house.sign(kari, asked_for("staff.give_grant", fields, seen.approval_id))
        assert signed.refusal == "not_approved"
        with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
            house.desk.call("staff", "give_grant", **fields)
        assert reason(refused) == "statement_missing"


def outcomes(house, person) -> dict[str, str | None]:
    """What comes of each act that takes one person."""
    single = [name for name, known in acts().items() if not known.act.two_persons]
    found: dict[str, str | None] = {}
    for at in range(0, len(single), MOST):
        names = single[at : at + MOST]
        signed = house.sign(person, *[asked_for(name, {}) for name in names])
        found |= {name: each.refusal for name, each in zip(names, signed, strict=True)}
    return found


@pytest.mark.clause("STAFF-1")
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says_and_nothing_else(house, role):
    found = outcomes(house, house.people[role.value])
    allowed = {name for name, refusal in found.items() if refusal is None}
    assert allowed == {name for name in found if role in acts()[name].act.roles}
    assert set(found.values()) <= {None, "role_not_granted"}


@pytest.mark.clause("STAFF-2")
@pytest.mark.parametrize(
    "lack", ["undertaking_over", "training_over", "role_not_granted", "passkeys_missing", "grant_not_live"]
)
def test_who_lacks_one_thing_may_do_nothing(house, lack):
    assert set(outcomes(house, house.lacking[lack]).values()) == {lack}


def test_a_stranger_has_nothing_signed(house):
    with pytest.raises(Unauthenticated):
        house.desk.ask(SignStatements(token="x" * 43, acts=(asked_for("audit.trail_head", {}),)))
