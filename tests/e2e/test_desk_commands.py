"""The `vilkar` command: every command speaks JSON, and its exit code tells a refusal from an absence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from deploy.native.plan import REPOSITORY
from shared.calendar import monday_of
from shared.demo_staff import CODES
from tests.at_the_desk import AtTheDesk
from tests.command_tree import commands
from tests.e2e.people import Company, clock, letters_to, move_to
from tests.plugins.system import SETTINGS
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

REFUSED, AWAY = 2, 3
FOR = ("--purpose", "customer_support")
DECIDING = ("--purpose", "rights_request")
CORRECTED = ("--reason", "asked_by_person", "--phone", "90054321")


EARLY = (
    "--requester-role", "chair", "--evidence", "brev-2026-114", "--received-on", "2026-11-20",
    "--identity-check", "call_back", "--authority-check", "business_register",
    "--export-offered-on", "2026-11-20",
)  # fmt: skip
KNOWN = {words: each for words, each in commands().items() if not each.hidden}


@pytest.fixture(scope="module")
def erased(whole_system):
    """A company that has been erased, and its certificate's file."""
    company = Company(whole_system).move_in()
    company.leave()
    move_to(whole_system, company.scheduled())
    return company.until_state("certified")["certificate_id"]


@pytest.fixture(scope="module")
def facts(whole_system, erased, tmp_path_factory):
    """What each command is called with; the calls that change something have something to change."""
    whole_system.wait_ready()
    assert whole_system.native.backup("take") == 0  # so that there is one of today
    until(lambda: whole_system.command("ledger", "status").returncode == 0, what="the ledger well", seconds=240)
    company = Company(whole_system, users=1).move_in()
    file = tmp_path_factory.mktemp("desk") / "certificate.json"
    file.write_text(whole_system.command("certificate", "show", erased, "--json").stdout)
    letter = file.with_name("letter.txt")
    letter.write_text("Nytt i Nøgd\nNå går det i tre steg.\n", encoding="utf-8")
    return {"company": company, "certificate": erased, "file": file, "letter": letter}


