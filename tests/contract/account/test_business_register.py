"""The adapter for Enhetsregisteret: against the stand-in, the recorded answers, and a server that misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import marshmallow as ma
import pytest

from services.account.fields.kinds import OrgNumberField
from services.account.register.business_register import BusinessRegister, user_agent_of
from services.account.register.values import RegisterAnswer
from shared.errors import DeadlineExceeded, Permanent, Unavailable, VilkarError
from tests.bad_input import spoilt, spoilt_texts

pytestmark = pytest.mark.contract
PAYLOADS = Path(__file__).resolve().parents[4] / "shared" / "vendor" / "payloads" / "brreg"
NUMBER = "923609016"


def recorded(name: str):
    path = PAYLOADS / name
    if not path.is_file():
        pytest.skip(f"the recorded answer {name} is not on this machine (../shared/vendor/payloads/brreg)")
    return json.loads(path.read_text(encoding="utf-8"))


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """A server that answers every call with `answer`; the address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/api"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def saying(status: int, body: bytes | dict = b"", **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def by_path(**answers: Answer) -> Answer:
    return lambda handler: answers[handler.path.split("/")[2]](handler)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("806800937", RegisterAnswer(kind="found", name="SOLØR TØMMER OG BYGG AS", org_form="AS")),
        ("803897336", RegisterAnswer(kind="found", name="TØMRER ÅSMUND BRÅTÅNES", org_form="ENK")),
        (
            "805294809",
            RegisterAnswer(kind="found", name="HÅPLØST DREVET BYGG AS", org_form="AS", bankrupt=True),
        ),
        (
            "807194577",
            RegisterAnswer(kind="found", name="GLEMTE REGNSKAPER AS", org_form="AS", winding_up=True),
        ),
        ("804986030", RegisterAnswer(kind="deleted", org_form="AS")),
        ("806476145", RegisterAnswer(kind="removed")),
        ("802501412", RegisterAnswer(kind="sub_entity", org_form="BEDR")),
        ("805525843", RegisterAnswer(kind="deleted", org_form="BEDR")),
        ("889640782", RegisterAnswer(kind="not_found")),
    ],
)
def test_each_case_of_the_register_is_told_apart(sandbox, number, expected) -> None:
    assert BusinessRegister(sandbox.register_url).look_up(number) == expected


def test_the_register_is_asked_politely_and_for_version_two(sandbox) -> None:
    BusinessRegister(sandbox.register_url).look_up("806800937")
    seen: list[dict[str, str]] = []
    unit = {"organisasjonsnummer": NUMBER, "navn": "X AS"}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append({"path": handler.path, **handler.headers})
        saying(200, unit)(handler)

    with server(answer) as url:
        BusinessRegister(url + "/", user_agent=user_agent_of("hei@nøgd.example")).look_up(NUMBER)
    assert seen[0]["path"] == f"/api/enheter/{NUMBER}"
    assert seen[0]["Accept"] == "application/vnd.brreg.enhetsregisteret.enhet.v2+json"
    assert seen[0]["User-Agent"].endswith("(+mailto:hei@n%C3%B8gd.example)")


@pytest.mark.parametrize("mode", ["drop", "error_html", "bad_gateway", "unavailable", "rate_limited", "error"])
def test_a_register_that_is_down_is_worth_another_try(sandbox, mode) -> None:
    sandbox.fail("register", mode)
    register = BusinessRegister(sandbox.register_url)
    with pytest.raises(Unavailable):
        register.look_up("806800937")
    assert register.look_up("806800937").kind == "found"


def test_nobody_at_all_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        BusinessRegister("http://127.0.0.1:9").look_up(NUMBER)


def test_a_slow_register_is_not_waited_for(sandbox) -> None:
    sandbox.fail("register", "slow", seconds=2)
    begun = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        BusinessRegister(sandbox.register_url, total_seconds=0.3).look_up("806800937")
    assert time.monotonic() - begun < 1


def test_an_answer_that_drips_is_cut_off() -> None:
    over = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not over.wait(0.05):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return

    with server(drip) as url:
        begun = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            BusinessRegister(url, total_seconds=0.5).look_up(NUMBER)
        assert time.monotonic() - begun < 1.5
        over.set()


