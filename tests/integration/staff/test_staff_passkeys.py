"""Passkeys of the staff on a real database: enrolled, listed, revoked, and refused where they prove nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from services.staff.authentication.calls import CreationOptions
from services.staff.passkeys.calls import (
    BeginEnrolment,
    By,
    FinishEnrolment,
    ListPasskeys,
    PasskeysOf,
    RevokePasskey,
    RevokePasskeyOf,
)
from services.staff.people.calls import RecordExit, ShowPerson
from services.staff.sessions.calls import Authenticate
from shared.context import acting_as
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from shared.software_authenticator import KnownAlready
from shared.webauthn import RelyingParty, decode, key_digest
from tests.in_process import ask, invoke, seen
from tests.integration.staff.colleague import PARTY, Colleague, authenticator, credential
from tests.integration.staff.staff_stage import told

pytestmark = [pytest.mark.integration, pytest.mark.clause("STAFF-1")]

MINUTE = timedelta(minutes=1)


def reason_of(refused, stage, call):
    with pytest.raises(refused) as caught:
        ask(stage.service, call)
    return caught.value.details.get("reason")


# ── enrolment ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_invited_enrols_two_keys_and_is_active_then(stage):
    kari = Colleague(stage, "kari")
    link = kari.invited()
    first = kari.enrol(By(link=link), kari.keys[0])
    assert (first.staff_code, first.passkeys, first.passkey.way) == ("kari", 1, "invitation")
    assert ask(stage.service, ShowPerson(code="kari")).state == "invited"
    assert reason_of(Forbidden, stage, BeginEnrolment(by=By(link=link))) == "link_used"
    kari.log_in()
    second = kari.enrol(By(session=kari.token), kari.keys[1])
    assert (second.passkeys, second.passkey.way) == (2, "session")
    assert ask(stage.service, ShowPerson(code="kari")).state == "active"
    (first_told, second_told) = told(stage, "passkey.enrolled")
    ((public_key,), _) = stage.rows("SELECT public_key FROM passkey ORDER BY enrolled_at, id")
    assert first_told == (
        "passkey.enrolled",
        "staff/kari",
        {
            "passkey_id": str(first.passkey.passkey_id),
            "staff_code": "kari",
            "key": key_digest(bytes(public_key)),
            "way": "invitation",
            "binding": "device_bound",
        },
        "staff:kari",
    )
    assert second_told[2]["way"] == "session"


def test_a_browser_is_told_what_to_make_and_what_the_person_has_already(stage):
    kari = Colleague.arrived(stage, "kari")
    options = ask(stage.service, BeginEnrolment(by=By(session=kari.token))).options
    said = options.to_json()
    assert CreationOptions.from_json(said) == options
    assert said["rp"] == {"id": "desk.localhost", "name": "Vilkår"}
    assert (said["user"]["name"], said["attestation"], said["timeout"]) == ("kari", "none", 300_000)
    assert said["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }
    assert [each["alg"] for each in said["pubKeyCredParams"]] == [-7, -257]
    assert len(decode(said["challenge"])) == 32
    known = {each["id"] for each in said["excludeCredentials"]}
    assert len(known) == 2
    with pytest.raises(KnownAlready):
        kari.keys[0].create(said, PARTY)


def test_a_challenge_is_answered_once_and_in_time_and_by_whom_it_was_for(stage):
    kari, ola = Colleague.arrived(stage, "kari"), Colleague.arrived(stage, "ola")
    of_kari = By(session=kari.token)
    begun = ask(stage.service, BeginEnrolment(by=of_kari))
    made = credential(authenticator().create(begun.options.to_json(), PARTY))
    finish = {"ceremony_id": begun.ceremony_id, "credential": made}
    assert reason_of(Forbidden, stage, FinishEnrolment(by=By(session=ola.token), **finish)) == "another_person"
    assert reason_of(Forbidden, stage, FinishEnrolment(by=of_kari, **finish)) == "challenge_over"
    begun = ask(stage.service, BeginEnrolment(by=of_kari))
    made = credential(authenticator().create(begun.options.to_json(), PARTY))
    stage.clock.move(5 * MINUTE)
    late = FinishEnrolment(by=of_kari, ceremony_id=begun.ceremony_id, credential=made)
    assert reason_of(Forbidden, stage, late) == "challenge_over"
    unknown = FinishEnrolment(by=of_kari, ceremony_id=uuid4(), credential=made)
    assert reason_of(Forbidden, stage, unknown) == "challenge_over"
    assert len(ask(stage.service, ListPasskeys(token=kari.token)).passkeys) == 2


@pytest.mark.parametrize(
    "url", ["https://desk.localhost:8010", "http://desk.localhost", "http://evil.localhost:8010"]
)
def test_a_key_made_elsewhere_is_refused_and_told(stage, url):
    kari = Colleague(stage, "kari")
    link = kari.invited()
    with pytest.raises(Forbidden) as refused:
        kari.enrol(By(link=link), kari.keys[0], party=RelyingParty.of_url(url))
    assert refused.value.details == {"reason": "wrong_origin"}
    ((_, _, data, _),) = told(stage, "staff.proof_refused")
    assert (data["staff_code"], data["purpose"], data["reason"]) == ("kari", "enrolment", "wrong_origin")
    assert kari.enrol(By(link=link), authenticator()).passkeys == 1


def test_production_refuses_a_key_of_software_made_before_or_now(production_stage, stage):
    """The same database, run as production runs it: a demo's people cannot be taken along."""
    kari = Colleague.arrived(stage, "kari")
    kari.stage = production_stage
    with pytest.raises(Forbidden) as refused:
        kari.log_in()
    assert refused.value.details == {"reason": "software_key"}
    ola = Colleague(production_stage, "ola")
    with pytest.raises(Forbidden) as refused:
        ola.enrol(By(link=ola.invited()), ola.keys[0])
    assert refused.value.details == {"reason": "software_key"}