def arguments(system: Any, facts: dict[str, Any]) -> dict[tuple[str, ...], list[Any]]:
    company = facts["company"]
    account_id = company.account_id
    version = company.must("GET", "/v1/account", 200)["version"]
    period = ["--from", "2026-01-01T00:00:00", "--to", "2026-01-02T00:00:00"]
    soon = (clock(system).now() + timedelta(days=30)).date().isoformat()
    review = ["--review", soon]
    return {
        ("login",): ["--as", "kari"],
        ("whoami",): [],
        ("account", "find"): ["--email", company.creator.email, *FOR],
        **{("account", each): [account_id, *FOR] for each in ("show", "reports", "contacts")},
        ("account", "holdings"): [account_id, "--seconds", 60, *FOR],
        ("account", "contact"): [account_id, "--channel", "phone", "--outcome", "answered"],
        ("account", "block"): [account_id, "--version", version, "--reason", "security", "--yes"],
        ("account", "unblock"): [account_id, "--version", version + 1],
        ("account", "let-instruct"): [account_id, "--version", version + 2, "--reason", "register_was_wrong"],
        ("account", "correct-number"): [uuid4(), "--version", 1, "--org-number", "803772096"],
        ("account", "deactivate"): [account_id, "--version", version + 2, "--reason=customer_request", "--yes"],
        ("account", "reactivate"): [account_id, "--version", version + 3],
        ("account", "notice-period"): [account_id, "--version", version + 4, "--months", 2],
        ("account", "terminate"): [account_id, "--version", version + 5, "--channel", "letter", "--yes"],
        ("account", "withdraw-notice"): [account_id, "--version", version + 6],
        ("retention", "early"): [account_id, *FOR],
        ("retention", "dry-run"): [account_id, "--seconds", 60, *FOR],
        ("retention", "erase-early"): [uuid4(), *EARLY, "--yes"],
        ("retention", "timeline"): [account_id, "--purpose", "operations"],
        ("retention", "list"): ["certified", *FOR],
        ("retention", "release-halted"): [uuid4(), "--yes"],
        ("hold", "place"): [account_id, "--reason=dispute", "--case=sak-2026-1", "--owner=kari", *review],
        ("hold", "renew"): [uuid4(), "--reason", "dispute", *review, *DECIDING],
        ("hold", "release"): [uuid4(), "--reason", "settled", "--yes", *DECIDING],
        ("approval", "list"): [],
        ("approval", "show"): [uuid4()],
        ("approval", "withdraw"): [uuid4(), "--yes"],
        ("approval", "carry-out"): [uuid4()],
        ("approval", "export"): [uuid4()],
        ("hold", "list"): ["--account", account_id, *FOR],
        ("hold", "show"): [uuid4(), *FOR],
        ("restrict", "set"): [account_id, "--ground", "c"],
        ("restrict", "announce-lift"): [uuid4(), *DECIDING],
        ("restrict", "lift"): [uuid4(), "--yes", *DECIDING],
        ("restrict", "list"): [*FOR],
        ("parked", "list"): [],
        ("parked", "show"): [uuid4()],
        ("parked", "replay"): [uuid4()],
        ("parked", "discard"): [uuid4(), "--reason", "outdated", "--yes"],
        ("audit", "verify"): [],
        ("audit", "trail"): [f"account/{account_id}", *FOR],
        ("audit", "acts"): ["staff:kari", "--purpose", "security"],
        ("audit", "head"): [],
        ("audit", "reopen"): ["--reason", "restored_from_backup"],
        ("audit", "logins"): [account_id, "--purpose", "security_breach", *period],
        ("certificate", "show"): [facts["certificate"]],
        ("certificate", "verify"): [facts["file"]],
        ("backup", "status"): [],
        ("ledger", "status"): [],
        ("ledger", "verify"): [],
        ("clock", "show"): [],
        ("clock", "move"): ["--hours", 1],
        ("clock", "confirm"): ["--last-ran", "2026-11-20", "--today", "2026-12-04"],
        **about_vendors(account_id, facts["letter"]),
        **about_operations(clock(system).now()),
        **(about_support(account_id) | about_cases(account_id, clock(system).now())),
        ("timeline",): [account_id, *FOR],
        ("ping",): [],
        ("alarms",): [],
        ("terms",): [],
        ("logout",): [],
    }


def about_vendors(account_id: str, letter: Path) -> dict[tuple[str, ...], list[Any]]:
    return {
        ("letters",): ["--account", account_id, *FOR],
        ("billing", "status"): [account_id, *FOR],
        ("billing", "failed"): [],
        ("billing", "retry"): [uuid4()],
        ("mailgun", "alarms"): [],
        ("mailgun", "release"): [],
        ("mailgun", "capacity"): [],
        ("mailgun", "classes"): [],
        ("mailgun", "rate"): [20],
        ("vendors",): [],
        ("campaign", "list"): [],
        ("campaign", "show"): [uuid4()],
        ("campaign", "draft"): [letter, letter, "--letter-class", "marketing"],
        ("campaign", "start"): [uuid4(), "ab" * 32],
        ("campaign", "stop"): [uuid4(), "--yes"],
        ("suppression", "list"): ["--account", account_id, *FOR],
        ("suppression", "lift"): [uuid4(), *FOR],
        ("task", "list"): ["--account", account_id, *FOR],
        ("task", "copy"): [account_id, *FOR],
        ("task", "end"): [uuid4(), "--outcome", "phone", *FOR],
    }


def about_operations(at: datetime) -> dict[tuple[str, ...], list[Any]]:
    return {
        ("database", "list"): [],
        ("database", "open"): ["--database", "audit", "--reason", "inspection"],
        ("database", "end"): [uuid4(), "--yes"],
        ("machine", "list"): [],
        ("machine", "countersign"): [uuid4()],
    } | about_people(at)


