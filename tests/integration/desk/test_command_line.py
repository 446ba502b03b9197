"""The command line logs in, acts in its session, and is nobody without one: over the desk, to the staff service."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from services.account.companies.calls import GetAccount
from services.desk.__main__ import run
from services.desk.api.app import PREFIX, Api
from services.desk.api.machine_alarms import MachineAlarm, MachineAlarms
from services.desk.cli import log_in
from services.desk.cli.connection import in_session
from services.desk.cli.output import AWAY, FAULT, REFUSED
from services.desk.cli.session_file import SessionFile
from services.desk.demo_log_in import InventedPeople
from services.desk.sessions import IN_COMMAND_LINES, StaffSessions
from services.desk.stated_caller import StatedCallers
from services.notification.staff_tasks.calls import SettleTask
from services.notification.suppressions.calls import LiftSuppression
from services.retention.early_erasure.calls import RequestEarlyErasure
from services.retention.execution.calls import Release
from services.retention.holds.calls import Hold, Holds, HoldsShown, PlaceHold, ReleaseHold, RenewHold
from services.retention.monitoring.calls import Timeline
from services.retention.restrictions.calls import AnnounceLift, LiftRestriction, Restrictions
from services.staff.demo_staff.values import Wanted
from services.staff.device_log_in.calls import DecideDeviceLogIn
from services.staff.people.calls import InvitePerson, RenewInvitation, link_digest
from services.staff.people.values import Person
from services.staff.recovery.calls import IssueRecoveryLink
from services.staff.service import Staff
from shared import context
from shared.approvals import verify_file
from shared.bus.every_service_calls import OpenAlarms, Ping
from shared.bus.rpc_wire import IDEMPOTENCY_KEY
from shared.calls import Call, Caller
from shared.clock import FixedClock
from shared.database import Database, Transaction
from shared.demo_staff import CODES
from shared.errors import Conflict, Forbidden, Invalid, Refused, Unavailable
from shared.http import server
from shared.staff import Act, Purpose, Role, act_name
from shared.statements import AskedCall, StatementReader, hold_to
from shared.webauthn import SOFTWARE_AAGUID, RelyingParty
from tests.at_the_desk import AtTheDesk
from tests.desk_stage import app_of
from tests.examples import example
from tests.in_process import invoke
from tests.in_process import run as run_job
from tests.integration.desk.conftest import stop
from tests.integration.running import free_port
from tests.integration.staff.deciders import LEDGER_KEY, tell_ledger
from tests.integration.staff.staff_stage import SPENT_CODES, TABLES, StaffStage
from tests.staff_statements import SIGNER

pytestmark = pytest.mark.integration

THREADS = 4
LISTED = ("hold", "list", "--purpose", "security")
"""A look that takes no more than a session: `Behind` says that there is nothing to see."""


class Behind(Caller):
    """The service staff as it is; the others look at the statement, and say what `ANSWERED` has.

    `whose` is the customer to whom belongs what is named by an id of its own.
    """

    def __init__(self, staff: Staff) -> None:
        self.staff = staff
        self.acted: list[tuple[str, str]] = []
        self.tried: list[tuple[str, str]] = []
        self.purposes: list[str] = []
        self.objection: Refused | None = None
        self.away = False
        self.whose: UUID | None = None
        self._reader = StatementReader([SIGNER.public])

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        if method in (OpenAlarms.method, Ping.method):
            raise Unavailable("nobody is asked here what waits, nor whether they are there")
        if service == self.staff.name:
            return json.loads(json.dumps(invoke(self.staff, method, **fields), default=str))
        call, reply = ANSWERED[act_name(service, method)]
        if self.away:
            raise Unavailable("retention does not answer")
        statement = self._reader.read(context.current().signed_statement or "", now=self.staff.clock.unmoved())
        assert isinstance(call.staff, Act)
        fields.pop(IDEMPOTENCY_KEY, None)
        asked = AskedCall(service=service, method=method, fields=fields, user="desk", act=call.staff)
        hold_to(statement, asked)
        if call.staff.resolves and self.whose is not None and not statement.reaches(self.whose):
            raise Forbidden("this is not granted", details={"reason": "other_account"})
        if self.objection is not None:
            raise self.objection
        self.purposes.append(statement.purpose)
        (self.tried if statement.rehearsal else self.acted).append((statement.actor, statement.act))
        return reply | {"account_id": str(self.whose)} if self.whose and "account_id" in reply else reply


ANSWERED: dict[str, tuple[type[Call[Any]], dict[str, Any]]] = {
    "retention.holds": (Holds, HoldsShown(holds=(), next_after=None).to_json()),
    **{
        act_name(call.service, call.method): (call, example(call.reply))
        for call in (
            PlaceHold, RenewHold, RequestEarlyErasure, Release, Hold, Timeline, Restrictions, ReleaseHold,
            AnnounceLift, LiftRestriction, LiftSuppression, SettleTask, GetAccount,
        )
    },
}  # fmt: skip
"""What services are asked here, and what they say."""
LATE = MachineAlarm(
    service="backup", code="backup_late", says="the last one is old", act="vilkar backup status", count=1,
    since=datetime(2026, 11, 29, 8, tzinfo=UTC),
)  # fmt: skip


@dataclass(frozen=True)
class House:
    """The desk with the people of a demo, and a machine that has nothing but the command line."""

    url: str
    stage: StaffStage
    behind: Behind
    session: SessionFile
    said: Callable[[], tuple[str, str]] = field(repr=False)

    def person(self, tx: Transaction, code: str) -> Person:
        """One of the staff, whom nobody else changes meanwhile."""
        person = self.stage.service.people.lock_by_code(tx, code)
        assert person is not None
        return person

    def vilkar(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, and what was said in which stream."""
        code = run(arguments)
        return (code, *self.said())


