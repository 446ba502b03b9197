"""The promises as the running system shows them: every probe looks, and page, document and command say the same."""

from __future__ import annotations

import json

import psycopg
import pytest
import requests

from services.desk.cli.output import FAULT
from shared.evidence.watching import SECONDS
from shared.privacy.exposure import ADMINISTRATOR
from shared.system import DATABASES
from shared.terms.texts import LANGUAGES
from tests.waiting import until

pytestmark = pytest.mark.e2e

ON_ONE_MACHINE = {("retention", f"backups_not_{each}") for each in ("daily", "elsewhere", "proven")}
"""What a system of tests may lack: its backups stay on this machine, and are taken when a test wants one."""


def probes(document):
    """What each probe said, by service and name."""
    return {(each["service"], each["name"]): each for clause in document["clauses"] for each in clause["probes"]}


def published(system):
    answer = requests.get(f"{system.gateway}/terms.json", timeout=20)
    assert answer.status_code == 200
    return answer.json()


def terms(system):
    ended = system.command("terms", "--json")
    assert ended.returncode in {0, FAULT}, ended.stderr
    return json.loads(ended.stdout)


def looked(document):
    """The document, where every probe of every service has looked in time."""
    return document if all(each["seen"] != "not checked" for each in probes(document).values()) else None


@pytest.fixture
def document(system):
    return until(lambda: looked(published(system)), what="a look of every probe", seconds=2 * SECONDS, every=2)


def probes_not_as_promised(document):
    """What every probe saw that did not see its promise kept, but for what one machine lacks."""
    return {
        name: (each["seen"], each["count"])
        for name, each in probes(document).items()
        if each["seen"] in {"contradicted", "not checked"} and name not in ON_ONE_MACHINE
    }


def test_every_probe_looks_and_the_system_does_as_promised(system, document):
    """The first test of the system: later ones leave holds without review and copies that nobody makes."""
    assert {service for service, _ in probes(document)} == {name.replace("_", "-") for name in DATABASES}
    seen = document

    def all_as_promised():
        nonlocal seen
        seen = terms(system)
        return looked(seen) and not probes_not_as_promised(seen)

    until(all_as_promised, what=lambda: f"all as promised: {probes_not_as_promised(seen)}", seconds=90, every=3)


def test_the_command_says_what_the_gateway_publishes(system, document):
    told = terms(system)
    assert probes(told).keys() == probes(document).keys()
    assert [(each["id"], each["missing"], each["tests"]) for each in told["clauses"]] == [
        (each["id"], each["missing"], each["tests"]) for each in document["clauses"]
    ]
    assert looked(told), "every service answers the desk as it answers the gateway"


@pytest.fixture
def open_table(system):
    """A table that administrators may read past the views that count them."""
    dsn = system.infrastructure.db.dsn("notification")
    with psycopg.connect(dsn, autocommit=True) as connection:
        [(table,)] = connection.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename LIMIT 1"
        ).fetchall()
        connection.execute(f"GRANT SELECT ON {table} TO {ADMINISTRATOR}")
        yield
        connection.execute(f"REVOKE SELECT ON {table} FROM {ADMINISTRATOR}")  # noqa: S608  # a name from the catalogue
    look_anew(system)


def look_anew(system):
    """Let a process that begins look at once at what otherwise is looked at every hour."""
    system.kill("notification")
    system.wait_ready()


def test_a_broken_promise_is_told(system, document, open_table):
    assert {each["standing"] for each in document["clauses"] if each["id"] == "BLIND-2"} != {"failed"}
    look_anew(system)
    told = until(lambda: looked(terms(system)), what="a look of every probe", every=1)
    assert {each["standing"] for each in told["clauses"] if each["id"] == "BLIND-2"} == {"failed"}
    seen = probes(told)["notification", "tables_open_to_administrators"]
    assert (seen["seen"], seen["count"]) == ("contradicted", 1)


def test_the_page_says_it_in_either_language(system, document):
    pages = {each: requests.get(f"{system.gateway}/terms?language={each}", timeout=20).text for each in LANGUAGES}
    vocabulary = requests.get(f"{system.gateway}/terms.jsonld", timeout=20)
    assert vocabulary.headers["Content-Type"].startswith("application/ld+json")
    assert len(vocabulary.json()["dpv:hasContractualClause"]) == len(document["clauses"])
    for each in document["summary"]:
        assert all(each[language] in page for language, page in pages.items())