def about_people(at: datetime) -> dict[tuple[str, ...], list[Any]]:
    today, soon = at.date().isoformat(), (at + timedelta(days=30)).date().isoformat()
    return {
        ("person", "list"): [],
        ("person", "show"): ["ingrid"],
        ("person", "link"): ["per-n"],
        ("person", "record-training"): ["per-n", "--course", "privacy-2026", "--on", today],
        ("person", "withdraw"): [uuid4(), "--reason", "mistaken", "--yes"],
        ("person", "grant"): [
            "ingrid",
            "--role",
            "support",
            "--purpose",
            "customer_support",
            "--until",
            soon,
            "--account",
            uuid4(),
            "--account",
            uuid4(),
        ],
        ("person", "revoke-grant"): [uuid4(), "--yes"],
        ("person", "revoke-passkey"): ["per-n", "--passkey", uuid4(), "--reason", "lost", "--yes"],
        ("person", "end-sessions"): ["per-n", "--yes"],
        ("person", "leave"): ["per-n", "--reason", "left", "--yes"],
    }


def about_support(account_id: str) -> dict[tuple[str, ...], list[Any]]:
    return {
        ("account", "correct-company"): [uuid4(), "--version", 1, "--reason", "found_wrong", "--name", "Fjell AS"],
        ("account", "correct-user"): [uuid4(), "--user", uuid4(), "--version", 1, *CORRECTED],
        ("support", "waiting"): [],
        ("support", "list"): [account_id, *FOR],
        ("support", "show"): [account_id, uuid4(), *FOR],
        ("support", "answer"): [account_id, uuid4(), "--version", 1, "--yes"],
        ("support", "settle"): [account_id, uuid4(), "--version", 1, "--reason", "no_answer_needed"],
    }


def about_cases(account_id: str, at: datetime) -> dict[tuple[str, ...], list[Any]]:
    now, of_a_case = at.isoformat(), [uuid4(), "--version", 1]
    decided = ["--reason", "looked_at"]
    return (
        {
            ("case", "list"): [],
            ("case", "of"): [account_id, *FOR],
            ("case", "show"): [uuid4()],
            ("case", "report"): [
                "--source",
                "customer",
                "--signal",
                "wrong_recipient",
                "--at",
                now,
                "--account",
                account_id,
            ],
            ("case", "take-objection"): [account_id, "--user", uuid4(), "--channel", "by_phone", "--at", now],
            ("case", "take-request"): ["--right", "access", "--at", now, "--account", account_id],
            ("case", "take-correspondence"): ["--kind", "complaint", "--about", "data_use", "--at", now],
            ("case", "posted"): [*of_a_case, "--at", now],
            ("case", "step"): [*of_a_case, "--step", "acknowledge", *decided],
            ("case", "decide"): [*of_a_case, "--step", "decide_no_breach", *decided, "--yes"],
            ("case", "instant"): [*of_a_case, "--name", "detected_at", "--at", now],
            ("case", "assign"): [*of_a_case, "--owner", "staff:ola"],
            ("case", "affected"): [*of_a_case, "--account", account_id],
            ("case", "checked"): of_a_case,
            ("case", "retry"): [uuid4(), "--decision", uuid4(), "--effect", "announce_breach"],
            ("case", "compute-affected"): [*of_a_case, "--scope", "all", "--at", now],
            ("case", "draft-notice"): [*of_a_case, "--audience", "customers", "--measure", "fault_mended"],
            ("case", "notices"): [uuid4()],
            ("case", "alerts"): [uuid4()],
            ("case", "customers"): [uuid4()],
            ("case", "draft"): [uuid4()],
        }
        | about_breaches(account_id)
        | about_registers(account_id, at)
    )