@pytest.mark.parametrize(
    "answer",
    [
        saying(302, Location="http://127.0.0.1:9/elsewhere"),
        saying(406),
        saying(400, {"status": 400, "feilmelding": "Feilaktig forespørsel"}),
        saying(200, b"<html>hei</html>"),
        saying(200, b"[" * 200_000),
        saying(200, b"[]"),
        saying(200, b"{}"),
        saying(200, {"organisasjonsnummer": "984851006", "navn": "ANNEN AS"}),
        saying(200, {"organisasjonsnummer": NUMBER, "navn": None}),
        saying(200, b'{"organisasjonsnummer": "' + b"9" * 300_000 + b'"}'),
        saying(200, b"\xff\xfe"),
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(answer) -> None:
    with server(answer) as url, pytest.raises(Permanent) as failed:
        BusinessRegister(url).look_up(NUMBER)
    assert NUMBER not in str(failed.value)


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        saying(301, Location="/api/elsewhere")(handler)

    with server(answer) as url, pytest.raises(VilkarError):
        BusinessRegister(url).look_up(NUMBER)
    assert asked == [f"/api/enheter/{NUMBER}"]


@pytest.mark.parametrize("form", [{"kode": "A" * 11}, {"kode": 7}, {"kode": "<script>"}, {}, None, "AS"])
def test_an_odd_legal_form_is_not_kept(form) -> None:
    unit = {"organisasjonsnummer": NUMBER, "navn": "X AS", "organisasjonsform": form}
    with server(saying(200, unit)) as url:
        assert BusinessRegister(url).look_up(NUMBER).org_form is None


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (
            "enhet-923609016-200-recorded.json",
            RegisterAnswer(kind="found", name="EQUINOR ASA", org_form="ASA"),
        ),
        ("enhet-200-doc.json", RegisterAnswer(kind="found", name="SESAM STASJON", org_form="AS")),
        ("enhet-deleted-200.json", RegisterAnswer(kind="deleted", org_form="UTBG")),
    ],
)
def test_recorded_answers_are_understood(payload, expected) -> None:
    body = recorded(payload)
    with server(saying(200, body)) as url:
        assert BusinessRegister(url).look_up(body["organisasjonsnummer"]) == expected


@pytest.mark.parametrize(
    ("payload", "expected"), [("enhet-deleted-200-current.json", "deleted"), ("enhet-410.json", "removed")]
)
def test_recorded_answers_of_what_is_gone_are_understood(payload, expected) -> None:
    told = recorded(payload)
    with server(saying(told["status"], told["body"])) as url:
        assert BusinessRegister(url).look_up(told["body"]["organisasjonsnummer"]).kind == expected
    with server(saying(410)) as url:
        assert BusinessRegister(url).look_up(NUMBER).kind == "removed"


@pytest.mark.parametrize(
    ("payload", "expected"), [("underenhet-200.json", "sub_entity"), ("underenhet-deleted-200.json", "deleted")]
)
def test_an_empty_404_may_be_a_sub_entity(payload, expected) -> None:
    body = recorded(payload)
    with server(by_path(enheter=saying(404), underenheter=saying(200, body))) as url:
        assert BusinessRegister(url).look_up(body["organisasjonsnummer"]).kind == expected


def test_the_check_digit_is_that_of_the_recorded_vectors() -> None:
    vectors = recorded("orgnr-checksum-vectors.json")
    field = OrgNumberField()
    for number in vectors["valid"] + vectors["valid_checksum_of_deleted_units"]:
        assert field.deserialize(number) == number
        assert field.deserialize(f" {number[:3]} {number[3:6]} {number[6:]} ") == number
    for number in vectors["invalid"] + vectors["checksum_ok_but_not_an_orgnr"]:
        with pytest.raises(ma.ValidationError):
            field.deserialize(number)


UNIT = {
    "organisasjonsnummer": NUMBER,
    "respons_klasse": "Enhet",
    "navn": "FIRMA AS",
    "organisasjonsform": {"kode": "AS"},
    "konkurs": False,
    "underAvvikling": False,
    "underTvangsavviklingEllerTvangsopplosning": False,
}


def test_whatever_the_register_answers_is_understood_or_worth_another_question() -> None:
    """Over HTTP: what is not understood leaves the sign-up `provisional`; any of our own errors does that."""
    body = b""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        saying(200, body)(handler)

    with server(answer) as url:
        register = BusinessRegister(url)
        bodies = [(what, json.dumps(unit).encode()) for what, unit in spoilt(UNIT)]
        for what, each in [*bodies, *spoilt_texts(UNIT)]:
            body = each
            try:
                found = register.look_up(NUMBER)
            except VilkarError:
                continue
            assert found.kind in ("found", "deleted"), what
            assert found.name is None or found.name.strip(), what
        body = json.dumps(UNIT).encode()
        assert register.look_up(NUMBER) == RegisterAnswer(kind="found", name="FIRMA AS", org_form="AS")


@pytest.mark.parametrize("field", ["respons_klasse", "slettedato", "organisasjonsform", "konkurs"])
def test_a_null_says_nothing(field) -> None:
    with server(saying(200, UNIT | {field: None})) as url:
        assert BusinessRegister(url).look_up(NUMBER).kind == "found"
    with server(saying(200, UNIT | {"konkurs": "true"})) as url:
        assert BusinessRegister(url).look_up(NUMBER).bankrupt