def test_a_key_of_somebody_is_nobody_elses(stage):
    kari, ola = Colleague.arrived(stage, "kari"), Colleague.arrived(stage, "ola")
    begun = ask(stage.service, BeginEnrolment(by=By(session=ola.token)))
    challenge = decode(begun.options.challenge)
    held = kari.keys[0].keys[0]
    from shared.software_authenticator import client_data
    from shared.webauthn import CREATE

    again = kari.keys[0].presented(held, client_data(CREATE, challenge, PARTY.origin))
    finish = FinishEnrolment(by=By(session=ola.token), ceremony_id=begun.ceremony_id, credential=credential(again))
    assert reason_of(Conflict, stage, finish) == "known_key"
    assert len(ask(stage.service, PasskeysOf(code="ola")).passkeys) == 2


def test_two_who_finish_with_one_link_at_once_enrol_one_key(stage):
    kari = Colleague(stage, "kari")
    by = By(link=kari.invited())
    calls = []
    for key in kari.keys:
        begun = ask(stage.service, BeginEnrolment(by=by))
        made = credential(key.create(begun.options.to_json(), PARTY))
        calls.append(FinishEnrolment(by=by, ceremony_id=begun.ceremony_id, credential=made))
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
    assert sorted(map(str, outcomes)) == ["1", "link_used"]


def test_in_a_session_only_who_has_just_logged_in_changes_keys(stage):
    kari = Colleague.arrived(stage, "kari")
    (first, _) = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    stage.clock.move(16 * MINUTE)
    for call in (
        BeginEnrolment(by=By(session=kari.token)),
        RevokePasskey(token=kari.token, passkey_id=first.passkey_id, reason="lost"),
    ):
        assert reason_of(Forbidden, stage, call) == "log_in_again"
    assert len(ask(stage.service, ListPasskeys(token=kari.token)).passkeys) == 2
    kari.log_in()
    assert kari.enrol(By(session=kari.token), authenticator()).passkeys == 3


def test_a_person_has_ten_keys_at_most(stage):
    kari = Colleague.arrived(stage, "kari")
    for _ in range(8):
        kari.enrol(By(session=kari.token), authenticator())
    assert reason_of(Conflict, stage, BeginEnrolment(by=By(session=kari.token))) == "too_many_keys"


def test_what_is_too_long_is_not_even_looked_at(stage):
    kari = Colleague.arrived(stage, "kari")
    begun = ask(stage.service, BeginEnrolment(by=By(session=kari.token)))
    good = credential(authenticator().create(begun.options.to_json(), PARTY)).to_json()
    for name, value in (("clientDataJSON", "A" * 100_000), ("attestationObject", "A" * 1_000_000)):
        spoilt = good | {"response": good["response"] | {name: value}}
        with pytest.raises(Invalid):
            invoke(
                stage.service,
                "finish_enrolment",
                by={"session": kari.token},
                ceremony_id=begun.ceremony_id,
                credential=spoilt,
            )
    for value in ("o2Nm", "A", "gA", "ow" * 8000):
        begun = ask(stage.service, BeginEnrolment(by=By(session=kari.token)))
        spoilt = good | {"response": good["response"] | {"attestationObject": value}}
        with pytest.raises(Forbidden) as refused:
            invoke(
                stage.service,
                "finish_enrolment",
                by={"session": kari.token},
                ceremony_id=begun.ceremony_id,
                credential=spoilt,
            )
        assert refused.value.details["reason"] in ("malformed", "wrong_challenge")


# ── lists and revocations ─────────────────────────────────────────────────────────────────────────────────────


