"""A command line logs in, and a person lets it in at the desk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from services.staff.device_log_in import rules
from services.staff.device_log_in.calls import (
    BeginDeviceLogIn,
    DecideDeviceLogIn,
    PollDeviceLogIn,
    ShowDeviceLogIn,
)
from services.staff.passkeys.calls import BeginEnrolment, By, FinishEnrolment, ListPasskeys, RevokePasskey
from services.staff.people.calls import RecordExit
from services.staff.prerequisites.calls import SignUndertaking, UndertakingText
from services.staff.recovery.calls import BurnRecoveryCodes, MakeRecoveryCodes, RecoveryCodesLeft
from services.staff.sessions.calls import Authenticate, EndSessionsOf, LogOut
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, NotFound, TooMany, Unauthenticated
from tests.in_process import ask, run
from tests.integration.staff.colleague import PARTY, Colleague, authenticator, credential
from tests.integration.staff.staff_stage import NOW, told
from tests.plugins.lock_wait import until_somebody_waits

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

SECONDS, MINUTE, HOUR = timedelta(seconds=5), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def kari(stage):
    return Colleague.arrived(stage, "kari")


@pytest.fixture
def device(stage):
    return ask(stage.service, BeginDeviceLogIn())


def code(device):
    return {"user_code": rules.understood(device.user_code)}


def poll(stage, device):
    stage.clock.move(SECONDS)
    return ask(stage.service, PollDeviceLogIn(device_token=device.device_token))


def decide(stage, person, device, *, approve=True):
    return ask(stage.service, DecideDeviceLogIn(token=person.token, approve=approve, **code(device)))


def reason_of(error, stage, call):
    with pytest.raises(error) as caught:
        ask(stage.service, call)
    return caught.value.details["reason"]


def test_a_device_is_let_in_by_whoever_types_its_code(stage, kari, device):
    assert (device.interval_seconds, device.expires_at) == (5, NOW + 10 * MINUTE)
    waiting = poll(stage, device)
    assert (waiting.approved, waiting.token) == (False, None)
    shown = ask(stage.service, ShowDeviceLogIn(token=kari.token, **code(device)))
    assert shown.begun_at == NOW
    decide(stage, kari, device)
    let_in = poll(stage, device)
    assert (let_in.approved, let_in.staff_code) == (True, "kari")
    assert let_in.expires_at == stage.clock.now() + 4 * HOUR
    session = ask(stage.service, Authenticate(token=let_in.token))
    assert (session.kind, session.authenticated_at) == ("command_line", NOW)
    (decided,) = told(stage, "staff.device_log_in_decided")
    assert decided == (
        "staff.device_log_in_decided",
        "staff/kari",
        {"request_id": str(shown.request_id), "staff_code": "kari", "decision": "approved"},
        "staff:kari",
    )
    assert told(stage, "staff.session_opened")[-1][2]["kind"] == "command_line"


LOCK = "SELECT 1 FROM person WHERE code = 'kari' FOR UPDATE"
REVOKED = "UPDATE passkey SET revoked_at = now(), revoked_because = 'stolen'"
ENDED = "UPDATE session SET ended_at = now()"


@pytest.mark.parametrize("cut", [REVOKED, ENDED], ids=["key_revoked", "sessions_ended"])
def test_no_device_is_let_in_beside_whoever_cuts_its_person_off(databases, stage, kari, device, cut):
    decide(stage, kari, device)
    stage.clock.move(SECONDS)
    polling = PollDeviceLogIn(device_token=device.device_token)
    dsn = databases.owner_dsn("staff")
    with ThreadPoolExecutor(1) as threads, psycopg.connect(dsn) as another:
        another.execute(LOCK)
        outcome = threads.submit(reason_of, Forbidden, stage, polling)
        until_somebody_waits(databases.superuser_dsn("staff"))
        another.execute(cut)
        another.commit()
        assert outcome.result(20) == "device_over"
    assert stage.rows("SELECT count(*) FROM session WHERE kind = 'command_line'") == [(0,)]


def test_no_session_lasts_longer_than_the_key_that_opened_it(stage, kari, device):
    decide(stage, kari, device)
    token = poll(stage, device).token
    stage.owner.execute(REVOKED)
    for each in (token, kari.token):
        with pytest.raises(Unauthenticated):
            ask(stage.service, Authenticate(token=each))


def test_the_token_is_handed_out_once(stage, kari, device):
    decide(stage, kari, device)
    poll(stage, device)
    stage.clock.move(SECONDS)
    assert reason_of(Forbidden, stage, PollDeviceLogIn(device_token=device.device_token)) == "device_over"


def test_a_device_that_was_refused_begins_again(stage, kari, device):
    decide(stage, kari, device, approve=False)
    stage.clock.move(SECONDS)
    assert reason_of(Forbidden, stage, PollDeviceLogIn(device_token=device.device_token)) == "device_refused"
    assert told(stage, "staff.device_log_in_decided")[-1][2]["decision"] == "refused"


def test_nobody_decides_twice_neither_the_same_person_nor_another(stage, kari, device):
    ola = Colleague.arrived(stage, "ola")
    decide(stage, kari, device)
    for person in (kari, ola):
        again = DecideDeviceLogIn(token=person.token, approve=False, **code(device))
        assert reason_of(Conflict, stage, again) == "approved"
        shown = ShowDeviceLogIn(token=person.token, **code(device))
        assert reason_of(Conflict, stage, shown) == "approved"
    assert poll(stage, device).staff_code == "kari"


def test_a_code_waits_ten_minutes(stage, kari, device):
    stage.clock.move(10 * MINUTE)
    kari.log_in()
    late = DecideDeviceLogIn(token=kari.token, approve=True, **code(device))
    assert reason_of(NotFound, stage, late) == "unknown_code"
    assert reason_of(Forbidden, stage, PollDeviceLogIn(device_token=device.device_token)) == "device_over"
    run(stage.service, "purge_ended")
    assert stage.rows("SELECT count(*) FROM device_log_in") == [(0,)]


def test_one_approved_at_the_last_moment_is_over_all_the_same(stage, kari, device):
    stage.clock.move(10 * MINUTE - timedelta(seconds=1))
    decide(stage, kari, device)
    stage.clock.move(SECONDS)
    assert reason_of(Forbidden, stage, PollDeviceLogIn(device_token=device.device_token)) == "device_over"


def test_who_guesses_codes_waits_and_others_do_not(stage, kari, device):
    guess = rules.code_of([0] * 8)
    ola = Colleague.arrived(stage, "ola")
    for each in range(10):
        call = ShowDeviceLogIn if each % 2 else DecideDeviceLogIn
        more = {} if each % 2 else {"approve": True}
        assert reason_of(NotFound, stage, call(token=kari.token, user_code=guess, **more)) == "unknown_code"
    right = DecideDeviceLogIn(token=kari.token, approve=True, **code(device))
    assert reason_of(TooMany, stage, right) == "too_many_failures"
    assert ask(stage.service, Authenticate(token=kari.token)).staff_code == "kari"
    decide(stage, ola, device)
    assert poll(stage, device).staff_code == "ola"
    stage.clock.move(15 * MINUTE)
    kari.log_in()
    assert reason_of(NotFound, stage, ShowDeviceLogIn(token=kari.token, user_code=guess)) == "unknown_code"


def test_a_device_that_asks_too_often_is_slowed_and_in_the_end_sent_away(stage, kari, device):
    asked = PollDeviceLogIn(device_token=device.device_token)
    ask(stage.service, asked)
    for _ in range(rules.POLLS_MOST - 1):
        assert reason_of(TooMany, stage, asked) == "slow_down"
    assert reason_of(Forbidden, stage, asked) == "asked_too_often"
    assert reason_of(Forbidden, stage, asked) == "device_over"
    late = DecideDeviceLogIn(token=kari.token, approve=True, **code(device))
    assert reason_of(NotFound, stage, late) == "unknown_code"


def test_so_many_devices_wait_and_not_one_more(stage, monkeypatch):
    monkeypatch.setattr(rules, "PENDING_MOST", 3)
    for _ in range(3):
        ask(stage.service, BeginDeviceLogIn())
    assert reason_of(TooMany, stage, BeginDeviceLogIn()) == "too_many_devices"
    stage.clock.move(10 * MINUTE)
    assert ask(stage.service, BeginDeviceLogIn()).user_code


def test_two_devices_have_two_codes_and_a_secret_is_kept_by_its_digest(stage, monkeypatch):
    first, second = (ask(stage.service, BeginDeviceLogIn()) for _ in range(2))
    assert first.user_code != second.user_code
    kept = str(stage.rows("SELECT * FROM device_log_in"))
    assert first.device_token not in kept
    letters = [0] * 8
    monkeypatch.setattr("services.staff.device_log_in.feature.secrets.randbelow", lambda _: letters.pop())
    with pytest.raises(IndexError):  # all eight were used for the one code that is free
        [ask(stage.service, BeginDeviceLogIn()) for _ in range(2)]


def test_only_who_has_just_logged_in_lets_a_device_in(stage, kari, device):
    stage.clock.move(9 * MINUTE)
    later = ask(stage.service, BeginDeviceLogIn())
    stage.clock.move(7 * MINUTE)
    late = DecideDeviceLogIn(token=kari.token, approve=True, **code(later))
    assert reason_of(Forbidden, stage, late) == "log_in_again"
    with pytest.raises(Unauthenticated):
        ask(stage.service, DecideDeviceLogIn(token="x" * 43, approve=True, **code(later)))


def test_a_command_line_changes_no_keys_and_lets_in_no_other(stage, kari, device):
    before = kari.log_in(kari.keys[1])
    codes = ask(stage.service, MakeRecoveryCodes(token=before.token)).codes
    decide(stage, kari, device)
    token = poll(stage, device).token
    another = ask(stage.service, BeginDeviceLogIn())
    key = ask(stage.service, ListPasskeys(token=token)).passkeys[0]
    told_before = len(stage.events())
    for call in (
        BeginEnrolment(by=By(session=token)),
        RevokePasskey(token=token, passkey_id=key.passkey_id, reason="stolen"),
        MakeRecoveryCodes(token=token),
        BurnRecoveryCodes(token=token),
        DecideDeviceLogIn(token=token, approve=True, **code(another)),
        SignUndertaking(token=token, text_sha256=ask(stage.service, UndertakingText(language="nb")).sha256),
    ):
        assert reason_of(Forbidden, stage, call) == "only_in_browser"
    assert len(stage.events()) == told_before
    assert len(ask(stage.service, ListPasskeys(token=token)).passkeys) == 2
    assert ask(stage.service, RecoveryCodesLeft(token=token)).left == len(codes)
    assert poll(stage, another).approved is False


def test_an_enrolment_that_was_begun_in_the_browser_is_not_finished_by_a_command_line(stage, kari, device):
    decide(stage, kari, device)
    token = poll(stage, device).token
    key, begun = authenticator(), ask(stage.service, BeginEnrolment(by=By(session=kari.token)))
    made = credential(key.create(begun.options.to_json(), PARTY))
    finish = FinishEnrolment(by=By(session=token), ceremony_id=begun.ceremony_id, credential=made)
    assert reason_of(Forbidden, stage, finish) == "only_in_browser"
    assert len(ask(stage.service, ListPasskeys(token=kari.token)).passkeys) == 2


@pytest.mark.parametrize("ending", ["log_out", "revoke", "end", "leave"])
def test_what_ends_the_session_it_was_approved_in_ends_the_approval(stage, kari, device, ending):
    decide(stage, kari, device)
    match ending:
        case "log_out":
            ask(stage.service, LogOut(token=kari.token))
        case "revoke":
            (key, _) = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
            ask(stage.service, RevokePasskey(token=kari.token, passkey_id=key.passkey_id, reason="stolen"))
        case "end":
            with acting_as("staff:ola"):
                ask(stage.service, EndSessionsOf(code="kari"))
        case "leave":
            ask(stage.service, RecordExit(code="kari", reason="left"))
    stage.clock.move(SECONDS)
    assert reason_of(Forbidden, stage, PollDeviceLogIn(device_token=device.device_token)) == "device_over"


def test_a_session_of_the_command_line_ends_with_the_key_that_it_comes_from(stage, kari, device):
    decide(stage, kari, device)
    token = poll(stage, device).token
    (key, _) = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    ask(stage.service, RevokePasskey(token=kari.token, passkey_id=key.passkey_id, reason="stolen"))
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=token))