def about_breaches(account_id: str) -> dict[tuple[str, ...], list[Any]]:
    of_a_case = [uuid4(), "--version", 1]
    return {
        ("case", "severity"): [uuid4()],
        ("case", "breach-register"): [],
        ("case", "look-up-mandates"): of_a_case,
        ("case", "open-security-notice"): [],
        ("case", "draft-security-notice"): [
            *of_a_case,
            "--change",
            "threat_grown",
            "--found",
            "own_review",
            "--plan",
            "put_right",
            "--attempts",
            0,
            "--breaches",
            0,
        ],
        ("case", "decide-by-two"): [
            *of_a_case,
            "--step",
            "send_security_notice",
            "--reason",
            "risk_changed",
            "--yes",
        ],
        ("case", "filings"): [uuid4()],
        ("case", "mandates"): [uuid4(), "--filing", uuid4()],
        ("case", "costs"): [uuid4()],
        ("case", "bear-cost"): [*of_a_case, "--reason", "own_fault"],
        ("case", "charge"): [
            uuid4(),
            "--account",
            account_id,
            "--reason",
            "reckless_use",
            "--evidence",
            "ab" * 32,
        ],
        ("case", "pack"): [uuid4(), "--account", account_id],
        ("case", "assess"): [
            *of_a_case,
            "--context",
            "simple",
            "--identification",
            "maximum",
            "--confidentiality",
            "not_lost",
            "--integrity",
            "not_lost",
            "--availability",
            "not_lost",
            "--intent",
            "accidental",
        ],
    }


def about_registers(account_id: str, at: datetime) -> dict[tuple[str, ...], list[Any]]:
    monday, of_a_record = (monday_of(at.date()) + timedelta(weeks=1)).isoformat(), [uuid4(), "--version", 1]
    return {
        ("register", "list"): DECIDING,
        ("register", "show"): [uuid4(), *DECIDING],
        ("register", "draft"): [
            "mandate",
            "--from",
            monday,
            "--account",
            account_id,
            "--evidence",
            "ab" * 32,
            "--evidence-on",
            monday,
            "--field",
            "scope=first",
            "--field",
            f"signer={uuid4()}",
            "--field",
            f"text_sha256={'cd' * 32}",
        ],
        ("register", "submit"): of_a_record,
        ("register", "put-in-force"): of_a_record,
        ("register", "review"): of_a_record,
        ("register", "end"): [*of_a_record, "--reason", "withdrawn", "--yes"],
        ("register", "end-in-force"): [*of_a_record, "--reason", "withdrawn", "--yes"],
        ("register", "export"): DECIDING,
        ("register", "duty"): [],
        ("register", "reachable"): [],
        ("register", "set-contact"): ["staff:ola", "ola@staff.example"],
        ("register", "set-duty"): ["--week", monday, "--person", "ola", "--deputy", "staff:kari"],
    }


UNKNOWN_ID = {
    ("case", "show"), ("case", "step"), ("case", "decide"), ("case", "instant"),
    ("case", "assign"), ("case", "affected"), ("database", "end"), ("case", "compute-affected"),
    ("case", "draft-notice"), ("case", "notices"), ("case", "alerts"), ("case", "draft"), ("case", "retry"),
    ("case", "customers"),
    ("case", "checked"), ("case", "severity"), ("case", "assess"), ("case", "posted"), ("case", "take-objection"),
    ("case", "draft-security-notice"), ("case", "decide-by-two"),
    ("case", "look-up-mandates"), ("case", "costs"), ("case", "bear-cost"), ("case", "charge"),
    ("case", "filings"), ("case", "mandates"), ("case", "pack"),
    ("register", "show"), ("register", "submit"), ("register", "review"), ("register", "end"),
    ("support", "show"), ("support", "answer"), ("support", "settle"),
    ("suppression", "lift"), ("task", "end"), ("campaign", "show"), ("campaign", "start"), ("campaign", "stop"),
    ("account", "let-instruct"), ("account", "correct-number"), ("account", "correct-user"),
    ("account", "correct-company"),
    ("approval", "show"), ("approval", "withdraw"), ("approval", "carry-out"), ("approval", "export"),
    ("parked", "show"), ("parked", "replay"), ("parked", "discard"), ("billing", "retry"), ("audit", "reopen"),
    ("hold", "release"), ("hold", "show"), ("restrict", "announce-lift"), ("restrict", "lift"),
    ("hold", "renew"), ("retention", "erase-early"), ("retention", "release-halted"), ("machine", "countersign"),
    ("register", "put-in-force"), ("register", "end-in-force"),
    ("person", "withdraw"), ("person", "revoke-grant"), ("person", "revoke-passkey"),
}  # fmt: skip
"""Called for what is not there, as a trail that stands still.

With messages that were set aside they are called in test_bad_messages."""

