"""Log-in by passkey, sessions, and all that is refused."""

from __future__ import annotations

import copy
from datetime import timedelta
from uuid import uuid4

import pytest

from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.people.calls import RecordExit
from services.staff.sessions.calls import (
    Authenticate,
    BeginLogIn,
    EndSession,
    EndSessionsOf,
    ListSessions,
    LogIn,
    LogOut,
)
from shared.bus.alarms import open_alarms
from shared.context import acting_as
from shared.errors import Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from shared.software_authenticator import FLAG, SoftwareAuthenticator, client_data
from shared.webauthn import GET, decode, encode
from tests.in_process import ask, invoke, run
from tests.integration.staff.colleague import PARTY, Colleague, assertion, authenticator
from tests.integration.staff.staff_stage import NOW, told

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def kari(stage):
    return Colleague.arrived(stage, "kari")


def begin(stage):
    begun = ask(stage.service, BeginLogIn())
    return begun.ceremony_id, begun.options.to_json()


def refused(stage, call, error=Forbidden):
    with pytest.raises(error) as caught:
        ask(stage.service, call)
    return caught.value.details["reason"]


def test_a_log_in_says_who_it_is_and_until_when(stage, kari):
    stage.clock.move(MINUTE)
    logged_in = kari.log_in()
    assert (logged_in.staff_code, logged_in.passkeys) == ("kari", 2)
    assert logged_in.expires_at == NOW + MINUTE + HOUR
    shown = ask(stage.service, Authenticate(token=logged_in.token))
    assert (shown.staff_code, shown.session_id, shown.kind) == ("kari", logged_in.session_id, "desk")
    assert shown.authenticated_at == NOW + MINUTE
    opened = told(stage, "staff.session_opened")[-1]
    assert (opened[1], opened[2]["kind"], opened[3]) == ("staff/kari", "desk", "staff:kari")
    assert opened[2]["session_id"] == str(logged_in.session_id)


def test_before_somebody_has_proved_it_nothing_says_who_there_is(stage, kari):
    options = ask(stage.service, BeginLogIn()).options
    assert (options.allow_credentials, options.user_verification) == ((), "required")


def test_a_session_ends_unused_and_at_its_longest_however_it_is_used(stage, kari):
    stage.clock.move(HOUR - MINUTE)
    ask(stage.service, Authenticate(token=kari.token))
    stage.clock.move(HOUR - MINUTE)
    ask(stage.service, Authenticate(token=kari.token))
    stage.clock.move(HOUR)
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))
    kari.log_in()
    for _ in range(23):
        stage.clock.move(31 * MINUTE)
        ask(stage.service, Authenticate(token=kari.token))
    stage.clock.move(10 * MINUTE)
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))


def test_after_log_out_the_session_is_none_and_logging_out_again_is_fine(stage, kari):
    for _ in range(2):
        ask(stage.service, LogOut(token=kari.token))
    for call in (Authenticate(token=kari.token), ListSessions(token=kari.token)):
        with pytest.raises(Unauthenticated):
            ask(stage.service, call)
    assert [each[2]["reason"] for each in told(stage, "staff.session_ended")] == ["logged_out"]


def test_who_leaves_is_out_at_once_and_stays_out(stage, kari):
    ask(stage.service, RecordExit(code="kari", reason="dismissed"))
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))


def test_ones_own_sessions_are_shown_and_ended_and_nobody_elses(stage, kari):
    ola = Colleague.arrived(stage, "ola")
    first = kari.token
    kari.log_in(kari.keys[1])
    shown = ask(stage.service, ListSessions(token=kari.token)).sessions
    assert [each.current for each in shown].count(True) == 1
    assert len(shown) == 2
    (other,) = (each for each in shown if not each.current)
    with pytest.raises(NotFound):
        ask(stage.service, EndSession(token=ola.token, session_id=other.session_id))
    left = ask(stage.service, EndSession(token=kari.token, session_id=other.session_id)).sessions
    assert [each.current for each in left] == [True]
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=first))
    with acting_as("staff:ola"):
        assert ask(stage.service, EndSessionsOf(code="kari")).ended == 1
        assert ask(stage.service, EndSessionsOf(code="kari")).ended == 0
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))
    assert [(each[2]["reason"], each[3]) for each in told(stage, "staff.session_ended")] == [
        ("own_wish", "staff:kari"),
        ("by_another", "staff:ola"),
    ]
    ask(stage.service, Authenticate(token=ola.token))
    with pytest.raises(NotFound):
        ask(stage.service, EndSessionsOf(code="nobody"))


