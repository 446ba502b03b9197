"""What staff change they change by a page and by a command, and both ask in the same words."""

from __future__ import annotations

import importlib
import pkgutil
import re
from types import ModuleType
from typing import Any, Final

import pytest
from typer.testing import CliRunner

from services.desk import breach_register, cli, queries, web
from services.desk.cli.app import app
from services.desk.known_calls import known_call
from services.desk.web.act_forms import ANOTHER_APPROVES
from services.desk.web.acts.table import FORMS
from shared.bus import alarms, discovery
from shared.calls import Call
from shared.staff import acts
from tests.command_tree import of_the_desk, program

pytestmark = pytest.mark.unit

BY_PAGE_ALONE: Final = {
    "staff.invite_person": "whoever has the file of a session gets no link to enrol by",
    "staff.issue_recovery_link": "whoever has the file of a session gets no link to enrol by",
    "staff.vouch_for_person": "whoever has the file of a session says of nobody who they are",
    "staff.renew_invitation": "whoever has the file of a session gets no link to enrol by",
    "staff.set_database_password": "whoever has the file of a session gets no password",
}
BY_COMMAND_ALONE: Final = {
    "audit.reopen": "the trail stands still, and whoever looks at the machine lets it go on",
    "audit.verify": "it changes nothing but when the trail was verified last",
    "notification.draft_campaign": "a letter is written in a file of each language",
    "notification.request_copy": "one letter at a time, for somebody who is on the telephone",
    "notification.set_rate": "how fast Mailgun is used, which whoever runs the machine tries out",
    "registers.draft_record": "what a record says comes as fields with digests of documents",
}
READ_BY_PAGE_ALONE: Final = {
    **dict.fromkeys(
        ("notification.count_tasks", "retention.count_halted", "retention.count_overdue_holds"),
        "a number of the start page; commands list what it counts",
    ),
    "audit.proof": "for whoever holds the public key and a program: what the trail proves is looked at by neither",
}
READ_BY_COMMAND_ALONE: Final = {
    "audit.proof": "for whoever holds the public key and a program: what the trail proves is looked at by neither",
    "audit.verification": "whoever had the trail verified waits for it",
    "cases.data_pack": "a folder of files, to be handed on",
    "notification.capacity": "how fast Mailgun is used, which whoever runs the machine tries out",
    "notification.letter_classes": "what the program holds its letters for, beside the register, which is a page",
}


def modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(each.name) for each in found if not each.name.endswith(".__main__")]


def calls_in(module: ModuleType) -> set[type[Call[Any]]]:
    """The calls that a module names."""
    named = vars(module).values()
    return {each for each in named if isinstance(each, type) and issubclass(each, Call) and each is not Call}


def reached_by(face: ModuleType) -> set[type[Call[Any]]]:
    """The calls that the modules of a face name, or what they ask through does."""
    found: set[type[Call[Any]]] = set()
    for module in modules(face):
        found |= calls_in(module)
        for each in vars(module).values():
            origin = each.__name__ if isinstance(each, ModuleType) else getattr(each, "__module__", None)
            if isinstance(origin, str) and origin.startswith(f"{queries.__name__}."):
                found |= calls_in(importlib.import_module(origin))
            elif origin == breach_register.__name__:
                found |= calls_in(breach_register)
    return found


def lacking(face: ModuleType, *, changes: bool = True) -> set[str]:
    """The acts that change something, or that look at something, and that this face does not offer."""
    offered = reached_by(face)
    names = [name for name, known in acts().items() if known.changes is changes]
    return {name for name in names if known_call(*name.split(".", 1)) not in offered}


def test_what_staff_change_has_a_page_and_a_command_but_for_what_is_named_here() -> None:
    assert lacking(web) == set(BY_COMMAND_ALONE)
    assert lacking(cli) == set(BY_PAGE_ALONE)


def test_what_staff_read_has_a_page_and_a_command_but_for_what_is_named_here() -> None:
    assert lacking(web, changes=False) == set(READ_BY_COMMAND_ALONE)
    assert lacking(cli, changes=False) == set(READ_BY_PAGE_ALONE)


@pytest.mark.parametrize(
    "act",
    [
        "retention.place_hold", "retention.renew_hold", "retention.release_hold", "retention.set_restriction",
        "retention.announce_lift", "retention.lift_restriction", "retention.request_early_erasure",
        "retention.release", "retention.parked_replay", "retention.parked_discard", "notification.lift_suppression",
    ],
)  # fmt: skip
def test_what_is_done_about_a_customer_or_a_message_stands_in_both(act) -> None:
    call = known_call(*act.split(".", 1))
    assert call in {each.call for each in FORMS}
    assert call in reached_by(cli)


