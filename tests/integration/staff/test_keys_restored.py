"""A backup from before: a revoked key proves nothing, a spent code enrols nothing, and who had ended stays out.

And without any restore: each key gets the signed line of its enrolment.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.staff.passkeys.calls import BeginEnrolment, By, ListPasskeys, RevokePasskey
from services.staff.people.calls import RecordExit
from services.staff.recovery.calls import BurnRecoveryCodes, MakeRecoveryCodes, RecoveryProof
from services.staff.sessions.calls import Authenticate
from shared.errors import Forbidden, Unauthenticated
from shared.privacy.ledger_lines import ORIGIN
from shared.signing import is_signed, read_line
from shared.webauthn import key_digest
from tests.in_process import ask
from tests.integration.staff.colleague import Colleague, authenticator
from tests.plugins.db_snapshot import SetBack
from tests.unit.privacy.ledger_samples import KEY

pytestmark = [pytest.mark.integration, pytest.mark.clause("FORGET-1", "STAFF-1")]

SECOND = timedelta(seconds=1)


@pytest.fixture
def kari(stage):
    return Colleague.arrived(stage, "kari")


def by_code(code, staff_code="kari"):
    return By(recovery=RecoveryProof(staff_code=staff_code, code=code.replace("-", "")))


def refusal(stage, by):
    with pytest.raises(Forbidden) as refused:
        ask(stage.service, BeginEnrolment(by=by))
    return refused.value.details["reason"]


def test_each_key_gets_the_signed_line_of_its_enrolment_while_the_service_runs(stage, ledger, kari):
    assert stage.rows("SELECT count(*) FROM passkey WHERE enrolment_line IS NOT NULL") == [(0,)]
    assert ledger.write() == ["passkey.enrolled", "passkey.enrolled"]
    ledger.open()
    rows = stage.rows("SELECT id, public_key, enrolment_line FROM passkey")
    assert len(rows) == 2
    for passkey_id, public_key, line in rows:
        said = read_line(bytes(line))
        assert is_signed(ORIGIN, said, [KEY.public])
        assert (said["kind"], said["subject"], said["actor"]) == ("passkey.enrolled", "staff/kari", "staff:kari")
        assert said["data"]["passkey_id"] == str(passkey_id)
        assert said["data"]["key"] == key_digest(bytes(public_key))
    assert [each.line for each in ledger.entries()] == sorted((bytes(line) for *_, line in rows), key=_position)
    ledger.open()
    kari.log_in()


def _position(line):
    return read_line(line)["position"]


def test_no_backup_brings_a_revoked_key_back_nor_its_session(databases, stage, ledger, kari):
    before = SetBack(databases.owner_dsn("staff"))
    (stolen, _) = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    of_stolen = kari.token
    kari.log_in(kari.keys[1])
    revoke = RevokePasskey(token=kari.token, passkey_id=stolen.passkey_id, reason="stolen")
    ask(stage.service, revoke)
    ledger.write()
    before.restore()
    ask(stage.service, Authenticate(token=of_stolen))
    ledger.open()
    ledger.open()
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=of_stolen))
    with pytest.raises(Forbidden) as refused:
        kari.log_in(kari.keys[0])
    assert refused.value.details == {"reason": "revoked_key"}
    assert kari.log_in(kari.keys[1]).passkeys == 1
    assert stage.rows("SELECT revoked_because FROM passkey WHERE revoked_at IS NOT NULL") == [("stolen",)]


def test_no_backup_lets_a_link_that_was_used_enrol_again(databases, stage, ledger):
    kari = Colleague(stage, "kari")
    by = By(link=kari.invited())
    before = SetBack(databases.owner_dsn("staff"))
    kari.enrol(by, kari.keys[0])
    ledger.write()
    before.restore()
    ledger.open()
    assert refusal(stage, by) == "link_unknown"


def test_no_backup_brings_codes_back_that_were_used_burnt_or_replaced(databases, stage, ledger, kari):
    first = ask(stage.service, MakeRecoveryCodes(token=kari.token)).codes
    before = SetBack(databases.owner_dsn("staff"))
    stage.clock.move(SECOND)
    kari.enrol(by_code(first[0]), authenticator())
    ledger.write()
    before.restore()
    ledger.open()
    assert refusal(stage, by_code(first[0])) == "unknown_code"
    kari.enrol(by_code(first[1]), authenticator())

    before = SetBack(databases.owner_dsn("staff"))
    stage.clock.move(SECOND)
    second = ask(stage.service, MakeRecoveryCodes(token=kari.token)).codes
    ledger.write()
    before.restore()
    ledger.open()
    for code in (first[2], second[0]):
        assert refusal(stage, by_code(code)) == "unknown_code"

    stage.clock.move(SECOND)
    third = ask(stage.service, MakeRecoveryCodes(token=kari.token)).codes
    before = SetBack(databases.owner_dsn("staff"))
    stage.clock.move(SECOND)
    ask(stage.service, BurnRecoveryCodes(token=kari.token))
    ledger.write()
    before.restore()
    ledger.open()
    assert refusal(stage, by_code(third[0])) == "unknown_code"


def test_a_running_service_reads_facts_late_and_keeps_what_came_since(stage, ledger, kari):
    ask(stage.service, MakeRecoveryCodes(token=kari.token))
    late = ledger.write()
    stage.clock.move(SECOND)
    newest = ask(stage.service, MakeRecoveryCodes(token=kari.token)).codes
    ledger.open()
    assert late[-1] == "recovery_codes.made"
    assert kari.enrol(by_code(newest[0]), authenticator()).passkeys == 3


def test_no_backup_brings_keys_or_codes_back_of_who_has_left(databases, stage, ledger, kari):
    codes = ask(stage.service, MakeRecoveryCodes(token=kari.token)).codes
    before = SetBack(databases.owner_dsn("staff"))
    ask(stage.service, RecordExit(code="kari", reason="left"))
    ledger.write()
    before.restore()
    told = len(stage.rows("SELECT 1 FROM outbox"))
    ledger.open()
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))
    for key in kari.keys:
        with pytest.raises(Forbidden):
            kari.log_in(key)
    assert refusal(stage, by_code(codes[0])) == "unknown_code"
    assert stage.rows("SELECT count(*) FROM recovery_code") == [(0,)]
    assert len(stage.rows("SELECT 1 FROM outbox WHERE routing_key <> 'staff.proof_refused'")) == told
