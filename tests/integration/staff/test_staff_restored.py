"""A backup from before: who has left stays away, and what was revoked or withdrawn gives nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from services.staff.grants.calls import Grants, RevokeGrant
from services.staff.people.calls import InvitePerson, ListPeople, RecordExit, link_digest
from services.staff.prerequisites.calls import Prerequisites, WithdrawPrerequisite
from shared.context import acting_as
from shared.errors import Conflict
from tests.in_process import ask
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
