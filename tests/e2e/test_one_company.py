"""One company's whole life, told once, and everything that is to be seen of it on the way and afterwards."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.demo.command import SANDBOX_FILES
from deploy.residue_search import plain_search
from deploy.residue_search.plain_search import MultiPattern, Searched
from shared.bus.queue_browser import waiting
from shared.bus.topology import of_this_system
from shared.system import PARTICIPANTS
from tests.e2e.event_tap import Overheard, overhearing
from tests.e2e.people import PASSWORD, Company, a_letter, an_org_number, letters_to, move_to
from tests.plugins.system import WholeSystem
from tests.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PUBLISHED = Counter(
    {
        "account account.registered": 1,
        "account agreement.accepted": 2,
        "account user.added": 1,
        "account user.confirmation_requested": 1,
        "account user.email_confirmed": 2,
        "account user.invited": 1,
        "account login.succeeded": 2,
        "account login.failed": 1,
        "account account.updated": 1,
        "account account.register_checked": 1,
        "account account.deactivated": 1,
        "retention erasure.scheduled": 1,
        "retention erasure.reminder_due": 3,
        "retention erasure.announced": 1,
        "retention erasure.ordered": 1,
        "retention account.erased": 1,
        "billing-sync billing.minimised": 1,
        **{f"{name} erasure.step_completed": 1 for name in PARTICIPANTS},
    }
)
"""What is published of one company that signs up with one further user, changes its name and goes."""

SOME_TIMES = ("notification.", "billing.customer_synced", "staff.personal_data_read", "staff.acts_signed")
"""How often these are published depends on what came together: counted by their least number."""

OWNERS_LETTERS = {"email_confirmation": 1, "account_deactivated": 1, "account_reminder": 2, "account_erased": 1}
USERS_LETTERS = {"invitation": 1, "company_closed": 1}


@dataclass
class Life:
    """A company that has come, lived and been erased, and what was seen meanwhile."""

    system: WholeSystem
    company: Company
    due: date = date.max
    erasure: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    found_before: Searched = field(default_factory=Searched)

    def come(self, heard: Overheard) -> None:
        """Sign up, join, mistype, log in, change the name."""
        company = self.company
        company.sign_up()
        company.confirm()
        company.join()
        wrong = {"email": company.creator.email, "password": "en annen setning her"}
        company.must("POST", "/v1/sessions", 401, json=wrong)
        company.token = company.log_in()["token"]
        heard.wait_for({"billing-sync billing.customer_synced"}, company.account_id)
        version = company.must("GET", "/v1/account", 200)["version"]
        company.must("PATCH", "/v1/account", 200, json={"version": version, "name": company.name + " AS"})
        heard.wait_for({"account account.register_checked"}, company.account_id)
        until(
            lambda: any(call["method"] == "PUT" for call in self.tripletex_calls()),
            what="the new name at Tripletex",
        )
        self.found_before = searched(self.system, [company.account_id])

    def go(self, heard: Overheard) -> None:
        """Leave, be reminded, be erased."""
        company, owner = self.company, self.company.creator
        company.leave()
        self.due = company.scheduled()
        a_letter(self.system, owner.email, "account_deactivated")
        heard.wait_for({"retention erasure.reminder_due"}, company.account_id)  # that of the first day
        for days, count in ((30, 1), (7, 2)):
            move_to(self.system, self.due - timedelta(days=days))
            a_letter(self.system, owner.email, "account_reminder", count=count)
        move_to(self.system, self.due)
        self.erasure = company.until_state("certified")
        heard.wait_for(set(PUBLISHED), company.account_id)
        self.events = heard.about(company.account_id)
        self.bodies = list(heard.bodies)

    def tripletex_calls(self) -> list[dict[str, Any]]:
        """The calls to Tripletex in which the company's mark stands."""
        mark = self.company.name.rpartition(" ")[2]
        calls = self.system.control("/calls", vendor="tripletex", limit="5000")["calls"]
        return [call for call in calls if mark in call["request"]]


@pytest.fixture(scope="module")
def life(whole_system):
    whole_system.wait_ready()
    told = Life(whole_system, Company(whole_system, users=1, org_number=an_org_number()))
    with overhearing(whole_system) as heard:
        told.come(heard)
        told.go(heard)
    return told


def searched(system, values, *folders):
    """Search tables, queues, state and the given folders, as the demo does."""
    found, patterns = Searched(), MultiPattern(values)
    plain_search.search_databases(system.settings, patterns, found)
    queues = [queue.name for queue in of_this_system().queues]
    plain_search.search_messages(waiting(system.broker_uri, queues), patterns, found)
    plain_search.search_files([system.settings.state_dir, *folders], patterns, found, skip=SANDBOX_FILES)
    return found