@pytest.fixture(scope="module")
def staff_database(databases) -> Iterator[Database]:
    opened = Database(databases.dsn("staff"), source="staff", size=6)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
def house(databases, staff_database, tmp_path: Path, monkeypatch, capsys) -> Iterator[House]:
    port = free_port()
    url = f"http://desk.localhost:{port}"
    for name in [each for each in os.environ if each.startswith("VILKAR_")]:
        monkeypatch.delenv(name)
    session = SessionFile(tmp_path / "laptop" / "session.json")
    monkeypatch.setenv("VILKAR_SESSION_FILE", str(session.path))
    monkeypatch.setenv("VILKAR_DESK_URL", url)
    with psycopg.connect(databases.owner_dsn("staff"), autocommit=True) as owner:
        owner.execute(f"TRUNCATE {TABLES} CASCADE")
        stage = StaffStage.empty(staff_database, owner)
        party = RelyingParty.of_url(url)
        service = Staff(
            database=staff_database,
            clock=stage.clock,
            party=party,
            software_keys=True,
            signer=SIGNER,
            ledger_keys=[LEDGER_KEY.public],
            spent_codes=SPENT_CODES,
            invented=Wanted(here=True, environment="test"),
        )
        stage.service = service
        run_job(service, "bring_invented_people")
        behind = Behind(service)
        stated = StatedCallers(behind)
        api = Api(
            behind,
            acting=lambda session: stated.of(session.actor, session.token),
            sessions=StaffSessions(behind, kind=IN_COMMAND_LINES),
            machine_alarms=lambda: MachineAlarms(alarms=(LATE,)),
            public_url=url,
            invented_people=InventedPeople(caller=behind, party=party, environment="test"),
        )
        (tmp_path / "desk").mkdir()
        pages = app_of(
            tmp_path / "desk",
            behind,
            public_url=url,
            sessions=StaffSessions(behind),
            invented_people=InventedPeople(caller=behind, party=party, environment="test"),
        )
        listening = server.listen(
            DispatcherMiddleware(pages, {PREFIX: api}), host="127.0.0.1", port=port, threads=THREADS
        )
        thread = threading.Thread(target=listening.run)
        thread.start()

        def said() -> tuple[str, str]:
            captured = capsys.readouterr()
            return captured.out, captured.err

        yield House(url, stage, behind, session, said)
        stop(listening, thread)
        stated.close()


def at_the_desk(house: House, code: str) -> AtTheDesk:
    host = urlsplit(house.url)
    return AtTheDesk(f"http://127.0.0.1:{host.port}", host.netloc, code)