TELLING = {("terms",): {0, 4}, ("alarms",): {0, 4}}
"""Exit codes that tell how something stands: of the promises as tests and the running system show them, of what
waits for a person as the tests before have left it."""

OWN = {("register", "set-contact")}
"""What somebody does about themselves: for another person it would take a log-in of the last quarter of an hour."""

ELSEWHERE = {
    ("demo",), ("rediscover",), ("approval", "verify"),
    ("staff", "invite"), ("staff", "list"), ("staff", "databases"), ("staff", "doors"),
}  # fmt: skip
"""Run whole in test_demo, and in the tests of backups, whose snapshots it searches; those of the
machine's own door, which have the secrets of staff and not the desk's, in the tests of staff's first start; the
proof of an approval where there is one."""


def test_somebody_of_the_staff_is_called_to_an_alarm_by_mail_and_by_pager(system):
    """Through every process: cases, relay, broker, notification, staff, and the servers of mail and pager."""
    noticed = (clock(system).now() - timedelta(minutes=5)).isoformat()
    case = system.vilkar("case", "report", "--source", "customer", "--signal", "data_exposed", "--at", noticed)

    def about_it(said: Any) -> bool:
        return case["reference"] in json.dumps(said)

    def letters() -> list[Any]:
        found = (letters_to(system, f"{code}@staff.example", "duty_alert") for code in CODES)
        return [letter for each in found for letter in each if about_it(letter)]

    until(letters, what="a letter to whoever is called", seconds=150)
    until(
        lambda: list(filter(about_it, system.control("/pages")["pages"])), what="a call of the pager", seconds=150
    )
    (alert,) = system.vilkar("case", "alerts", case["case_id"])["alerts"]
    assert [each["person"].partition(":")[0] for each in alert["persons"]]
    assert alert["cause"] == "opened"


def administering(system: Any) -> dict[str, str]:
    """As an administrator of staff."""
    return {"VILKAR_SESSION_FILE": str(system.session_file("ola"))}


def invite_at_the_desk(system: Any, code: str) -> None:
    """As the page does that the command names: the file of a session makes no link to enrol by."""
    host = urlsplit(system.settings.desk_public_url)
    ola = AtTheDesk(f"http://127.0.0.1:{host.port}", host.netloc, "ola")
    assert "/enrol/" in ola.post("/people", code=code).html


def test_every_command_speaks_json(system, facts):
    given = arguments(system, facts)
    invite_at_the_desk(system, "per-n")
    assert set(KNOWN) - ELSEWHERE == set(given), "a command that this test does not call, or that is gone"
    for words, more in given.items():
        as_ola = words[0] == "person" or words in OWN
        ended = system.command(*words, *more, "--json", **(administering(system) if as_ola else {}))
        expected = {REFUSED} if words in UNKNOWN_ID else TELLING.get(words, {0})
        assert ended.returncode in expected, f"{words}: {ended}"
        if expected != {REFUSED}:
            json.loads(ended.stdout)
        else:
            assert ended.stdout == ""
            assert ended.stderr.strip()
        assert "Traceback" not in ended.stderr


def test_every_command_has_a_help_and_offers_json():
    for words, command in KNOWN.items():
        assert command.help, words
        assert "--json" in {option for parameter in command.params for option in parameter.opts}, words


def test_the_installed_name_is_the_same_program(system):
    code = "from deploy.vilkar import main; main()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "ping", "--json"], cwd=REPOSITORY, env=system.desk_environment,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert {row["state"] for row in json.loads(ended.stdout)} == {"answers"}


