"""The demo waits with a bound, tells what it measured, and says in a sentence what did not come."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
import typer

from deploy.customers.clients import Gateway, Unexpected, Vendors
from deploy.demo import command
from deploy.demo.companies import companies
from services.desk.cli.output import FAULT, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.unit


@contextmanager
def a_gateway(*, accepts: int) -> Iterator[str]:
    """One that still takes a session so many times, and refuses it then."""
    left = [accepts]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            left[0] -= 1
            self.send_response(200 if left[0] >= 0 else 401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def play_at(address: str, customers: int = command.STAYING + 2) -> command.Play:
    gateway = Gateway(address)
    chosen = [command.Customer.of(each, gateway) for each in companies()[:customers]]
    nobody = cast("Any", None)  # the desk is not asked here
    return command.Play(nobody, nobody, gateway, Vendors(address), chosen, {}, quiet=True)


def test_sessions_that_live_on_for_a_moment_are_waited_for_and_the_wait_is_told() -> None:
    with a_gateway(accepts=2) as address:
        waited = command._all_refused(play_at(address))
    assert 0.4 <= waited < command.LOGGED_OUT_SECONDS, "two looks, a quarter of a second apart"


def test_no_proxy_of_the_machine_stands_between_the_demo_and_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with a_gateway(accepts=1) as address:
        assert Gateway(address).status("GET", "/v1/account") == 200


def test_a_session_that_is_never_refused_ends_the_demo_within_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LOGGED_OUT_SECONDS", 0.3)
    with a_gateway(accepts=1000) as address, pytest.raises(Unexpected, match="did not happen within"):
        command._all_refused(play_at(address))


def test_what_did_not_happen_is_told_in_a_sentence_and_an_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    @spoken
    def command() -> None:
        raise Unexpected("the [end] of a session did not happen within 60 seconds")

    with pytest.raises(typer.Exit) as ended:
        command()
    assert ended.value.exit_code == FAULT
    assert ended.value.__cause__ is None
    said = capsys.readouterr().err
    assert "the [end] of a session did not happen within 60 seconds" in " ".join(said.split())
    assert "Traceback" not in said


def test_whom_the_front_page_looks_for_is_a_customer_of_the_demo_who_stays() -> None:
    page = (Path(__file__).resolve().parents[3] / "README.md").read_text(encoding="utf-8")
    (name,) = re.findall(r'account find --name "([^"]+)"', page)
    assert name in [each.company["name"] for each in companies()[-command.STAYING :]]
