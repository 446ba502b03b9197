"""A form whose session ended: kept an hour for its holder, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.staff.authentication.rules import SESSIONS_MOST
from services.staff.form_drafts.calls import DropFormDraft, KeepFormDraft, ShowFormDraft
from services.staff.passkeys.calls import ListPasskeys, RevokePasskey
from services.staff.people.calls import RecordExit
from services.staff.sessions.calls import Authenticate, EndSession, EndSessionsOf, ListSessions, LogOut
from shared import base64url
from shared.context import acting_as
from shared.errors import Invalid, NotFound, Unauthenticated
from shared.form_drafts import KEPT, MOST
from tests.in_process import run

pytestmark = pytest.mark.integration

PATH = "/acts/place-hold"
SEALED = base64url.encode(b"sealed by a browser")


@pytest.fixture(autouse=True)
def colleagues(stage):
    for code in ("kari", "per"):
        stage.enrolled(code)


def keep(stage, token: str, *, path: str = PATH, sealed: str = SEALED) -> None:
    stage.ask(KeepFormDraft(token=token, path=path, sealed=sealed))


def shown(stage, token: str, *, path: str = PATH) -> str:
    return stage.ask(ShowFormDraft(token=token, path=path)).sealed


def test_what_stood_in_a_form_is_there_after_the_next_log_in(stage) -> None:
    token = stage.session_of("kari")
    stage.clock.move(timedelta(hours=2))
    keep(stage, token)
    for _ in range(2):
        assert shown(stage, stage.session_of("kari")) == SEALED, "a page that is read again shows it again"


def test_nobody_else_is_shown_it_and_an_ended_session_shows_nothing(stage) -> None:
    token = stage.session_of("kari")
    stage.clock.move(timedelta(hours=2))
    keep(stage, token)
    with pytest.raises(NotFound):
        shown(stage, stage.session_of("per"))
    with pytest.raises(Unauthenticated):
        shown(stage, token)


def test_it_is_kept_for_an_hour_whether_or_not_anything_deletes_it(stage) -> None:
    keep(stage, stage.session_of("kari"))
    stage.clock.move(KEPT)
    with pytest.raises(NotFound):
        shown(stage, stage.session_of("kari"))
    run(stage.service, "purge_ended")
    assert stage.rows("SELECT * FROM form_draft") == []


def test_a_session_that_ended_at_its_longest_is_known_for_as_long_as_the_form_would_be_kept(stage) -> None:
    token = stage.session_of("kari")
    stage.clock.move(timedelta(hours=12, minutes=30))
    run(stage.service, "purge_ended")
    keep(stage, token)
    assert shown(stage, stage.session_of("kari")) == SEALED


@pytest.mark.parametrize("ending", ["logged_out", "ended_by_oneself", "ended_by_another", "too_many", "revoked"])
def test_a_session_that_somebody_ended_is_known_for_an_hour(stage, ending) -> None:
    token = stage.session_of("kari")
    match ending:
        case "logged_out":
            stage.ask(LogOut(token=token))
        case "ended_by_oneself":
            (own,) = [each for each in stage.ask(ListSessions(token=token)).sessions if each.current]
            stage.ask(EndSession(token=stage.session_of("kari"), session_id=own.session_id))
        case "ended_by_another":
            with acting_as("staff:per"):
                stage.ask(EndSessionsOf(code="kari"))
        case "too_many":
            for _ in range(SESSIONS_MOST):
                stage.clock.move(timedelta(seconds=1))
                stage.session_of("kari")
        case "revoked":
            (key,) = [each for each in stage.ask(ListPasskeys(token=token)).passkeys if each.in_use]
            stage.colleagues["kari"].keys.reverse()
            other = stage.session_of("kari")
            stage.ask(RevokePasskey(token=other, passkey_id=key.passkey_id, reason="stolen"))
    with pytest.raises(Unauthenticated):
        stage.ask(Authenticate(token=token))
    keep(stage, token)
    assert shown(stage, stage.session_of("kari")) == SEALED
    stage.clock.move(KEPT)
    run(stage.service, "purge_ended")
    with pytest.raises(Unauthenticated):
        keep(stage, token)


def test_who_left_keeps_no_form(stage) -> None:
    token = stage.session_of("kari")
    with acting_as("staff:per"):
        stage.ask(RecordExit(code="kari", reason="left"))
    with pytest.raises(Unauthenticated):
        keep(stage, token)


def test_of_nobody_s_session_nothing_is_kept(stage) -> None:
    with pytest.raises(Unauthenticated):
        keep(stage, "x" * 43)
    assert stage.rows("SELECT * FROM form_draft") == []


def test_a_newer_form_takes_the_place_of_the_older_and_only_the_newest_are_kept(stage) -> None:
    token = stage.session_of("kari")
    for number in range(MOST + 5):
        stage.clock.move(timedelta(seconds=1))
        keep(stage, token, path=f"/acts/form-{'abcdefghijklmnopqrstuvwxyz'[number]}")
    assert stage.rows("SELECT count(*) FROM form_draft") == [(MOST,)]
    keep(stage, token, path="/acts/form-y", sealed="bmV3ZXI")
    assert shown(stage, token, path="/acts/form-y") == "bmV3ZXI"
    with pytest.raises(NotFound):
        shown(stage, token, path="/acts/form-a")


@pytest.mark.parametrize(
    "fields",
    [
        {"path": "/customers/1?purpose=dispute"},
        {"path": "/acts/"},
        {"path": "https://other.example/acts/x"},
        {"sealed": ""},
        {"sealed": "not base64!"},
        {"sealed": "AAAAA"},
        {"sealed": "A" * 70_000},
    ],
)
def test_what_is_no_form_is_refused(stage, fields) -> None:
    with pytest.raises(Invalid):
        keep(stage, stage.session_of("kari"), **fields)
    assert stage.rows("SELECT * FROM form_draft") == []


def test_a_form_that_was_sent_is_forgotten_for_its_holder_alone(stage) -> None:
    token, others = stage.session_of("kari"), stage.session_of("per")
    for each in (token, others):
        keep(stage, each)
    stage.ask(DropFormDraft(token=token, path=PATH))
    with pytest.raises(NotFound):
        shown(stage, token)
    assert shown(stage, others) == SEALED