def test_ones_own_keys_are_shown_and_which_of_them_is_in_use(stage):
    kari = Colleague.arrived(stage, "kari")
    shown = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    assert [(each.in_use, each.software, each.synced) for each in shown] == [
        (True, True, False),
        (False, True, False),
    ]
    assert [each.used_at is not None for each in shown] == [True, False]
    assert [each.in_use for each in ask(stage.service, PasskeysOf(code="kari")).passkeys] == [False, False]
    with pytest.raises(Unauthenticated):
        ask(stage.service, ListPasskeys(token="x" * 43))
    with pytest.raises(NotFound):
        ask(stage.service, PasskeysOf(code="nobody"))


def test_a_revoked_key_proves_nothing_and_its_sessions_have_ended(stage):
    kari = Colleague.arrived(stage, "kari")
    first, second = ask(stage.service, ListPasskeys(token=kari.token)).passkeys
    of_first = kari.token
    kari.log_in(kari.keys[1])
    left = ask(stage.service, RevokePasskey(token=kari.token, passkey_id=first.passkey_id, reason="stolen"))
    assert [each.passkey_id for each in left.passkeys] == [second.passkey_id]
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=of_first))
    assert ask(stage.service, Authenticate(token=kari.token)).passkeys == 1
    with pytest.raises(Forbidden) as refused:
        kari.log_in(kari.keys[0])
    assert refused.value.details == {"reason": "revoked_key"}
    last = RevokePasskey(token=kari.token, passkey_id=second.passkey_id, reason="lost")
    assert reason_of(Conflict, stage, last) == "last_key"
    assert reason_of(NotFound, stage, RevokePasskey(token=kari.token, passkey_id=uuid4(), reason="lost")) is None
    ((_, _, data, actor),) = told(stage, "passkey.revoked")
    assert (data, actor) == (
        {"passkey_id": str(first.passkey_id), "staff_code": "kari", "reason": "stolen"},
        "staff:kari",
    )
    assert [each[2]["reason"] for each in told(stage, "staff.session_ended")] == ["passkey_revoked"]


def test_nobody_revokes_the_key_of_another_but_by_an_act(stage):
    kari, ola = Colleague.arrived(stage, "kari"), Colleague.arrived(stage, "ola")
    (key, _) = ask(stage.service, ListPasskeys(token=ola.token)).passkeys
    with pytest.raises(NotFound):
        ask(stage.service, RevokePasskey(token=kari.token, passkey_id=key.passkey_id, reason="lost"))
    with pytest.raises(NotFound):
        ask(stage.service, RevokePasskeyOf(code="kari", passkey_id=key.passkey_id, reason="lost"))
    with acting_as("staff:kari"):
        left = ask(stage.service, RevokePasskeyOf(code="ola", passkey_id=key.passkey_id, reason="lost"))
    assert len(left.passkeys) == 1
    assert told(stage, "passkey.revoked")[-1][3] == "staff:kari"
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=ola.token))


def test_who_leaves_has_no_key_and_no_session_from_that_moment(stage):
    kari = Colleague.arrived(stage, "kari")
    ask(stage.service, RecordExit(code="kari", reason="left"))
    with pytest.raises(Unauthenticated):
        ask(stage.service, Authenticate(token=kari.token))
    for key in kari.keys:
        with pytest.raises(Forbidden) as refused:
            kari.log_in(key)
        assert refused.value.details == {"reason": "revoked_key"}
    assert [each[2]["reason"] for each in told(stage, "passkey.revoked")] == ["left", "left"]
    assert stage.rows("SELECT count(*) FROM session WHERE ended_at IS NULL") == [(0,)]
    assert stage.rows("SELECT count(*) FROM recovery_code") == [(0,)]
    assert stage.rows("SELECT count(*) FROM passkey WHERE revoked_at IS NULL") == [(0,)]


def test_the_probes_see_what_outlasts_its_owner_or_its_key(stage):
    for code in ("kari", "ola"):
        Colleague.arrived(stage, code)
    assert contradicted(stage) == set()
    stage.owner.execute(
        "UPDATE person SET state = 'left', left_at = invited_at, left_by = 'system', left_because = 'left' "
        "WHERE code = 'kari'"
    )
    assert contradicted(stage) == {"keys_after_exit"}
    stage.owner.execute("UPDATE passkey SET revoked_at = enrolled_at, revoked_because = 'lost'")
    assert contradicted(stage) == {"keys_after_exit", "sessions_of_revoked_keys"}


def contradicted(stage):
    return {name for name, count in seen(stage.service).items() if count}


def test_no_secret_and_no_key_is_in_an_event(stage):
    kari = Colleague.arrived(stage, "kari")
    bodies = str(stage.rows("SELECT convert_from(body, 'UTF8') FROM outbox"))
    secrets = [kari.token, *(each.keys[0].credential_id.hex() for each in kari.keys)]
    ((credential_id, public_key),) = stage.rows("SELECT credential_id, public_key FROM passkey LIMIT 1")
    from shared.webauthn import encode

    for secret in (*secrets, encode(bytes(credential_id)), encode(bytes(public_key)), bytes(public_key).hex()):
        assert secret not in bodies
    assert kari.token not in str(stage.rows("SELECT * FROM session"))
