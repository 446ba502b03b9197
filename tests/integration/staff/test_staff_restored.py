"""A backup from before: who has left stays away, and what was revoked or withdrawn gives nothing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.staff.approvals.calls import ApprovalShown, RefuseApproval
from services.staff.grants.calls import Grants, RevokeGrant
from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.people.calls import InvitePerson, ListPeople, RecordExit, link_digest
from services.staff.prerequisites.calls import Prerequisites, WithdrawPrerequisite
from services.staff.recovery.calls import MakeRecoveryCodes
from services.staff.service import replayer
from shared.context import acting_as
from shared.errors import Conflict
from shared.privacy.ledger_lines import Entry
from shared.staff import Role
from tests.in_process import ask
from tests.integration.staff.deciders import Decider
from tests.integration.staff.test_approvals import carried_out, of_case, withdraw
from tests.integration.staff.test_machine_doors import countersign, note
from tests.integration.staff.test_rights import give, reason, sign, train
from tests.plugins.db_snapshot import SetBack

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1", "STAFF-1", "STAFF-2")]


def test_no_backup_brings_a_right_back(databases, stage, ledger) -> None:
    stage.enrolled("ola")
    stage.enrolled("eva")
    for code in ("ola", "eva"):
        sign(stage, code)
        train(stage, code)
    customer = uuid4()
    revoked, kept = give(stage), give(stage, code="eva", account_ids=(customer,))
    (trained,) = [
        each for each in ask(stage.service, Prerequisites(code="eva")).prerequisites if each.kind == "training"
    ]
    ask(stage.service, InvitePerson(code="liv", token_digest=link_digest("liv")))
    assert set(ledger.write()) == {"passkey.enrolled"}
    before = SetBack(databases.owner_dsn("staff"))
    stage.clock.move(timedelta(hours=1))
    with acting_as("staff:kari"):
        ask(stage.service, RevokeGrant(grant_id=revoked.grant_id))
    given_since = give(stage)
    ask(stage.service, WithdrawPrerequisite(prerequisite_id=trained.prerequisite_id, reason="mistaken"))
    ask(stage.service, InvitePerson(code="per", token_digest=link_digest("per")))
    for code in ("ola", "per", "liv"):
        ask(stage.service, RecordExit(code=code, reason="left"))
    assert [kind for kind in ledger.write() if kind.startswith("staff.")] == [
        "staff.grant_revoked", "staff.prerequisite_withdrawn",
        "staff.grant_revoked", "staff.left", "staff.left", "staff.left",
    ]  # fmt: skip
    ledger.open()
    before.restore()
    told = len(stage.rows("SELECT 1 FROM outbox"))
    ledger.open()
    ledger.open()
    assert {each.code: each.state for each in ask(stage.service, ListPeople()).people} == {
        "ola": "left", "eva": "active", "per": "left", "liv": "left",
    }  # fmt: skip
    assert reason(stage) == "person_left"
    (ended,) = ask(stage.service, Grants(code="ola")).grants
    assert (ended.grant_id, ended.ended_because, ended.ended_by) == (revoked.grant_id, "revoked", "staff:kari")
    assert given_since.live
    assert reason(stage, code="eva") == "training_over"
    assert [(each.ended_at, each.account_ids) for each in ask(stage.service, Grants(code="eva")).grants] == [
        (None, (customer,))
    ]
    assert kept.live
    assert stage.rows("SELECT 1 FROM enrolment_link JOIN person ON person.id = person_id WHERE code = 'liv'") == []
    assert len(stage.rows("SELECT 1 FROM outbox")) == told
    for code in ("ola", "per"):
        with pytest.raises(Conflict):
            ask(stage.service, InvitePerson(code=code, token_digest=link_digest("again")))


KEPT: Final = {
    "grants": "SELECT id, ended_at, ended_by, ended_because FROM role_grant",
    "keys": "SELECT id, revoked_at, revoked_because FROM passkey",
    "people": "SELECT code, state, left_at, left_by, left_because FROM person",
    "prerequisites": "SELECT id, ended_at, ended_because FROM prerequisite",
    "doors": "SELECT id, door, used_at, countersigned_at, approval_id FROM machine_door_use",
    "codes": "SELECT id FROM recovery_code",
    "requests": "SELECT id, ended_at, ended_because FROM approval",
}


def test_in_whatever_order_facts_are_read_it_is_as_it_was(databases, stage, ledger) -> None:
    """Each kind comes to the ledger by a queue of its own, so their order there says nothing."""
    ola, kari, _ = (Decider.sworn(stage, code, Role.CASE_HANDLER) for code in ("ola", "kari", "eva"))
    refused, done = kari.request(), kari.request(fields=of_case(1))
    ola.approve(done)
    revoked, _ = give(stage, code="ola"), give(stage, code="ola")
    ask(stage.service, MakeRecoveryCodes(token=kari.token))
    stage.owner.execute("UPDATE passkey SET enrolment_line = NULL")  # this ledger tells of them
    before = SetBack(databases.owner_dsn("staff"))
    use = note(stage)
    for act in (
        partial(ask, stage.service, RevokeGrant(grant_id=revoked.grant_id)),
        partial(countersign, stage, use),
        partial(refuse, ola, refused),
        partial(revoke_key, ola),
        partial(withdraw, kari, done),
        partial(carried_out, stage, done.approval_id),
        partial(ask, stage.service, MakeRecoveryCodes(token=kari.token)),
        partial(ask, stage.service, RecordExit(code="ola", reason="left")),
        partial(ask, stage.service, RecordExit(code="eva", reason="left")),
    ):
        stage.clock.move(timedelta(minutes=1))
        with acting_as("staff:chief"):
            act()
    true = {name: sorted(stage.rows(query), key=str) for name, query in KEPT.items()} | {"codes": []}
    assert {because for *_, because in true["requests"]} == {"refused", "carried_out"}
    assert {because for *_, because in true["grants"]} == {"revoked", "left", None}
    assert {because for *_, because in true["keys"]} == {"stolen", "left", None}
    ledger.write()
    before.restore()
    entries, facts = ledger.entries(), replayer()
    assert {entry.kind for entry in entries} >= {"approval.ended", "machine_door.countersigned", "staff.left"}

    @settings(max_examples=40, deadline=None)
    @given(order=st.permutations(entries))
    def as_it_was(order: list[Entry]) -> None:
        with stage.database.transaction() as tx, tx.undone():
            for entry in order:
                facts.replay(tx, entry)
            assert all(facts.verify(tx, entry) for entry in entries)
            found = {name: [tuple(row.values()) for row in tx.all(query)] for name, query in KEPT.items()}
        assert {name: sorted(rows, key=str) for name, rows in found.items()} == true

    as_it_was()


def revoke_key(person: Decider) -> None:
    """One key of their own, while the other one stays."""
    keys = ask(person.stage.service, ListPasskeys(token=person.token)).passkeys
    (key,) = [each for each in keys if not each.in_use]
    ask(person.stage.service, RevokePasskey(token=person.token, passkey_id=key.passkey_id, reason="stolen"))


def refuse(person: Decider, seen: ApprovalShown) -> None:
    call = RefuseApproval(
        token=person.token, approval_id=seen.approval_id, version=seen.version, reason="not_needed"
    )
    ask(person.stage.service, call)