def clock_of(house: House) -> FixedClock:
    return house.stage.clock


def test_an_invented_person_logs_in_acts_and_logs_out(house) -> None:
    code, out, _ = house.vilkar("login", "--as", "kari")
    assert code == 0
    assert "kari is an invented person of this demo" in out
    assert house.vilkar(*LISTED, "--json")[:2] == (0, "[]\n")
    assert house.behind.acted == [("staff:kari", "retention.holds")]
    code, out, _ = house.vilkar("whoami", "--json")
    assert (code, json.loads(out)["code"], json.loads(out)["invented"]) == (0, "kari", True)
    today = clock_of(house).now().date().isoformat()
    assert all(json.loads(out)[f"{kind}_until"] > today for kind in ("undertaking", "training"))
    assert house.session.read().token not in out
    assert house.vilkar("logout")[:2] == (0, "Logged out.\n")
    assert not house.session.path.exists()
    assert house.vilkar("logout")[:2] == (0, "Nobody was logged in.\n")


def test_who_is_not_logged_in_is_told_the_one_command(house) -> None:
    for command in (LISTED, ["whoami"], ["alarms"], ["ping"]):
        code, _, err = house.vilkar(*command)
        assert (code, err.strip()) == (REFUSED, "You are not logged in: vilkar login"), command
    assert house.behind.acted == []