def files_with(values, folder, patterns):
    """The files below a folder in whose bytes one of the values stands: what a thief of the disk would look for."""
    patterns.write_text("\n".join(sorted({*values, *(value.casefold() for value in values)})) + "\n")
    command = [
        "grep",
        "--recursive",
        "--files-with-matches",
        "--text",
        "--fixed-strings",
        "--file",
        patterns,
        folder,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
    assert ended.returncode in {0, 1}, ended.stderr
    return ended.stdout.splitlines()


def test_each_event_of_the_life_is_published_as_often_as_it_happened(life):
    told = [e for e in life.events if not e["type"].startswith(SOME_TIMES)]
    assert Counter(f"{event['source']} {event['type']}" for event in told) == PUBLISHED
    types = Counter(event["type"] for event in life.events)
    letters = sum(OWNERS_LETTERS.values()) + sum(USERS_LETTERS.values())
    assert types["notification.sent"] == letters
    assert types["notification.delivered"] >= 1
    assert types["billing.customer_synced"] >= 2
    assert types["notification.failed"] == 0


def test_every_letter_arrives_once_and_tells_the_date_or_leads_to_the_certificate(life):
    owner, user = life.company.creator, life.company.others[0]
    for person, expected in ((owner, OWNERS_LETTERS), (user, USERS_LETTERS)):
        assert Counter(letter["tags"][0] for letter in letters_to(life.system, person.email)) == expected
    for kind in ("account_deactivated", "account_reminder"):
        assert str(life.due.day) in letters_to(life.system, owner.email, kind)[0]["text"]
    farewell = letters_to(life.system, owner.email, "account_erased")[0]
    assert life.erasure["certificate_id"] in farewell["text"]
    assert all(letter["text"] and letter["html"] for letter in letters_to(life.system, owner.email))


def test_at_tripletex_one_customer_was_made_and_nothing_of_its_people_is_left(life):
    company = life.company
    made = [call for call in life.tripletex_calls() if call["method"] == "POST" and call["status"] == 201]
    assert Counter(call["path"] for call in made) == {"/customer": 1, "/contact": 1}
    for trace in (company.email, company.creator.email, company.creator.name.rpartition(" ")[2], company.phone):
        held = life.system.control("/holdings", needle=trace)["found"]
        assert [hit for hit in held if hit["vendor"] == "tripletex"] == []


def test_the_trail_has_a_row_for_each_event_is_whole_and_no_longer_tells_of_whom(life):
    ids = {event["id"] for event in life.events}
    kept = {str(row[0]) for row in life.system.rows("audit", "SELECT event_id FROM trail")}
    assert ids - kept == set()
    assert life.system.vilkar("audit", "verify")["state"] == "whole"
    with life.system.bus() as bus:
        assert bus.audit.trail(subject=f"account/{life.company.account_id}", limit=500)["rows"] == []


def test_the_certificate_is_verified_with_nothing_but_the_file_and_the_key(life, tmp_path):
    document = life.system.command("certificate", "show", life.erasure["certificate_id"], "--json").stdout
    with life.system.bus() as bus:
        (key,) = bus.retention.certificates(limit=1)["public_keys"].values()
    file = Path(tmp_path) / "certificate.json"
    file.write_text(document)
    offline = {"VILKAR_BROKER_PORT": "9", "VILKAR_DB_PORT": "9", "VILKAR_SECRETS_DIR": str(tmp_path)}
    verified = life.system.command("certificate", "verify", file, "--key", key, "--json", **offline)
    assert verified.returncode == 0, verified.stderr
    body = json.loads(verified.stdout)["certificate"]
    assert (body["kind"], body["due_on"]) == ("account", life.due.isoformat())
    assert body["certificate_id"] == life.erasure["certificate_id"]
    file.write_text(document.replace(life.due.isoformat(), "2020-01-01"))
    assert life.system.command("certificate", "verify", file, "--key", key, **offline).returncode == 4


def test_nobody_of_an_erased_company_logs_in_and_the_answer_does_not_say_why(life):
    company = life.company
    stranger = {"email": "nobody@nowhere.example", "password": PASSWORD}
    known = company.must("POST", "/v1/sessions", 401, json=stranger, token="")
    for person in (company.creator, *company.others):
        body = {"email": person.email, "password": PASSWORD}
        assert company.must("POST", "/v1/sessions", 401, json=body, token="") == known


def test_nothing_personal_of_an_erased_company_is_left_in_tables_queues_files_and_logs(life, tmp_path):
    system, traces = life.system, life.company.traces
    left = searched(system, traces, system.home / "logs", system.infrastructure.root / "rabbitmq")
    assert sorted(left.hits) == []
    assert (left.tables > 40, left.rows > 100, left.files > 20) == (True, True, True)
    # The search finds what is there.
    assert "table account.account" in {hit.place for hit in life.found_before.hits}
    disk, patterns = system.infrastructure.root / "postgres", tmp_path / "patterns"
    assert files_with(traces, disk, patterns) == []
    assert files_with([life.company.account_id], disk, patterns) != []


def test_nothing_personal_was_ever_on_the_bus(life):
    patterns = MultiPattern(life.company.traces)
    assert {hit for body in life.bodies for hit in patterns.found_in(body)} == set()
    assert MultiPattern([life.company.account_id]).found_in(b"".join(life.bodies)) != set()