def test_the_eleventh_session_ends_the_first(stage, kari):
    first = kari.token
    for _ in range(10):
        stage.clock.move(timedelta(seconds=1))
        kari.log_in()
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=first))
    assert len(ask(stage.service, ListSessions(token=kari.token)).sessions) == 10
    assert told(stage, "staff.session_ended")[-1][2]["reason"] == "too_many"


# ── what proves nothing ───────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_that_was_given_is_not_taken_again(stage, kari):
    ceremony_id, options = begin(stage)
    given = LogIn(ceremony_id=ceremony_id, assertion=assertion(kari.keys[0].get(options, PARTY)))
    ask(stage.service, given)
    assert refused(stage, given) == "challenge_over"
    other_id, _ = begin(stage)
    assert refused(stage, LogIn(ceremony_id=other_id, assertion=given.assertion)) == "wrong_challenge"
    assert refused(stage, LogIn(ceremony_id=uuid4(), assertion=given.assertion)) == "challenge_over"


def test_a_failed_answer_uses_the_challenge_up_too(stage, kari):
    ceremony_id, options = begin(stage)
    answer = kari.keys[0].get(options, PARTY)
    wrong = assertion(answer, signature=encode(b"x" * 70))
    assert refused(stage, LogIn(ceremony_id=ceremony_id, assertion=wrong)) == "wrong_signature"
    assert refused(stage, LogIn(ceremony_id=ceremony_id, assertion=assertion(answer))) == "challenge_over"


def test_a_challenge_is_over_after_five_minutes(stage, kari):
    ceremony_id, options = begin(stage)
    stage.clock.move(5 * MINUTE)
    late = LogIn(ceremony_id=ceremony_id, assertion=assertion(kari.keys[0].get(options, PARTY)))
    assert refused(stage, late) == "challenge_over"
    run(stage.service, "purge_ended")
    assert stage.rows("SELECT count(*) FROM ceremony") == [(0,)]


def test_a_copied_key_is_refused_told_and_changes_nothing(stage, kari):
    copied = SoftwareAuthenticator(environment="test", keys=copy.copy(kari.keys[0].keys))
    kari.log_in()
    before = stage.rows("SELECT counter, used_at, revoked_at FROM passkey ORDER BY id")
    ceremony_id, options = begin(stage)
    stolen = LogIn(ceremony_id=ceremony_id, assertion=assertion(copied.get(options, PARTY)))
    assert refused(stage, stolen) == "counter_fell"
    assert stage.rows("SELECT counter, used_at, revoked_at FROM passkey ORDER BY id") == before
    _, subject, data, _ = told(stage, "staff.proof_refused")[-1]
    assert (subject, data["purpose"], data["reason"]) == ("staff/kari", "log_in", "counter_fell")
    assert data["passkey_id"] in str(stage.rows("SELECT id FROM passkey"))
    assert kari.log_in().staff_code == "kari"
    (key, _) = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    assert key.suspected_at == NOW
    assert copied_keys(stage) == 1
    kari.log_in(kari.keys[1])
    ask(stage.service, RevokePasskey(token=kari.token, passkey_id=key.passkey_id, reason="stolen"))
    assert copied_keys(stage) == 0


def copied_keys(stage):
    waiting = {each.spec.code: each.waiting.count for each in open_alarms((stage.service,))}
    return waiting.get("passkeys_copied", 0)


def test_a_synced_key_stays_at_zero_and_goes_on_working(stage):
    synced = SoftwareAuthenticator(environment="test", flags=FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS)
    kari = Colleague(stage, "kari", keys=[synced])
    from services.staff.passkeys.calls import By

    kari.enrol(By(link=kari.invited()), synced)
    for _ in range(3):
        ceremony_id, options = begin(stage)
        client = client_data(GET, decode(options["challenge"]), PARTY.origin)
        given = assertion(synced.signed(synced.keys[0], client))
        assert ask(stage.service, LogIn(ceremony_id=ceremony_id, assertion=given)).staff_code == "kari"
    synced.flags = FLAG.UP | FLAG.UV
    with pytest.raises(Forbidden) as caught:
        kari.log_in(synced)
    assert caught.value.details == {"reason": "backup_flags"}


def test_who_was_not_verified_by_their_device_is_not_let_in(stage, kari):
    kari.keys[0].flags = FLAG.UP
    with pytest.raises(Forbidden) as caught:
        kari.log_in()
    assert caught.value.details == {"reason": "not_verified"}


