"""The ways back of somebody who has lost their passkeys."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from services.staff.passkeys.calls import BeginEnrolment, By, FinishEnrolment, ListPasskeys
from services.staff.people.calls import InvitePerson, RecordExit, link_digest
from services.staff.recovery import rules
from services.staff.recovery.calls import (
    BurnRecoveryCodes,
    IssueRecoveryLink,
    MakeRecoveryCodes,
    RecoveryCodesLeft,
    RecoveryProof,
)
from services.staff.sessions.calls import Authenticate
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, NotFound, Refused, Unauthenticated
from shared.identifiers import new_token
from tests.in_process import ask
from tests.integration.staff.colleague import PARTY, Colleague, authenticator, credential
from tests.integration.staff.staff_stage import NOW, told
from tests.plugins.lock_wait import until_somebody_waits

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

MINUTE = timedelta(minutes=1)
WRONG = rules.code_of([0] * 23)


@pytest.fixture
def kari(stage):
    return Colleague.arrived(stage, "kari")


def codes_of(stage, person):
    return ask(stage.service, MakeRecoveryCodes(token=person.token)).codes


def by_code(code, staff_code="kari"):
    return By(recovery=RecoveryProof.from_json({"staff_code": staff_code, "code": code}))


def reason_of(stage, call, error=Forbidden):
    with pytest.raises(error) as caught:
        ask(stage.service, call)
    return caught.value.details["reason"]


# ── codes ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ten_codes_are_shown_once_and_only_digests_are_kept(stage, kari):
    codes = codes_of(stage, kari)
    assert len(set(codes)) == 10
    kept = str(stage.rows("SELECT * FROM recovery_code")) + str(stage.events())
    for code in codes:
        assert code not in kept
        assert code.replace("-", "") not in kept
    left = ask(stage.service, RecoveryCodesLeft(token=kari.token))
    assert (left.left, left.made_at) == (10, NOW)


def test_a_code_enrols_one_key_once_and_other_keys_stay(stage, kari):
    (code, *_) = codes_of(stage, kari)
    enrolled = kari.enrol(by_code(code.lower().replace("-", " ")), authenticator())
    assert (enrolled.passkeys, enrolled.passkey.way) == (3, "recovery_code")
    assert reason_of(stage, BeginEnrolment(by=by_code(code))) == "unknown_code"
    assert ask(stage.service, RecoveryCodesLeft(token=kari.token)).left == 9
    ((_, subject, data, actor),) = told(stage, "recovery_codes.used")
    assert (subject, data["staff_code"], actor) == ("staff/kari", "kari", "staff:kari")


def test_a_code_is_not_spent_before_the_key_is_there(stage, kari):
    (code, *_) = codes_of(stage, kari)
    ask(stage.service, BeginEnrolment(by=by_code(code)))
    assert ask(stage.service, RecoveryCodesLeft(token=kari.token)).left == 10
    assert kari.enrol(by_code(code), authenticator()).passkeys == 3


def test_two_who_come_with_one_code_at_once_enrol_one_key(stage, kari):
    (code, *_) = codes_of(stage, kari)
    calls = []
    for _ in range(2):
        begun = ask(stage.service, BeginEnrolment(by=by_code(code)))
        made = credential(authenticator().create(begun.options.to_json(), PARTY))
        calls.append(FinishEnrolment(by=by_code(code), ceremony_id=begun.ceremony_id, credential=made))
    outcomes = []

    def finish(call):
        try:
            outcomes.append(ask(stage.service, call).passkeys)
        except Forbidden as error:
            outcomes.append(error.details["reason"])

    threads = [threading.Thread(target=finish, args=(call,)) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert sorted(map(str, outcomes)) == ["3", "unknown_code"]
    assert len(told(stage, "recovery_codes.used")) == 1


def test_new_codes_end_the_old_and_all_can_be_burnt(stage, kari):
    (old, *_) = codes_of(stage, kari)
    (new, *_) = codes_of(stage, kari)
    assert reason_of(stage, BeginEnrolment(by=by_code(old))) == "unknown_code"
    assert ask(stage.service, BurnRecoveryCodes(token=kari.token)).left == 0
    assert reason_of(stage, BeginEnrolment(by=by_code(new))) == "unknown_code"
    assert ask(stage.service, BurnRecoveryCodes(token=kari.token)).made_at is None
    assert [each[2]["reason"] for each in told(stage, "recovery_codes.burnt")] == ["own_wish"]


def test_codes_that_are_made_twice_at_once_are_ten_and_all_are_burnt(databases, stage, kari):
    """A form that is sent twice left twenty, of which a restore brought ten back after they had been burnt."""
    dsn = databases.owner_dsn("staff")
    with ThreadPoolExecutor(2) as threads, psycopg.connect(dsn) as another:
        another.execute("SELECT 1 FROM person FOR UPDATE")
        made = [threads.submit(codes_of, stage, kari) for _ in range(2)]
        until_somebody_waits(databases.superuser_dsn("staff"))
        another.commit()
        sets = [each.result(20) for each in made]
    assert stage.rows("SELECT count(*), count(DISTINCT set_id) FROM recovery_code") == [(10, 1)]
    assert ask(stage.service, BurnRecoveryCodes(token=kari.token)).left == 0
    for first, *_ in sets:
        assert reason_of(stage, BeginEnrolment(by=by_code(first))) == "unknown_code"


def test_every_set_of_codes_that_is_burnt_is_told(stage, kari):
    """Those of older versions may be two."""
    codes_of(stage, kari)
    stage.owner.execute(
        "UPDATE recovery_code SET set_id = gen_random_uuid() WHERE id = (SELECT id FROM recovery_code LIMIT 1)"
    )
    sets = {str(each) for (each,) in stage.rows("SELECT DISTINCT set_id FROM recovery_code")}
    assert len(sets) == 2
    ask(stage.service, BurnRecoveryCodes(token=kari.token))
    assert {each[2]["set_id"] for each in told(stage, "recovery_codes.burnt")} == sets


def test_only_who_has_just_logged_in_makes_codes(stage, kari):
    stage.clock.move(16 * MINUTE)
    assert reason_of(stage, MakeRecoveryCodes(token=kari.token)) == "log_in_again"
    with pytest.raises(Unauthenticated):
        ask(stage.service, MakeRecoveryCodes(token="x" * 43))


def test_a_code_is_of_its_owner_alone_and_not_of_who_left_or_never_came(stage, kari):
    (code, *_) = codes_of(stage, kari)
    ola = Colleague.arrived(stage, "ola")
    assert reason_of(stage, BeginEnrolment(by=by_code(code, "ola"))) == "unknown_code"
    assert reason_of(stage, BeginEnrolment(by=by_code(code, "nobody"))) == "unknown_code"
    ask(stage.service, InvitePerson(code="per", token_digest=link_digest("per")))
    assert reason_of(stage, BeginEnrolment(by=by_code(code, "per"))) == "unknown_code"
    (of_ola, *_) = codes_of(stage, ola)
    ask(stage.service, RecordExit(code="ola", reason="left"))
    assert reason_of(stage, BeginEnrolment(by=by_code(of_ola, "ola"))) == "unknown_code"


def test_the_eleventh_wrong_code_is_told_no_more_and_a_right_one_is_taken_all_the_same(stage, kari):
    (right, *_) = codes_of(stage, kari)
    for _ in range(11):
        assert reason_of(stage, BeginEnrolment(by=by_code(WRONG))) == "unknown_code"
    assert len(told(stage, "staff.proof_refused")) == 10
    assert kari.log_in().staff_code == "kari"
    assert kari.enrol(by_code(right), authenticator()).passkeys == 3
    assert reason_of(stage, BeginEnrolment(by=by_code(WRONG))) == "unknown_code"


def test_the_answer_does_not_tell_who_works_here_however_often_one_asks(stage, kari):
    """Else ten failures for names that nobody has would make the next answer differ from that for a true name."""
    answers = []
    for code in (*["nobody"] * 12, "kari", "nobody", "kari"):
        with pytest.raises(Refused) as refused:
            ask(stage.service, BeginEnrolment(by=by_code(WRONG, code)))
        answers.append((type(refused.value), refused.value.message, refused.value.details))
    assert all(answer == answers[0] for answer in answers)
    assert len(told(stage, "staff.proof_refused")) == 12


def test_failures_at_the_same_moment_are_all_counted(stage, kari):
    outcomes = []

    def guess():
        try:
            ask(stage.service, BeginEnrolment(by=by_code(WRONG)))
        except Forbidden as error:
            outcomes.append(error.details["reason"])

    threads = [threading.Thread(target=guess) for _ in range(25)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert outcomes == ["unknown_code"] * 25
    assert len(told(stage, "staff.proof_refused")) == 10


# ── a link that another person asks for ───────────────────────────────────────────────────────────────────────


def issue(stage, code, *, by):
    token = new_token()
    with acting_as(by):
        ask(stage.service, IssueRecoveryLink(code=code, token_digest=link_digest(token)))
    return token


def test_who_lost_everything_comes_back_by_a_link_of_another_and_nothing_old_works(stage, kari):
    (code, *_) = codes_of(stage, kari)
    old_token = kari.token
    link = issue(stage, "kari", by="staff:ola")
    ask(stage.service, Authenticate(token=old_token))
    new = authenticator()
    enrolled = kari.enrol(By(link=link), new)
    assert (enrolled.passkeys, enrolled.passkey.way) == (1, "recovery_link")
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=old_token))
    for key in kari.keys:
        with pytest.raises(Forbidden):
            kari.log_in(key)
    assert reason_of(stage, BeginEnrolment(by=by_code(code))) == "unknown_code"
    assert [each[2]["reason"] for each in told(stage, "passkey.revoked")] == ["recovered", "recovered"]
    assert [each[2]["reason"] for each in told(stage, "recovery_codes.burnt")] == ["recovered"]
    assert kari.log_in(new).passkeys == 1
    assert len(ask(stage.service, ListPasskeys(token=kari.token)).passkeys) == 1


def test_nobody_lets_themselves_back_nor_somebody_who_is_not_there(stage, kari):
    with pytest.raises(Forbidden) as refused:
        issue(stage, "kari", by="staff:kari")
    assert refused.value.details == {"reason": "own_recovery"}
    with pytest.raises(NotFound):
        issue(stage, "nobody", by="staff:ola")
    ask(stage.service, InvitePerson(code="per", token_digest=link_digest("per")))
    with pytest.raises(Conflict):
        issue(stage, "per", by="staff:ola")
    ask(stage.service, RecordExit(code="kari", reason="left"))
    with pytest.raises(Conflict):
        issue(stage, "kari", by="staff:ola")
    assert ask(stage.service, RecordExit(code="per", reason="left")).state == "left"


def test_the_link_ends_in_an_hour_and_works_once(stage, kari):
    link = issue(stage, "kari", by="staff:ola")
    stage.clock.move(timedelta(hours=1))
    assert reason_of(stage, BeginEnrolment(by=By(link=link))) == "link_ended"
    link = issue(stage, "kari", by="staff:ola")
    kari.enrol(By(link=link), authenticator())
    assert reason_of(stage, BeginEnrolment(by=By(link=link))) == "link_used"