def test_an_alarm_names_a_command_of_the_desk_not_one_for_root_on_the_machine() -> None:
    declared = [each for service in discovery.services() for each in alarms.declared_by(service)]
    named = [each for each in declared if each.act.startswith("vilkar ")]
    assert len(named) > 20
    assert [each.code for each in named if not is_of_the_desk(each.act)] == []


def is_of_the_desk(act: str) -> bool:
    """Whether the words after `vilkar` begin with a command of the desk."""
    said = tuple(re.findall(r"[a-z-]+", act.removeprefix("vilkar ")))
    return any(said[: len(words)] == words for words in of_the_desk())


ID = "0192f6c0-0000-7000-8000-0000000000aa"
V = ["--version", "1"]
EARLY = (
    "--requester-role=chair", "--evidence=brev-2026-114", "--received-on=2026-11-20", "--identity-check=call_back",
    "--authority-check=business_register", "--export-offered-on=2026-11-20",
)  # fmt: skip
DESTRUCTIVE: Final = {
    "stop-campaign": ["campaign", "stop", ID],
    "release-hold": ["hold", "release", ID, "--reason", "settled"],
    "erase-early": ["retention", "erase-early", ID, *EARLY],
    "release-halted": ["retention", "release-halted", ID],
    "withdraw-prerequisite": ["person", "withdraw", ID, "--reason", "mistaken"],
    "revoke-grant": ["person", "revoke-grant", ID],
    "revoke-passkey": ["person", "revoke-passkey", "kari", "--passkey", ID, "--reason", "lost"],
    "record-exit": ["person", "leave", "kari", "--reason", "left"],
    "deactivate": ["account", "deactivate", ID, *V],
    "block": ["account", "block", ID, *V, "--reason", "security"],
    "terminate": ["account", "terminate", ID, *V, "--channel", "letter"],
    "lift-restriction": ["restrict", "lift", ID],
    "discard": ["parked", "discard", ID, "--reason", "outdated"],
    "decide-case": ["case", "decide", ID, *V, "--step", "decide_no_breach", "--reason", "looked_at"],
    "decide-by-two": [
        "case", "decide-by-two", ID, *V, "--step", "send_security_notice", "--reason", "risk_changed",
    ],
    "end-record": ["register", "end", ID, *V, "--reason", "withdrawn"],
    "end-record-in-force": ["register", "end-in-force", ID, *V, "--reason", "withdrawn"],
}  # fmt: skip
ABOUT: Final = {
    "stop-campaign": f"Campaign {ID}",
    "release-hold": f"Hold {ID}",
    "erase-early": f"Account {ID}",
    "release-halted": "1 erasure",
    "withdraw-prerequisite": f"Undertaking or training {ID}",
    "revoke-grant": f"Grant {ID}",
    "revoke-passkey": f"kari, passkey {ID}",
    "record-exit": "kari",
    "deactivate": f"Account {ID}",
    "block": f"Account {ID}",
    "terminate": f"Account {ID}",
    "lift-restriction": f"Restriction {ID}",
    "discard": f"Message {ID}",
    "decide-case": f"Case {ID}, decide_no_breach",
    "decide-by-two": f"Case {ID}, send_security_notice",
    "end-record": f"Record {ID}",
    "end-record-in-force": f"Record {ID}",
}


@pytest.mark.parametrize("form", [each for each in FORMS if each.is_destructive], ids=lambda form: form.name)
def test_what_destroys_something_is_asked_about_in_the_words_of_its_page(form, monkeypatch, tmp_path) -> None:
    """It names first what it is about. Whoever says no has done nothing: the session is not even looked for."""
    monkeypatch.setenv("VILKAR_SESSION_FILE", str(tmp_path / "nobody-is-logged-in"))
    asked = CliRunner().invoke(app, DESTRUCTIVE[form.name], input="n\n")
    assert asked.exit_code == 1, asked.output
    question = " ".join(asked.output.split())
    about, told, after = question.partition(f": {form.says[1]} {form.question[1]}")
    assert (about, told != "") == (ABOUT[form.name], True), question
    assert after.startswith(f" {ANOTHER_APPROVES[1]} [y/N]" if form.takes_two else " [y/N]"), question


def test_the_help_of_a_group_says_what_it_is_for_and_leaves_its_commands_to_the_list_below() -> None:
    groups = {name: each.help for name, each in program().commands.items() if hasattr(each, "commands")}
    assert len(groups) > 15
    assert {name: said for name, said in groups.items() if not said or ":" in said} == {}