def test_a_key_that_nobody_enrolled_and_the_key_of_another_prove_nothing(stage, kari):
    ola = Colleague.arrived(stage, "ola")
    ceremony_id, options = begin(stage)
    stranger = authenticator()
    made = {"rp": {"id": PARTY.id}, "user": {"id": "AAE"}, "challenge": options["challenge"]}
    stranger.create(made, PARTY)
    unknown = LogIn(ceremony_id=ceremony_id, assertion=assertion(stranger.get(options, PARTY)))
    assert refused(stage, unknown) == "unknown_key"
    _, subject, data, _ = told(stage, "staff.proof_refused")[-1]
    assert (subject, data["staff_code"]) == (f"attempt/{ceremony_id}", None)
    ceremony_id, options = begin(stage)
    answer = ola.keys[0].get(options, PARTY)
    as_kari = assertion(answer, userHandle=encode(kari_id(stage).bytes))
    assert refused(stage, LogIn(ceremony_id=ceremony_id, assertion=as_kari)) == "another_person"


def kari_id(stage):
    ((person_id,),) = stage.rows("SELECT id FROM person WHERE code = 'kari'")
    return person_id


def test_what_is_no_answer_is_refused_before_anything_is_looked_at(stage, kari):
    ceremony_id, options = begin(stage)
    good = assertion(kari.keys[0].get(options, PARTY)).to_json()
    for name, value in (
        ("clientDataJSON", "A" * 10_000_000),
        ("authenticatorData", "A" * 100_000),
        ("signature", "+/=="),
        ("signature", None),
        ("userHandle", "A" * 1000),
        ("signature", 7),
    ):
        spoilt = good | {"response": good["response"] | {name: value}}
        with pytest.raises(Invalid):
            invoke(stage.service, "log_in", ceremony_id=ceremony_id, assertion=spoilt)
    for spoilt in (good | {"id": ""}, good | {"id": "A" * 2000}, {}, good | {"more": 1}):
        with pytest.raises(Invalid):
            invoke(stage.service, "log_in", ceremony_id=ceremony_id, assertion=spoilt)
    ask(stage.service, LogIn.from_json({"ceremony_id": str(ceremony_id), "assertion": good}))


@pytest.mark.parametrize("token", ["", "short", "x" * 101, "å" * 43, "x" * 42 + "\n", None, 7])
def test_what_cannot_be_a_token_is_not_looked_for(stage, token):
    with pytest.raises(Invalid):
        invoke(stage.service, "authenticate", token=token)


# ── the brake ─────────────────────────────────────────────────────────────────────────────────────────────────


def fail(stage, kari):
    ceremony_id, options = begin(stage)
    wrong = assertion(kari.keys[1].get(options, PARTY), signature=encode(b"x" * 70))
    return LogIn(ceremony_id=ceremony_id, assertion=wrong)


def test_the_eleventh_failure_is_too_many_and_the_honest_person_gets_in_all_the_same(stage, kari):
    for _ in range(10):
        assert refused(stage, fail(stage, kari)) == "wrong_signature"
    for _ in range(3):
        with pytest.raises(TooMany) as caught:
            ask(stage.service, fail(stage, kari))
        assert caught.value.details == {"reason": "too_many_failures", "retry_after_seconds": 900}
    assert len(told(stage, "staff.proof_refused")) == 10
    assert kari.log_in().staff_code == "kari"
    assert refused(stage, fail(stage, kari)) == "wrong_signature"


def test_the_brake_opens_by_itself_and_what_failed_is_forgotten(stage, kari):
    for _ in range(10):
        refused(stage, fail(stage, kari))
    stage.clock.move(15 * MINUTE)
    assert refused(stage, fail(stage, kari)) == "wrong_signature"
    stage.clock.move(timedelta(days=1, minutes=1))
    run(stage.service, "purge_ended")
    assert stage.rows("SELECT count(*) FROM brake") == [(0,)]
    assert stage.rows("SELECT count(*) FROM session") == [(0,)]


def test_failures_that_name_nobody_brake_nobody_else(stage, kari):
    stranger = authenticator()
    _, options = begin(stage)
    stranger.create({"rp": {"id": PARTY.id}, "user": {"id": "AAE"}, "challenge": options["challenge"]}, PARTY)
    for _ in range(12):
        ceremony_id, options = begin(stage)
        with pytest.raises((Forbidden, TooMany)):
            ask(stage.service, LogIn(ceremony_id=ceremony_id, assertion=assertion(stranger.get(options, PARTY))))
    assert refused(stage, fail(stage, kari)) == "wrong_signature"
    assert kari.log_in().staff_code == "kari"
