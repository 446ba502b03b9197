"""The file of a command line's session: its owner's alone, whole or not there, and believed only as such."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.desk.cli.http_caller import DeskAddress, desk_url
from services.desk.cli.session_file import LIMIT_BYTES, NotLoggedIn, SessionFile, StoredSession
from shared.errors import Refused
from tests.bad_input import spoilt, spoilt_texts

pytestmark = pytest.mark.unit

SESSION = StoredSession(
    desk="http://desk.localhost:8010",
    code="kari",
    token="Zq3vT0-b1JtPmR7cXyA5uW9kLsE2hGfN4oDi6QeVrSx",
    ends_at=datetime(2026, 11, 30, 16, tzinfo=UTC),
)


@pytest.fixture
def file(tmp_path) -> SessionFile:
    made = SessionFile(tmp_path / "config" / "vilkar" / "session.json")
    made.write(SESSION)
    return made


def put(file: SessionFile, raw: bytes) -> None:
    file.path.write_bytes(raw)
    file.path.chmod(0o600)


def test_what_was_written_is_read_and_nobody_else_can_read_it(file) -> None:
    assert file.read() == SESSION
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.path.parent.iterdir()] == [file.path.name], "no draft is left"


def test_the_secret_is_not_in_what_a_log_would_show() -> None:
    assert SESSION.token not in repr(SESSION)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666, 0o620])
def test_a_file_that_others_can_read_or_write_is_not_believed(file, mode) -> None:
    file.path.chmod(mode)
    with pytest.raises(NotLoggedIn, match=r"Others can read.*: vilkar login$"):
        file.read()


def test_a_link_a_folder_and_a_pipe_are_no_file_of_a_session(file, tmp_path) -> None:
    elsewhere = tmp_path / "session.json"
    file.path.rename(elsewhere)
    file.path.symlink_to(elsewhere)
    with pytest.raises(NotLoggedIn):
        file.read()
    file.path.unlink()
    file.path.mkdir(mode=0o700)
    with pytest.raises(NotLoggedIn):
        file.read()
    file.path.rmdir()
    os.mkfifo(file.path, 0o600)
    with pytest.raises(NotLoggedIn):
        file.read()


def test_the_file_of_somebody_else_is_not_believed(file) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file to somebody else")
    os.chown(file.path, 12345, 12345)
    with pytest.raises(NotLoggedIn, match="not yours"):
        file.read()


def test_without_a_file_one_is_told_the_command(tmp_path) -> None:
    with pytest.raises(NotLoggedIn) as refused:
        SessionFile(tmp_path / "none").read()
    assert refused.value.message == "You are not logged in: vilkar login"


def test_whatever_is_wrong_in_the_file_is_no_session(file) -> None:
    tried = 0
    good = SESSION.to_json()
    bodies = [(what, json.dumps(value).encode()) for what, value in spoilt(good)]
    for what, body in [*bodies, *spoilt_texts(good), ("too long", b" " * LIMIT_BYTES + json.dumps(good).encode())]:
        put(file, body)
        tried += 1
        try:
            read = file.read()
        except NotLoggedIn:
            continue
        assert read.token.isascii(), what
        assert read.token.isprintable(), what
    assert tried > 100


def test_a_new_session_takes_the_place_of_the_old_one_and_gets_no_others_rights(file) -> None:
    file.path.chmod(0o666)
    file.write(SESSION)
    assert file.read() == SESSION
    file.remove()
    file.remove()
    with pytest.raises(NotLoggedIn):
        file.read()


def test_it_lies_in_the_users_folder_of_settings() -> None:
    assert SessionFile.of({"HOME": "/home/kari"}).path == Path("/home/kari/.config/vilkar/session.json")
    assert SessionFile.of({"HOME": "/home/kari", "XDG_CONFIG_HOME": "/x"}).path == Path("/x/vilkar/session.json")
    assert SessionFile.of({"VILKAR_SESSION_FILE": "/y/s"}).path == Path("/y/s")


# ── where the desk is ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "told", "reached"),
    [
        ("http://desk.localhost:8010", {}, ("http://desk.localhost:8010", "127.0.0.1", 8010)),
        ("HTTP://DESK.LOCALHOST:8010", {}, ("http://desk.localhost:8010", "127.0.0.1", 8010)),
        ("http://localhost/", {}, ("http://localhost", "127.0.0.1", 80)),
        ("https://desk.example", {}, ("https://desk.example", "desk.example", 443)),
        (" https://desk.example:8443 ", {}, ("https://desk.example:8443", "desk.example", 8443)),
        (
            "http://desk.localhost:8010",
            {"VILKAR_DESK_CONNECT": "desk:8010"},
            ("http://desk.localhost:8010", "desk", 8010),
        ),
    ],
)
def test_where_the_desk_is_reached(url, told, reached) -> None:
    address = DeskAddress.of(url, told)
    assert (address.url, address.host, address.port) == reached


@pytest.mark.parametrize(
    "url",
    [
        "", "desk", "desk.example", "http://desk.example", "ftp://desk.example", "https://", "https://a:b@desk.example",
        "https://desk.example/x", "https://desk.example?x=1", "https://desk.example#x", "https://[::1]:8010",
        "https://desk.example:99999", "https://[", "javascript:alert(1)", "http://192.0.2.1:8010",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_desk_is_refused_before_anything_is_sent(url) -> None:
    with pytest.raises(Refused):
        DeskAddress.of(url, {})


def test_the_environment_names_the_desk() -> None:
    assert desk_url({}) is None
    assert desk_url({"VILKAR_DESK_PORT": "1"}) == "http://desk.localhost:1"
    public = {"VILKAR_DESK_PORT": "1", "VILKAR_DESK_PUBLIC_URL": "https://a.example"}
    assert desk_url(public) == "https://a.example"
    assert desk_url(public | {"VILKAR_DESK_URL": "https://b.example"}) == "https://b.example"