def test_a_machine_that_has_neither_backups_nor_ledger_is_told_by_the_desk_what_is_wrong_with_them(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    code, out, err = house.vilkar("alarms", "--json")
    assert (code, err) == (FAULT, "")
    assert LATE.to_json() in json.loads(out)
    _, out, _ = house.vilkar("ping")
    told = [line for line in out.splitlines() if line.startswith(("backups:", "ledger:"))]
    assert ["not seen from here" in line for line in told] == [True, True], out


def test_a_device_is_let_in_by_a_person_at_the_desk(house, monkeypatch) -> None:
    def approve(seconds: float) -> None:
        """While the command line waits: ola types the code at the desk."""
        assert seconds >= 1
        (waiting,) = house.stage.rows("SELECT user_code, decision FROM device_log_in")
        if waiting[1] is None:
            desk = InventedPeople(caller=house.behind, party=RelyingParty.of_url(house.url), environment="test")
            token = desk.log_in("ola").token
            house.behind.ask(DecideDeviceLogIn(token=token, user_code=waiting[0], approve=True))

    monkeypatch.setattr(log_in.time, "sleep", approve)
    code, out, err = house.vilkar("login", "--json")
    assert code == 0
    assert f"{house.url}/device" in err
    assert json.loads(out)["code"] == "ola"
    assert not house.session.read().invented, "ola has a browser, and no session comes by itself"
    clock_of(house).move(timedelta(hours=5))
    code, _, err = house.vilkar(*LISTED)
    assert (code, err.strip()) == (REFUSED, "Your session is over: vilkar login")
    assert not house.session.path.exists()


def test_a_device_that_is_refused_has_no_session(house, monkeypatch) -> None:
    def refuse(_seconds: float) -> None:
        ((code, _),) = house.stage.rows("SELECT user_code, decision FROM device_log_in")
        desk = InventedPeople(caller=house.behind, party=RelyingParty.of_url(house.url), environment="test")
        house.behind.ask(DecideDeviceLogIn(token=desk.log_in("ola").token, user_code=code, approve=False))

    monkeypatch.setattr(log_in.time, "sleep", refuse)
    code, _, err = house.vilkar("login")
    assert (code, "device_refused" in err) == (REFUSED, True)
    assert not house.session.path.exists()


def test_the_session_of_an_invented_person_outlives_a_clock_that_is_moved_by_months(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    first = house.session.read()
    clock_of(house).move(timedelta(days=100))
    assert house.vilkar(*LISTED)[0] == 0
    assert house.session.read().token != first.token


def test_a_session_ends_with_its_person(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    with house.stage.database.transaction() as tx:
        house.stage.service.people.leave(tx, house.person(tx, "kari"), "resigned", clock_of(house).now())
    code, _, err = house.vilkar(*LISTED)
    assert code == REFUSED
    assert "person_left" in err or "revoked_key" in err
    assert house.behind.acted == []


def test_a_stolen_file_is_worth_nothing_once_its_session_was_ended(house, tmp_path, monkeypatch) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    stolen = tmp_path / "stolen.json"
    stolen.write_text(house.session.path.read_text().replace('"invented": true', '"invented": false'))
    stolen.chmod(0o600)
    assert house.vilkar("logout")[0] == 0
    monkeypatch.setenv("VILKAR_SESSION_FILE", str(stolen))
    code, _, err = house.vilkar(*LISTED)
    assert (code, err.strip()) == (REFUSED, "Your session is over: vilkar login")


def test_a_file_that_others_can_read_is_refused(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    house.session.path.chmod(0o644)
    code, _, err = house.vilkar(*LISTED)
    assert code == REFUSED
    assert "Others can read the file of your session" in err
    assert house.behind.acted == []


def test_another_desk_is_not_asked_with_this_ones_session(house, monkeypatch) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    monkeypatch.setenv("VILKAR_DESK_URL", "http://desk.localhost:1")
    code, _, err = house.vilkar(*LISTED)
    assert code == REFUSED
    assert "You are logged in at" in err


def test_a_person_is_refused_what_was_not_granted_with_the_reason(house) -> None:
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    with house.stage.database.transaction() as tx:
        house.stage.service.grants.end(tx, house.person(tx, "ingrid"), clock_of(house).now())
    code, _, err = house.vilkar("hold", "list", "--purpose", "dispute")
    assert code == REFUSED
    assert "grant_not_live" in err
    assert house.behind.acted == []


class Terminal(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


def test_what_one_looks_for_is_said_or_chosen_at_a_terminal_and_never_guessed(house, monkeypatch) -> None:
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    of_one = ("hold", "list", "--account", ACCOUNT, "--json")
    monkeypatch.setattr("sys.stdin", io.StringIO("dispute\n"))
    code, out, err = house.vilkar(*of_one)
    assert (code, out) == (REFUSED, "")
    assert "with --purpose. You are granted: dispute, audit." in err
    code, _, err = house.vilkar(*of_one, "--purpose", "security")
    assert code == REFUSED
    assert "It is for: audit, a dispute." in err
    assert house.behind.acted == []
    monkeypatch.setattr("sys.stdin", Terminal("security\ndispute\n"))
    code, out, err = house.vilkar(*of_one)
    assert (code, json.loads(out)) == (0, [])
    assert "not one of dispute" in err, "what is not granted is not chosen"
    assert house.vilkar(*of_one, "--purpose", "dispute")[0] == 0
    assert house.behind.purposes == ["dispute", "dispute"]


def test_whoever_has_no_role_for_it_is_told_how_to_get_one_and_asked_for_no_purpose(house, monkeypatch) -> None:
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    with house.stage.database.transaction() as tx:
        house.stage.service.grants.end(tx, house.person(tx, "ingrid"), clock_of(house).now())
    monkeypatch.setattr("sys.stdin", Terminal("dispute\n"))
    code, out, err = house.vilkar("hold", "list", "--account", ACCOUNT)
    assert (code, out) == (REFUSED, "")
    assert "None of your roles is for this. Ask whoever manages roles" in err
    assert house.behind.acted == []


def test_a_service_or_a_desk_that_is_away_is_told_apart_from_a_refusal(house, monkeypatch) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    house.behind.away = True
    assert house.vilkar(*LISTED)[0] == AWAY
    monkeypatch.setenv("VILKAR_DESK_URL", "http://desk.localhost:1")
    code, _, err = house.vilkar("login", "--as", "kari")
    assert (code, "does not answer" in err) == (AWAY, True)


def test_nobody_is_invented_by_a_name(house) -> None:
    code, _, err = house.vilkar("login", "--as", "nobody")
    assert code == REFUSED
    assert "There is no invented person nobody" in err


# ── how they came ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_people_of_a_demo_come_as_everybody_does_and_once(house) -> None:
    service = house.stage.service
    service.ready()
    events = house.stage.events()
    arrived = [(type_, data["staff_code"]) for type_, _, data, _ in events if type_ == "staff.activated"]
    assert sorted(arrived) == [("staff.activated", code) for code in sorted(CODES)]
    keys = [data["staff_code"] for type_, _, data, _ in events if type_ == "passkey.enrolled"]
    assert sorted(keys) == sorted(CODES * 2)
    granted = [data for type_, _, data, _ in events if type_ == "staff.grant_given"]
    assert {data["staff_code"] for data in granted} == set(CODES)
    assert not any(data["bootstrap"] for data in granted)
    service.invented_people.are_here = False
    run_job(service, "bring_invented_people")
    assert len(house.stage.events()) == len(events), "a second time changes nothing"


def test_who_was_sent_away_stays_away(house) -> None:
    service = house.stage.service
    with house.stage.database.transaction() as tx:
        service.people.leave(tx, house.person(tx, "ola"), "resigned", clock_of(house).now())
    before = len(house.stage.events())
    service.invented_people.are_here = False
    run_job(service, "bring_invented_people")
    assert len(house.stage.events()) == before
    assert house.vilkar("login", "--as", "ola")[0] == REFUSED


def test_who_has_left_is_shown_with_what_ended_and_without_keys(house) -> None:
    with house.stage.database.transaction() as tx:
        house.stage.service.people.leave(tx, house.person(tx, "kari"), "resigned", clock_of(house).now())
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    code, out, err = house.vilkar("person", "show", "kari", "--json")
    assert code == 0, err
    shown = json.loads(out)
    assert (shown["state"], shown["passkeys"]) == ("left", [])
    assert {each["ended_because"] for each in shown["grants"]} == {"left"}
    code, out, err = house.vilkar("person", "show", "ola", "--json")
    assert (code, len(json.loads(out)["passkeys"])) == (0, 2), err


def test_no_file_of_a_session_makes_a_link_to_enrol_by_and_the_page_that_its_command_names_does(house) -> None:
    """Not in the first quarter of an hour either: whoever took the file would be one of the staff."""
    assert house.vilkar("login", "--as", "ola")[0] == 0
    links = "SELECT count(*) FROM enrolment_link"
    ((before,),) = house.stage.rows(links)
    for words, path in (
        ((), "/people"),
        (("kari",), "/people/kari"),
    ):
        code, out, err = house.vilkar("person", "link", *words, "--json")
        told = {"code": next(iter(words), None), "page": house.url + path}
        assert (code, json.loads(out)) == (0, told), err
    assert house.vilkar("person", "link", "nobody-here")[0] == REFUSED
    with in_session(house.session.read(), house.session) as stolen:
        for call in (
            InvitePerson(code="mallory", token_digest=link_digest("x")),
            RenewInvitation(code="kari", token_digest=link_digest("x")),
            IssueRecoveryLink(code="kari", token_digest=link_digest("x")),
        ):
            with pytest.raises(Forbidden) as refused:
                stolen.ask(call)
            assert refused.value.details == {"reason": "browser_needed"}
    assert house.stage.rows(links) == [(before,)]
    assert "/enrol/" in at_the_desk(house, "ola").post("/people", code="per-n").html
    assert house.stage.rows(links) == [(before + 1,)]


ACCOUNT = "0192f6c0-0000-7000-8000-0000000000aa"
HELD = (
    "--reason=dispute", "--case=tvist-2026-12", "--owner=staff:kari", "--review=2027-01-30", "--category=letters",
)  # fmt: skip
RENEWED = ("--reason=dispute", "--review=2027-01-30", "--purpose=security")
EARLY = (
    "--requester-role=chair", "--evidence=brev-2026-114", "--received-on=2026-11-20", "--identity-check=call_back",
    "--authority-check=business_register", "--export-offered-on=2026-11-20", "--yes",
)  # fmt: skip
OWN = (
    "--user", "0192f6c0-0000-7000-8000-0000000000ab", *EARLY, "--requester-role=data_subject",
    "--authority-check=self",
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "act"),
    [
        (
            ["hold", "place", ACCOUNT, *HELD],
            "retention.place_hold",
        ),
        (["hold", "renew", ACCOUNT, *RENEWED, "--account", ACCOUNT], "retention.renew_hold"),
        (["retention", "erase-early", ACCOUNT, *EARLY], "retention.request_early_erasure"),
        (["retention", "erase-early", ACCOUNT, *OWN], "retention.request_early_erasure"),
        (["retention", "release-halted", ACCOUNT, "--yes"], "retention.release"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)  # fmt: skip
def test_what_takes_two_persons_is_asked_for_and_told_where_another_one_approves_it(house, words, act) -> None:
    """Retention is asked whether it would refuse it, and nothing is done there."""
    assert house.vilkar("login", "--as", "kari")[0] == 0
    code, out, err = house.vilkar(*words, "--json")
    assert code == 0, err
    asked = json.loads(out)
    assert (asked["act"], asked["state"], asked["requested_by"], asked["mine"]) == (act, "waiting", "kari", True)
    assert house.behind.tried == [("staff:kari", act)]
    assert asked["address"] == f"{house.url}/approvals/{asked['approval_id']}"
    code, out, err = house.vilkar("approval", "list", "--json")
    assert (code, [each["approval_id"] for each in json.loads(out)]) == (0, [asked["approval_id"]]), err
    code, out, err = house.vilkar("approval", "show", asked["approval_id"])
    assert code == 0, err
    assert asked["address"] in out
    for command, reason in (("carry-out", "not_approved"), ("export", "not_approved")):
        code, out, err = house.vilkar("approval", command, asked["approval_id"])
        assert (code, out) == (REFUSED, ""), (command, err)
        assert reason in err
    code, out, err = house.vilkar("approval", "withdraw", asked["approval_id"], "--yes", "--json")
    assert (code, json.loads(out)["ended_because"]) == (0, "withdrawn"), err
    code, out, err = house.vilkar("approval", "withdraw", asked["approval_id"], "--yes")
    assert (code, out) == (REFUSED, "")
    assert house.behind.acted == []


def test_what_takes_two_persons_takes_a_log_in_of_the_last_minutes_and_the_refusal_says_how(house) -> None:
    """Whoever took the file may be the second person; an invented one logs in by themselves."""
    assert house.vilkar("login", "--as", "kari")[0] == 0
    begun = house.session.read()
    clock_of(house).move(timedelta(minutes=16))
    house.session.write(replace(begun, invented=False))
    code, out, err = house.vilkar("hold", "place", ACCOUNT, *HELD)
    assert (code, out) == (REFUSED, "")
    assert "a log-in of the last 15 minutes: vilkar login, then this command again" in " ".join(err.split())
    assert house.session.read().token == begun.token, "the session itself is as good as before"
    assert json.loads(house.vilkar("approval", "list", "--json")[1]) == []
    house.session.write(begun)
    code, _, err = house.vilkar("hold", "place", ACCOUNT, *HELD)
    assert code == 0, err
    assert house.session.read().token != begun.token


def test_invented_people_are_two_persons_in_browsers_that_have_no_passkey(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    code, out, err = house.vilkar("hold", "place", ACCOUNT, *HELD, "--json")
    assert code == 0, err
    approval_id = json.loads(out)["approval_id"]
    tell_ledger(house.stage)
    kari, address = at_the_desk(house, "kari"), f"/approvals/{approval_id}"
    own = kari.get(address)
    assert "Approve as an invented person" not in own.html
    refused = kari.post(f"{address}/approve-as-invented", version="1")
    assert (refused.status, "You have asked for this yourself." in refused.html) == (403, True)
    assert kari.press(own, "Go on as ola").status == 303
    ola = kari
    assert ola.press(ola.get(address), "Approve as an invented person: ola").status == 303
    assert house.behind.acted == [("staff:ola", "retention.place_hold")]
    ((approved_by, software),) = house.stage.rows(
        "SELECT approval.approved_by, passkey.aaguid FROM approval JOIN passkey ON passkey.id = approval.passkey_id"
    )
    assert (approved_by, software) == ("ola", SOFTWARE_AAGUID)
    code, out, err = house.vilkar("approval", "export", approval_id)
    assert code == 0, err
    assert verify_file(out.encode(), [LEDGER_KEY.public]).approved_by == "ola"


def test_what_its_service_would_refuse_is_not_asked_for_by_a_command_either(house) -> None:
    assert house.vilkar("login", "--as", "kari")[0] == 0
    house.behind.objection = Invalid("a hold is reviewed after today", details={"review_on": ["must lie ahead"]})
    code, out, err = house.vilkar("hold", "place", ACCOUNT, *HELD)
    assert (code, out) == (REFUSED, "")
    assert "a hold is reviewed after today (review_on must lie ahead)" in " ".join(err.split())
    house.behind.objection = None
    nobody = [word.replace("staff:kari", "staff:nobody-here") for word in HELD]
    code, out, err = house.vilkar("hold", "place", ACCOUNT, *nobody)
    assert (code, out) == (REFUSED, "")
    assert "Nobody who works here now has this code." in err
    assert json.loads(house.vilkar("approval", "list", "--json")[1]) == []
    assert house.vilkar("hold", "place", ACCOUNT, *HELD)[0] == 0
    ((approval_id,),) = house.stage.rows("SELECT id FROM approval")
    house.behind.objection = Conflict("an account has at most 10 holds", details={"reason": "hold_limit"})
    code, out, err = house.vilkar("approval", "show", str(approval_id))
    assert code == 0, err
    assert "its service refuses it: an account has at most 10 holds" in " ".join(out.split())
    assert "asks user ids the whole account" in " ".join(out.split())
    shown = json.loads(house.vilkar("approval", "show", str(approval_id), "--json")[1])
    assert shown["refused_now"]
    assert shown["left_out_means"] == {"user_ids": "the whole account"}
    house.behind.away = True
    code, out, err = house.vilkar("approval", "show", str(approval_id))
    assert (code, "is not known now" in " ".join(out.split())) == (0, True), err
    assert house.behind.acted == []


def test_a_person_is_shown_with_the_customers_that_each_grant_is_for(house) -> None:
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    code, out, err = house.vilkar("person", "show", "kari")
    assert code == 0, err
    assert "customers" in out
    assert "│ all " in out
    mine = str(uuid4())
    house.stage.owner.execute(
        "UPDATE role_grant SET account_ids = ARRAY[%s::uuid]"
        " WHERE person_id = (SELECT id FROM person WHERE code = 'kari')",
        (mine,),
    )
    assert f"│ {mine} │" in house.vilkar("person", "show", "kari")[1]
    (first, *_) = json.loads(house.vilkar("person", "show", "kari", "--json")[1])["grants"]
    assert first["account_ids"] == [mine]


MINE, THEIRS = UUID(ACCOUNT), UUID("0192f6c0-0000-7000-8000-0000000000bb")
CUSTOMER_OF = {"dispute": MINE, "rights_request": THEIRS}
BY_ITS_ID: dict[str, tuple[list[str], str, str, dict[str, str]]] = {
    # act: the command, the form, its button, and what is filled in
    "retention.release_hold": (
        ["hold", "release", ACCOUNT, "--reason=settled", "--yes"],
        f"release-hold?hold_id={ACCOUNT}", "Release the hold", {"reason": "settled"},
    ),
    "retention.announce_lift": (
        ["restrict", "announce-lift", ACCOUNT], f"announce-lift?restriction_id={ACCOUNT}", "Announce", {},
    ),
    "retention.lift_restriction": (
        ["restrict", "lift", ACCOUNT, "--yes"], f"lift-restriction?restriction_id={ACCOUNT}", "Lift", {},
    ),
    "notification.lift_suppression": (
        ["suppression", "lift", ACCOUNT], f"lift-suppression?suppression_id={ACCOUNT}", "Lift the suppression", {},
    ),
    "notification.settle_task": (
        ["task", "end", ACCOUNT, "--outcome=needless"], f"settle-task?task_id={ACCOUNT}", "End the task",
        {"outcome": "needless"},
    ),
}  # fmt: skip
"""What is done to a thing of a customer that is named by an id of its own."""


@pytest.fixture
def of_two_customers(house) -> House:
    """Ingrid decides in disputes with one customer, and about the rights of people of another."""
    at = clock_of(house).now()
    with context.acting_as("staff:ola"), house.stage.database.transaction() as tx:
        person = house.person(tx, "ingrid")
        house.stage.service.grants.give_longest(tx, person, Role.PRIVACY_LEAD, Purpose.RIGHTS_REQUEST, at)
    for role, purpose in ((Role.CASE_HANDLER, "dispute"), (Role.PRIVACY_LEAD, "rights_request")):
        house.stage.owner.execute(
            "UPDATE role_grant SET account_ids = ARRAY[%s::uuid]"
            " WHERE role = %s AND person_id = (SELECT id FROM person WHERE code = 'ingrid')",
            (CUSTOMER_OF[purpose], role.value),
        )
    return house


def done(house: House) -> list[tuple[str, str]]:
    """What was done, with what for; nothing that was only looked at."""
    acted = zip(house.behind.acted, house.behind.purposes, strict=True)
    return [(act, purpose) for (_, act), purpose in acted if act in BY_ITS_ID]


def test_what_is_named_by_its_own_id_is_done_by_command_for_the_purpose_that_reaches_its_customer(
    of_two_customers, monkeypatch
) -> None:
    house = of_two_customers
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    expected = []
    for act, (words, _, _, _) in BY_ITS_ID.items():
        for purpose, customer in CUSTOMER_OF.items():
            house.behind.whose = customer
            code, out, err = house.vilkar(*words, "--json")
            assert (code, out, "with --purpose" in err) == (REFUSED, "", True), words
            (other,) = CUSTOMER_OF.keys() - {purpose}
            code, out, err = house.vilkar(*words, "--purpose", other, "--json")
            assert (code, out, "other_account" in err) == (REFUSED, "", True), words
            assert done(house) == expected
            code, out, err = house.vilkar(*words, "--purpose", purpose, "--json")
            assert (code, json.loads(out)["account_id"]) == (0, str(customer)), err
            expected.append((act, purpose))
            assert done(house) == expected
    assert [act for act, _ in expected[::2]] == list(BY_ITS_ID)


def test_what_is_named_by_its_own_id_is_done_at_the_desk_for_the_purpose_that_reaches_its_customer(
    of_two_customers,
) -> None:
    house, expected = of_two_customers, []
    ingrid = at_the_desk(house, "ingrid")
    for act, (_, form, button, filled_in) in BY_ITS_ID.items():
        for purpose, customer in CUSTOMER_OF.items():
            house.behind.whose = customer
            address = f"/acts/{form}&account_id={customer}"
            asks = ingrid.get(address)
            assert (asks.status, 'name="purpose"' in asks.html) == (200, True), address
            (other,) = CUSTOMER_OF.keys() - {purpose}
            opened = ingrid.get(f"{address}&purpose={other}")
            refused = ingrid.press(opened, button, **filled_in) if opened.status == 200 else opened
            assert (refused.status, "for other customers than this one" in refused.html) == (403, True), address
            assert done(house) == expected
            pressed = ingrid.press(ingrid.get(f"{address}&purpose={purpose}"), button, **filled_in)
            assert pressed.status == 303, pressed.html
            expected.append((act, purpose))
            assert done(house) == expected
    assert [act for act, _ in expected[::2]] == list(BY_ITS_ID)


def test_a_hold_is_renewed_by_its_number_alone_by_whoever_reaches_its_customer(of_two_customers) -> None:
    house = of_two_customers
    assert house.vilkar("login", "--as", "ingrid")[0] == 0
    house.behind.whose = THEIRS
    renewed = ["hold", "renew", ACCOUNT, "--reason=dispute", "--review=2027-01-30", "--json"]
    code, out, err = house.vilkar(*renewed, "--purpose", "dispute")
    assert (code, out, "other_account" in err) == (REFUSED, "", True)
    assert house.behind.tried == []
    code, out, err = house.vilkar(*renewed, "--purpose", "rights_request")
    assert code == 0, err
    assert json.loads(out)["fields"]["account_id"] == str(THEIRS)
    assert house.behind.tried == [("staff:ingrid", "retention.renew_hold")]
    assert house.behind.acted == [("staff:ingrid", "retention.hold")]
