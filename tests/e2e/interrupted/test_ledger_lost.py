"""The ledger is damaged under a running system: it is seen, nobody is served by it, and whoever is root goes on."""

from __future__ import annotations

import json

import pytest

from shared.config import LEDGER_FILE
from tests.e2e.people import Company
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

WHY = ("--reason", "drill")


def standing(system):
    """What `vilkar ledger status` says, and its exit code."""
    ended = system.command("ledger", "status", "--json")
    return ended.returncode, json.loads(ended.stdout)


def all_copied(system):
    code, told = standing(system)
    return code == 0 and told["ledger"]["head"] > 0 and told["last_copy"]["position"] == told["ledger"]["head"]


def copied(system, ledger):
    """What the ledger holds, where all of it is copied."""
    held = ledger.read_bytes()
    return held if all_copied(system) and ledger.read_bytes() == held else None


def accept(system, *more):
    return system.native.accept_ledger(*WHY, *more, timeout_s=240)


def test_a_damaged_ledger_is_seen_and_whoever_is_root_goes_on_with_its_copy(system):
    company = Company(system).move_in()
    company.leave()
    company.scheduled()
    system.vilkar("clock", "move", "--hours", 2)  # a copy that old is made anew at once
    until(lambda: all_copied(system), what="a copy of all of the ledger", seconds=240)
    assert accept(system) == 2, "there is nothing to accept"
    assert system.vilkar("ledger", "verify")["whole"]

    ledger = system.home / "ledger" / LEDGER_FILE
    # What was written since is copied too before anything is damaged: the copy takes the ledger's place.
    whole = until(lambda: copied(system, ledger), what="a copy of all of it", seconds=240)
    ledger.write_bytes(whole.replace(b"account_deactivated", b"account_deactivatef", 1))
    code, told = standing(system)
    assert (code, told["ledger"]) == (4, None)
    assert "make ledger-accept" in told["wrong"][0]
    assert system.command("ledger", "verify").returncode == 4

    damaged = ledger.read_bytes()
    assert accept(system) == 0
    assert ledger.read_bytes() == damaged, "shown only"
    assert accept(system, "--yes") == 0
    system.wait_ready()
    # Facts whose time is over may have been left out since; that of this company is in force.
    assert company.account_id.encode() in whole
    assert company.account_id.encode() in ledger.read_bytes()
    assert b"account_deactivatef" not in ledger.read_bytes()
    until(lambda: standing(system)[0] == 0, what="well again", seconds=120)
    assert list(ledger.parent.glob("*.put-aside-*"))

    query = "SELECT body FROM outbox WHERE routing_key = 'ledger.accepted'"
    ((body,),) = system.rows("retention", query)
    subject = json.loads(bytes(body))["subject"]
    trail = ("audit", "trail", subject, "--purpose", "operations")
    (row,) = until(lambda: system.vilkar(*trail), what="the audit trail")
    assert row["actor"] == "system", "a name that was typed proves nothing"
