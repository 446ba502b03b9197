"""What a person and a test see of the sandbox: control API, pages, what it remembers."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml

from deploy.native.plan import REPOSITORY
from sandbox.server import start
from tests.plugins.sandbox_clients import DOMAIN, MailgunClient, Receiver, TripletexClient
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import RunningSandbox

pytestmark = pytest.mark.integration

EVIL = '<script>alert("x")</script>'


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def control(sandbox: RunningSandbox, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{sandbox.url}/control{path}", timeout=10, **options)


def holdings(sandbox: RunningSandbox, needle: str) -> dict[str, Any]:
    answer = control(sandbox, "GET", "/holdings", params={"needle": needle})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_letter_is_shown_as_a_mail_program_shows_it(sandbox: RunningSandbox) -> None:
    mailgun = MailgunClient(sandbox)
    mailgun.send("kari@example.com", subject="Første", html="<h1>Hei Kåre</h1>", **{"v:id": "7"})
    mailgun.send("bounce+2@example.com", subject="Andre")
    until(lambda: len(mailgun.events()) == 4)
    listed = requests.get(f"{sandbox.url}/", timeout=10).text
    assert listed.index("Andre") < listed.index("Første")
    key = sandbox.letters()[0]["key"]
    shown = requests.get(f"{sandbox.url}/mail/{key}", timeout=10).text
    frame = next(attrs for tag, attrs in Tags(shown).found if tag == "iframe")
    assert "<h1>Hei Kåre</h1>" in str(frame["srcdoc"])
    assert "allow-scripts" not in str(frame["sandbox"])
    assert "allow-same-origin" not in str(frame["sandbox"])
    assert "Brødtekst" in shown
    assert "v:id" in shown
    assert re.search(r"<td>delivered</td>", shown)
    only = requests.get(f"{sandbox.url}/mail", params={"to": "bounce"}, timeout=10).text
    assert "Andre" in only
    assert "Første" not in only


def test_nothing_that_was_sent_runs_on_a_page(sandbox: RunningSandbox) -> None:
    mailgun, tripletex = MailgunClient(sandbox), TripletexClient(sandbox)
    mailgun.send("silent@example.com", subject=EVIL, text=EVIL, html=EVIL, **{"h:X-Evil": EVIL, "v:evil": EVIL})
    number = tripletex.make("/customer", name=EVIL)["id"]
    tripletex.call("GET", "/customer", params={"email": EVIL})
    requests.get(f"{sandbox.register_url}/enheter", params={"navn": EVIL}, timeout=10)
    calls = len(sandbox.sandbox.journal.calls)
    told = [f"/calls/{n}" for n in range(1, calls + 1)]
    shown = [f"/mail/{sandbox.letters()[0]['key']}", f"/mail?to={EVIL}", f"/books/Customer/{number}", f"/{EVIL}"]
    pages = ["/", "/books", "/lookups", "/calls", "/webhooks", *shown, *told]
    for page in pages:
        answer = requests.get(sandbox.url + page, timeout=10)
        assert answer.status_code in (200, 404)
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        tags = Tags(answer.text).found
        assert "script" not in {tag for tag, _ in tags}, page
        links = [attrs.get(name) or "" for _, attrs in tags for name in ("src", "href")]
        outside = [link for link in links if link.startswith("http")]
        assert outside == [], page


def test_pages_that_are_not_there_are_404(sandbox: RunningSandbox) -> None:
    for path in ("/mail/x", "/books/Customer/1", "/books/Session/1", "/calls/99", "/favicon.ico", "/control/x"):
        assert requests.get(sandbox.url + path, timeout=10).status_code == 404, path
    assert requests.post(f"{sandbox.url}/mail", timeout=10).status_code == 405


def test_faults_are_set_listed_used_and_cleared_over_http(sandbox: RunningSandbox) -> None:
    made = control(sandbox, "POST", "/faults", json={"vendor": "register", "mode": "unavailable", "calls": 2})
    assert made.status_code == 201
    url = f"{sandbox.register_url}/enheter"
    assert requests.get(url, timeout=10).status_code == 503
    assert control(sandbox, "GET", "/faults").json()["faults"][0]["calls"] == 1
    assert control(sandbox, "DELETE", "/faults").json() == {"faults": []}
    assert requests.get(url, timeout=10).status_code == 200
    assert [call["fault"] for call in sandbox.calls("register")] == ["unavailable", None]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/faults", {"vendor": "nobody", "mode": "error"}),
        ("POST", "/faults", {"vendor": "mailgun", "mode": "explode"}),
        ("POST", "/faults", {"vendor": "mailgun", "mode": "slow", "seconds": 999}),
        ("POST", "/faults", {"vendor": "mailgun", "mode": "slow", "colour": "blue"}),
        ("POST", "/faults", ["x"]),
        ("PUT", "/settings/mailgun", {"colour": "blue"}),
        ("PUT", "/settings/mailgun", {"webhook_twice": "yes"}),
        ("PUT", "/settings/mailgun", {"default_scenario": "fly"}),
        ("PUT", "/settings/nobody", {}),
        ("PUT", "/settings/register", {"x": 1}),
        ("PUT", "/settings/tripletex", {"language": "de"}),
        ("GET", "/holdings?needle=", None),
    ],
)
def test_what_control_does_not_know_it_refuses_with_a_reason(
    sandbox: RunningSandbox, method: str, path: str, body: Any
) -> None:
    answer = control(sandbox, method, path, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_settings_are_read_and_changed_over_http(sandbox: RunningSandbox) -> None:
    changed = control(sandbox, "PUT", "/settings/mailgun", json={"events_hidden_seconds": 3}).json()
    assert changed["events_hidden_seconds"] == 3
    assert control(sandbox, "GET", "/settings/mailgun").json() == changed


def test_the_overview_states_limits_and_drops(sandbox: RunningSandbox) -> None:
    MailgunClient(sandbox).send()
    overview = control(sandbox, "GET", "").json()
    assert overview["collections"]["sandbox.letter"] == {"count": 1, "limit": 5000, "dropped": 0}
    assert "bad_gateway_accepted" in overview["modes"]
    assert overview["scenarios"]["bounce"] == ["accepted", "bounce"]


def test_letters_are_listed_for_one_recipient(sandbox: RunningSandbox) -> None:
    mailgun = MailgunClient(sandbox)
    mailgun.send("kari@example.com")
    mailgun.send("ola@example.com")
    found = control(sandbox, "GET", "/letters", params={"to": "OLA@example.com"}).json()["letters"]
    assert [letter["to"] for letter in found] == ["ola@example.com"]


def test_a_reset_forgets_everything(sandbox: RunningSandbox) -> None:
    MailgunClient(sandbox).send("bounce@example.com")
    TripletexClient(sandbox).make("/customer", name="Kunde AS")
    sandbox.configure("mailgun", webhook_twice=True)
    sandbox.fail("mailgun", "error")
    assert control(sandbox, "POST", "/reset").json() == {"reset": True}
    assert sandbox.letters() == []
    assert sandbox.calls("mailgun") == []
    assert sandbox.configure("mailgun")["webhook_twice"] is False
    assert MailgunClient(sandbox).send().status_code == 200
    assert TripletexClient(sandbox).make("/customer", name="Ny AS")["customerNumber"] == 10001


def test_holdings_say_where_a_text_is_still_held(sandbox: RunningSandbox) -> None:
    mailgun, tripletex = MailgunClient(sandbox), TripletexClient(sandbox)
    mailgun.send("bounce+kari@example.com", text="Hei Kari Nordmann")
    until(lambda: mailgun.call("GET", f"/v3/{DOMAIN}/bounces/bounce+kari@example.com").ok)
    customer = tripletex.make("/customer", name="Kari Nordmann ENK", email="bounce+kari@example.com")["id"]
    contact = tripletex.make("/contact", firstName="Kari", lastName="Nordmann", customer={"id": customer})["id"]
    tripletex.order(customer)
    found = holdings(sandbox, "kari nordmann")
    places = {(one["vendor"], one["kind"], one["field"]) for one in found["found"]}
    assert ("mailgun", "messages", "text") in places
    assert ("tripletex", "Customer", "name") in places
    assert ("tripletex", "Order", "customerName") in places
    assert ("tripletex", "Contact", "displayName") in places
    assert found["outside_vendors"]["mailboxes"] == 1
    assert found["outside_vendors"]["calls"] > 0
    kinds = {one["kind"] for one in holdings(sandbox, "bounce+kari@example.com")["found"]}
    assert kinds == {"messages", "events", "bounces", "Customer"}
    mailgun.call("DELETE", f"/v3/{DOMAIN}/bounces/bounce+kari@example.com")
    tripletex.call("DELETE", "/contact/list", params={"ids": str(contact)})
    assert {one["kind"] for one in holdings(sandbox, "Kari Nordmann")["found"]} == {"messages", "Customer", "Order"}
    assert "bounces" not in {one["kind"] for one in holdings(sandbox, "bounce+kari@example.com")["found"]}


def test_what_nobody_was_told_is_held_nowhere(sandbox: RunningSandbox) -> None:
    MailgunClient(sandbox).send()
    found = holdings(sandbox, "never mentioned")
    assert found["found"] == []
    assert found["searched"]["mailgun/messages"] == 1
    assert set(found["searched"]) >= {
        "mailgun/events", "mailgun/bounces", "mailgun/unsubscribes", "mailgun/complaints", "tripletex/Customer",
        "tripletex/Contact", "tripletex/Invoice", "tripletex/Address",
    }  # fmt: skip


def test_everything_survives_a_restart_when_a_folder_is_given(tmp_path: Path) -> None:
    receiver = Receiver()
    first = start(state_dir=tmp_path)
    MailgunClient(first).send("silent@example.com", subject="Husk meg")
    session = TripletexClient(first)
    customer = session.make("/customer", name="Kunde AS")
    first.configure("mailgun", default_scenario="bounce", webhook_url=receiver.url, delivery_delay_seconds=1.0)
    MailgunClient(first).send("ola@example.com")
    first.stop()
    assert (tmp_path / "sandbox.sqlite3").is_file()
    second = start(state_dir=tmp_path)
    try:
        assert [letter["subject"] for letter in second.letters()] == ["Husk meg", "Hei på deg"]
        assert second.configure("mailgun")["default_scenario"] == "bounce"
        session.url = second.tripletex_url
        assert session.call("GET", f"/customer/{customer['id']}").json()["value"]["name"] == "Kunde AS"
        assert session.make("/customer", name="B")["customerNumber"] == 10002
        assert len(second.calls("mailgun")) == 2
        # the bounce that was planned before the restart happens after it
        until(lambda: MailgunClient(second).kinds("ola@example.com") == ["accepted", "permanent failed"])
        assert until(lambda: [r for r in receiver.received if r.json()["event-data"]["event"] == "failed"])
    finally:
        second.stop()
        receiver.stop()


def test_nothing_is_written_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    running = start()
    MailgunClient(running).send()
    running.stop()
    assert list(tmp_path.iterdir()) == []


def _run(environment: str, **more: str) -> subprocess.Popen[str]:
    env = {**os.environ, "VILKAR_ENVIRONMENT": environment, "VILKAR_SANDBOX_PORT": "0", **more}
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox"], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def test_the_process_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    (tmp_path / "mailgun_api_key").write_text("from-a-file\n", encoding="utf-8")
    process = _run("demo", VILKAR_SECRETS_DIR=str(tmp_path))
    assert process.stdout is not None
    with process, process.stdout:
        line = process.stdout.readline()
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url, line
        events = f"{url[0]}/mailgun/v3/{DOMAIN}/events"
        assert requests.get(events, auth=("api", "from-a-file"), timeout=10).status_code == 200
        assert requests.get(events, auth=("api", "sandbox-mailgun-api-key"), timeout=10).status_code == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


@pytest.mark.parametrize("environment", ["production", "", "staging"])
def test_it_does_not_start_in_production(environment: str) -> None:
    process = _run(environment)
    told, _ = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "demo and test only" in told


def test_it_stops_at_once_although_somebody_waits_for_a_slow_answer() -> None:
    running = start()
    running.fail("mailgun", "slow", seconds=60)
    with pytest.raises(requests.ReadTimeout):
        MailgunClient(running).call("GET", f"/v3/{DOMAIN}/events", timeout=0.1)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 5


FOREIGN = [
    ({"Host": "evil.example"}, 421),
    ({"Host": "127.0.0.1.evil.example"}, 421),
    ({"Host": "localhost.evil.example:8025"}, 421),
    ({"Host": "[::1"}, 421),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Content-Type": "text/plain"}, 415),
    ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
]


@pytest.mark.parametrize(("headers", "status"), FOREIGN)
def test_a_page_of_somebody_else_changes_nothing(
    sandbox: RunningSandbox, headers: dict[str, str], status: int
) -> None:
    """By a name that leads here, from another origin, or with a body that needs no leave of the browser."""
    fault = {"vendor": "mailgun", "mode": "500", "calls": 3}
    sent = {"Content-Type": "application/json", **headers}
    answer = requests.post(f"{sandbox.url}/control/faults", data=json.dumps(fault), headers=sent, timeout=10)
    assert answer.status_code == status
    assert requests.get(f"{sandbox.url}/control/faults", timeout=10).json() == {"faults": []}


@pytest.mark.parametrize("path", ["/mail", "/books", "/control/letters"])
def test_a_page_under_a_name_of_somebody_else_reads_nothing(sandbox: RunningSandbox, path: str) -> None:
    answer = requests.get(f"{sandbox.url}{path}", headers={"Host": "evil.example"}, timeout=10)
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["localhost", "sandbox:8025", "[::1]:8025", "192.168.1.7"])
def test_by_a_name_of_this_machine_it_is_reached(sandbox: RunningSandbox, host: str) -> None:
    assert requests.get(f"{sandbox.url}/mail", headers={"Host": host}, timeout=10).status_code == 200


def test_what_it_was_sent_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "sandbox.sqlite3").touch(mode=0o644)
    running = start(port=0, state_dir=tmp_path)
    try:
        sandbox_files = list(tmp_path.glob("sandbox.sqlite3*"))
        assert len(sandbox_files) > 1, "its side files are there while it runs"
        assert {file.stat().st_mode & 0o777 for file in sandbox_files} == {0o600}
    finally:
        running.stop()


def test_the_health_check_of_the_containers_finds_it_well(sandbox: RunningSandbox) -> None:
    compose = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    _, *command = compose["services"]["sandbox"]["healthcheck"]["test"]
    here = [word.replace("$$", "$").replace("8025", str(sandbox.port)) for word in command]
    assert subprocess.run(here, check=False, timeout=10).returncode == 0
