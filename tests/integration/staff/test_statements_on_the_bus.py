"""From a session to an act, over a real broker: the desk asks staff to sign, and other services believe it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from nameko.exceptions import RemoteError
from nameko.standalone.rpc import ServiceRpcProxy

from services.audit.trail.calls import Trail
from services.staff.approvals.calls import ExportApproval
from services.staff.authentication import store as authentication
from services.staff.people.calls import link_digest
from services.staff.statements.calls import SignStatements
from shared.approvals import verify_file
from shared.bus.rpc_client import BusCaller
from shared.clock import Clock
from shared.context import acting_as
from shared.errors import Forbidden, NotFound, Unauthenticated
from shared.staff import Purpose, Role
from shared.statements import call_digest, hex_digest
from tests.integration.staff.deciders import HOLD, Decider, asked_for
from tests.integration.staff.house import reason
from tests.waiting import until

pytestmark = pytest.mark.integration

GRANT = {"code": "siri", "role": "finance", "purpose": "billing"}


def last_day() -> str:
    return (Clock().now() + timedelta(days=60)).date().isoformat()


WITHOUT_ACTOR = {
    "staff.give_grant": {**GRANT, "role": "staff_admin", "last_day": last_day},
    "staff.issue_recovery_link": {"code": "kari", "token_digest": "0" * 64},
    "staff.invite_person": {"code": "mallory", "token_digest": "0" * 64},
    "staff.record_exit": {"code": "siri", "reason": "left"},
    "staff.end_sessions_of": {"code": "siri"},
    "staff.list_people": {},
    "audit.trail_head": {},
}
"""Acts in which nobody is named, with fields that are right."""


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


@pytest.mark.parametrize("act", WITHOUT_ACTOR)
def test_leaving_ones_name_out_is_no_way_around_what_staff_sign(house, act):
    """The desk's password without the desk's name: nobody is said to act, and so nobody may."""
    service, _, method = act.partition(".")
    fields = {name: value() if callable(value) else value for name, value in WITHOUT_ACTOR[act].items()}
    mark = house.owner.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0]
    uri = {"AMQP_URI": house.broker.uri("desk")}
    with ServiceRpcProxy(service, uri, timeout=20) as unnamed, pytest.raises(RemoteError, match="Forbidden"):
        getattr(unnamed, method)(**fields)
    for process in ("retention", "gateway"):
        with another(house, process) as caller, pytest.raises(Forbidden) as refused:
            caller.call(service, method, timeout_seconds=20, **fields)
        assert reason(refused) == "statement_missing"
    done = house.owner.execute(
        "SELECT routing_key FROM outbox WHERE id > %s AND routing_key <> 'statement.refused'", (mark,)
    )
    assert done.fetchall() == []


@contextmanager
def another(house, process):
    """Another process of ours, with its own name and password."""
    caller = BusCaller(house.broker.uri(process), name=process, default_seconds=10)
    try:
        yield caller
    finally:
        caller.close()


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


def trail(subject: str) -> dict[str, Any]:
    return Trail(subject=subject).to_json()


@pytest.fixture(scope="module")
def scoped(house):
    """Somebody whom two persons have granted one part for one customer, and that customer."""
    kari, ola, mine = house.people["kari"], house.people["ola"], str(uuid4())
    person = Decider.sworn(house.stage, "solveig")
    fields = {"code": "solveig", "role": "case_handler", "purpose": "dispute", "last_day": last_day()}
    seen = house.request(kari, "staff.give_grant", fields | {"account_ids": [mine]})
    house.approve(ola, seen)
    for others in ({}, {"account_ids": []}, {"account_ids": [mine, str(uuid4())]}):
        (signed,) = house.sign(kari, asked_for("staff.give_grant", fields | others, seen.approval_id))
        assert (signed.statement, signed.refusal) == (None, "another_request")
    given = house.do(kari, "staff.give_grant", fields | {"account_ids": [mine]}, approval=seen.approval_id)
    assert given["account_ids"] == [mine]
    return person, mine


@pytest.mark.clause("STAFF-1")
class TestForSomeCustomers:
    def test_what_names_the_customer_is_let_in_and_what_names_another_or_none_is_not_signed(self, house, scoped):
        person, mine = scoped
        other = str(uuid4())
        looks = {"account_id": mine, "user_id": None}
        assert house.do(person, "audit.personal_data_reads", looks)
        refused = {
            ("audit.personal_data_reads", other): "other_account",
            ("retention.set_restriction", other): "other_account",
            ("retention.erasures", None): "some_customers",
            ("account.search_accounts", None): "some_customers",
            ("cases.case_board", None): "some_customers",
        }
        asked = [asked_for(name, {"account_id": account} if account else {}) for name, account in refused]
        assert [each.refusal for each in house.sign(person, *asked)] == list(refused.values())
        told = house.owner.execute(
            "SELECT body FROM outbox WHERE routing_key = 'staff.acts_refused' ORDER BY id DESC LIMIT 2"
        ).fetchall()
        reasons = {json.loads(bytes(body))["data"]["reason"] for (body,) in told}
        assert reasons == {"other_account", "some_customers"}

    def test_what_was_signed_for_one_customer_opens_no_other(self, house, scoped):
        (person, mine), other = scoped, str(uuid4())
        looks = {"account_id": mine, "user_id": None}
        (signed,) = house.sign(person, asked_for("audit.personal_data_reads", looks))
        with pytest.raises(Forbidden) as refused:
            house.do(person, "audit.personal_data_reads", looks | {"account_id": other}, token=signed.statement)
        assert reason(refused) == "wrong_call"
        lied = asked_for("audit.personal_data_reads", looks | {"account_id": other})
        lied = replace(lied, account_id=UUID(mine))
        (signed,) = house.sign(person, lied)
        with pytest.raises(Forbidden) as refused:
            house.do(person, "audit.personal_data_reads", looks | {"account_id": other}, token=signed.statement)
        assert reason(refused) == "wrong_account"

    def test_what_belongs_to_a_customer_is_found_out_by_the_service_that_is_asked(self, house, scoped):
        person, mine = scoped
        assert house.do(person, "audit.trail", trail(f"account/{mine}"))["rows"] is not None
        for subject, why in (
            (f"account/{uuid4()}", "other_account"),
            (f"user/{uuid4()}", "some_customers"),
            ("account/all", "some_customers"),
        ):
            with pytest.raises(Forbidden) as refused:
                house.do(person, "audit.trail", trail(subject))
            assert reason(refused) == why
        assert house.do(house.people["case_handler"], "audit.trail", trail(f"user/{uuid4()}"))["rows"] == []

    def test_what_takes_two_is_asked_for_and_approved_within_it_only(self, house, scoped):
        person, mine = scoped
        hold = HOLD | {"owner": "staff:kari"}
        with pytest.raises(Forbidden) as refused:
            house.request(person, "retention.place_hold", hold)
        assert reason(refused) == "other_account"
        handler = house.people["case_handler"]
        seen = house.request(handler, "retention.place_hold", hold)
        with pytest.raises(NotFound):
            house.approve(person, seen)
        within = house.request(person, "retention.place_hold", hold | {"account_id": mine})
        assert house.approve(handler, within).requested_by == "solveig"


class TestTwoPersons:
    def test_a_grant_is_given_by_two_once_and_proved_with_the_ledgers_key(self, house):
        fields = GRANT | {"last_day": last_day()}
        kari, ola = house.people["kari"], house.people["ola"]
        granted = "SELECT count(*) FROM role_grant WHERE approved_by = 'staff:ola'"
        seen = house.request(kari, "staff.give_grant", fields)
        with pytest.raises(Forbidden) as refused:
            house.approve(kari, seen)
        assert reason(refused) == "own_request"
        assert house.approve(ola, seen).approved_by == "ola"
        before = house.owner.execute(granted).fetchone()[0]
        given = house.do(kari, "staff.give_grant", fields, approval=seen.approval_id)
        assert (given["granted_by"], given["approved_by"], given["code"]) == ("staff:kari", "staff:ola", "siri")
        for person in (kari, ola):
            (signed,) = house.sign(person, asked_for("staff.give_grant", fields, seen.approval_id))
            with pytest.raises(Forbidden) as refused:
                house.do(person, "staff.give_grant", fields, token=signed.statement)
            assert reason(refused) == "statement_spent"
        assert house.owner.execute(granted).fetchone()[0] == before + 1
        file = house.desk.ask(ExportApproval(token=ola.token, approval_id=seen.approval_id)).document
        proved = verify_file(file.encode(), [house.ledger_key])
        assert (proved.approved_by, proved.request.requested_by) == ("ola", "kari")

    def test_the_service_that_did_it_tells(self, house):
        fields = GRANT | {"role": "board", "last_day": last_day()}
        kari, ola = house.people["kari"], house.people["ola"]
        seen = house.request(kari, "staff.give_grant", fields)
        house.approve(ola, seen)
        house.do(ola, "staff.give_grant", fields, approval=seen.approval_id)
        query = "SELECT body FROM outbox WHERE routing_key = 'act.carried_out' ORDER BY id DESC LIMIT 1"
        (body,) = house.owner.execute(query).fetchone()
        told = json.loads(bytes(body))
        digest = hex_digest(call_digest("staff", "give_grant", fields))
        assert told["data"] == {
            "approval_id": str(seen.approval_id),
            "act": "staff.give_grant",
            "request": digest,
        }
        assert told["actor"] == "staff:ola"

    def test_one_person_gives_nobody_anything(self, house):
        fields = GRANT | {"role": "developer", "last_day": last_day()}
        kari = house.people["kari"]
        (signed,) = house.sign(kari, asked_for("staff.give_grant", fields))
        assert signed.refusal == "approval_missing"
        seen = house.request(kari, "staff.give_grant", fields)
        (signed,) = house.sign(kari, asked_for("staff.give_grant", fields, seen.approval_id))
        assert signed.refusal == "not_approved"
        with acting_as("staff:kari"), pytest.raises(Forbidden) as refused:
            house.desk.call("staff", "give_grant", **fields)
        assert reason(refused) == "statement_missing"


def test_a_stranger_has_nothing_signed(house):
    with pytest.raises(Unauthenticated):
        house.desk.ask(SignStatements(token="x" * 43, acts=(asked_for("audit.trail_head", {}),)))


@pytest.mark.clause("STAFF-1")
def test_the_file_of_a_session_that_was_stolen_makes_no_key_of_another_person(house):
    """Whoever makes a link to enrol by could use it; so they have just proved who they are."""
    admin = Decider.sworn(house.stage, "astrid", Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
    digest = link_digest("of whoever took the file")
    acts = {"staff.invite_person": "mallory", "staff.renew_invitation": "gro", "staff.issue_recovery_link": "siri"}

    def proved(minutes):
        ago = "UPDATE session SET authenticated_at = now() - %s * interval '1 minute' WHERE token_digest = %s"
        house.owner.execute(ago, (minutes, authentication.digest(admin.token)))

    proved(14)
    house.do(admin, "staff.invite_person", {"code": "gro", "token_digest": link_digest("in the room")})
    proved(16)
    for act, code in acts.items():
        with pytest.raises(Forbidden) as refused:
            house.do(admin, act, {"code": code, "token_digest": digest})
        assert reason(refused) == "log_in_again", act
    made = house.owner.execute("SELECT 1 FROM enrolment_link WHERE digest = %s", (digest,)).fetchall()
    assert made == []
    proved(14)
    house.do(admin, "staff.issue_recovery_link", {"code": "siri", "token_digest": digest})


@pytest.mark.clause("STAFF-1")
def test_the_file_of_a_session_that_was_stolen_shuts_nobody_out_after_a_quarter_of_an_hour(house):
    admin = Decider.sworn(house.stage, "asta", Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
    other = Decider.sworn(house.stage, "runa", Role.STAFF_ADMIN, purpose=Purpose.STAFF_ADMINISTRATION)
    (key, *_) = house.do(admin, "staff.passkeys_of", {"code": "runa"})["passkeys"]
    (grant,) = house.do(admin, "staff.grants", {"code": "runa"})["grants"]
    (sworn, *_) = house.do(admin, "staff.prerequisites", {"code": "runa"})["prerequisites"]
    acts = {
        "staff.record_exit": {"code": "runa", "reason": "left"},
        "staff.end_sessions_of": {"code": "runa"},
        "staff.revoke_grant": {"grant_id": grant["grant_id"]},
        "staff.withdraw_prerequisite": {"prerequisite_id": sworn["prerequisite_id"], "reason": "mistaken"},
        "staff.revoke_passkey_of": {"code": "runa", "passkey_id": key["passkey_id"], "reason": "lost"},
        "staff.set_contact": {"code": "runa", "email": "asta@elsewhere.example", "language": "nb"},
    }
    ago = "UPDATE session SET authenticated_at = now() - %s * interval '1 minute' WHERE token_digest = %s"
    house.owner.execute(ago, (16, authentication.digest(admin.token)))
    for act, fields in acts.items():
        with pytest.raises(Forbidden) as refused:
            house.do(admin, act, fields)
        assert reason(refused) == "log_in_again", act
    house.do(admin, "staff.set_contact", {"code": "asta", "email": "asta@staff.example", "language": "nb"})
    until(lambda: refused_of(house, "staff:asta") == set(acts), seconds=30)
    assert house.do(other, "staff.show_person", {"code": "runa"})["state"] == "active"
    house.owner.execute(ago, (14, authentication.digest(admin.token)))
    for act in reversed(acts):
        house.do(admin, act, acts[act])
    with pytest.raises(Unauthenticated):
        house.do(other, "staff.show_person", {"code": "runa"})
    house.owner.execute(ago, (16, authentication.digest(admin.token)))
    assert house.do(admin, "staff.end_sessions_of", {"code": "asta"}) == {"ended": 1}
    with pytest.raises(Unauthenticated):
        house.do(admin, "staff.list_people", {})


def refused_of(house, actor: str) -> set[str]:
    """What was signed for somebody and refused to them all the same, because they logged in too long ago."""
    rows = house.owner.execute("SELECT body FROM outbox WHERE routing_key = 'statement.refused'").fetchall()
    told = [json.loads(bytes(body)) for (body,) in rows]
    return {
        each["data"]["act"] for each in told if each["actor"] == actor and each["data"]["reason"] == "log_in_again"
    }