HOSTILE = ["o'brien@firma.example", "`touch {here}/ran`@firma.example", '"; touch {here}/ran; "@firma.example']


@pytest.mark.parametrize("address", HOSTILE)
def test_no_shell_reads_what_a_customer_typed(system, tmp_path, address):
    """The program in the repository, from another folder; what it prints is JSON and nothing else."""
    ended = subprocess.run(
        [REPOSITORY / "vilkar", "account", "find", "--email", address.format(here=tmp_path), *FOR, "--json"],
        cwd=tmp_path,
        env={
            **os.environ, **SETTINGS, "VILKAR_RUN_DIR": str(system.home), "MODE": "native",
            "VILKAR_SESSION_FILE": str(system.session_file("kari")),
        },
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    if ended.returncode == 0:
        assert json.loads(ended.stdout) == []
    else:
        assert (ended.returncode, ended.stdout) == (REFUSED, "")
        assert ended.stderr.count("\n") == 1, ended.stderr


REFUSALS = [
    (["account", "show", str(uuid4()), "--purpose", "security"], "no such thing"),
    (["account", "find"], "exactly one"),
    (["account", "find", "--org-number", "806800938", "--purpose", "security"], "field"),
    (["account", "show", str(uuid4())], "You are granted: customer_support, rights_request, security"),
    (["timeline", str(uuid4()), "--purpose", "dispute"], "It is for: customer support"),
    (["certificate", "show", str(uuid4())], "certificate"),
    (["letters"], "Missing option"),
    (["account", "show", "not-an-id"], "not an id"),
    (["nothing"], "No such command"),
]


def test_what_is_refused_ends_with_2_and_one_sentence(system):
    monday = (monday_of(clock(system).now().date()) + timedelta(weeks=1)).isoformat()
    nobody = ["register", "set-duty", "--week", monday, "--person", "per", "--deputy", "liv"]
    for words, word in [*REFUSALS, (nobody, "neither may be shown a case")]:
        ended = system.command(*words, "--json")
        assert (ended.returncode, ended.stdout) == (REFUSED, ""), words
        assert word.casefold() in " ".join(ended.stderr.split()).casefold()
        assert "Traceback" not in ended.stderr


def test_a_session_lies_in_the_folder_of_settings_of_whoever_logs_in(system, tmp_path):
    where = {"VILKAR_RUN_DIR": str(system.home), "XDG_CONFIG_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.native", "desk", "login", "--as", "ingrid"], cwd=REPOSITORY,
        env={**os.environ, **SETTINGS, **where}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads((tmp_path / "vilkar" / "session.json").read_text())["code"] == "ingrid"


def test_a_stale_version_at_the_desk_is_refused(system, facts):
    why = ["--reason", "customer_request", "--yes"]
    ended = system.command("account", "deactivate", facts["company"].account_id, "--version", 999, *why, "--json")
    assert ended.returncode == REFUSED
    assert "changed since" in ended.stderr


def test_a_desk_that_is_away_ends_with_3(system):
    ended = system.command("account", "find", "--review", *FOR, "--json", VILKAR_DESK_CONNECT="127.0.0.1:9")
    assert (ended.returncode, ended.stdout) == (AWAY, "")
    assert "Traceback" not in ended.stderr


def test_a_service_that_is_away_ends_with_3_and_the_others_are_still_listed(system):
    import signal

    away = system.identity("billing_sync")
    # Stopped, not ended: it holds its place and gives no answer, as a process that hangs.
    away.send(signal.SIGSTOP)
    try:
        pinged = system.command("ping", "--json")
        assert pinged.returncode == AWAY
        states = {row["service"]: row["state"] for row in json.loads(pinged.stdout)}
        assert states == dict.fromkeys(states, "answers") | {"billing-sync": "away"}
    finally:
        away.send(signal.SIGCONT)
    with system.bus() as bus:
        until(lambda: bus["billing-sync"].ping()["service"] == "billing-sync", what="billing-sync answers")
