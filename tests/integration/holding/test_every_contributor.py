"""One examination for every service that contributes to copies: what it declares, hands out and keeps to itself."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from town import Town, Townsfolk

from services.account.export_collecting.feature import ExportCollecting
from services.account.exports import package
from shared.errors import Conflict, Forbidden, NotFound, Unavailable
from shared.identifiers import new_id
from shared.participation.contribution import Contribution
from shared.participation.export_values import ExportKind, ExportScope, Origin
from shared.participation.exporting import Exporting
from shared.signing import signature_of, statement
from shared.system import CONTRIBUTORS, PARTICIPANTS
from tests.forms import PASSWORD
from tests.in_process import feature, run
from tests.plugins.exporting import KEY

pytestmark = [pytest.mark.integration, pytest.mark.conformance]

ORIGIN = {"ip": "198.51.100.7", "user_agent": "Mozilla/5.0"}
OURSELVES = {"restricted", "export_order", "parked", "outbox", "inbox", "command_reply", "agreement_archive"}
"""Tables that every service has, and what outlives everybody because it names nobody."""


@pytest.fixture(scope="module")
def people(lasting_town: Town) -> list[Townsfolk]:
    """Kari, who owns the company, and Ola, who works there; every service knows something of both."""
    kari, ola = lasting_town.company("kari", "ola")
    for person in (kari, ola):
        lasting_town.log_in(person)
        lasting_town.call(
            "account", "report_nonconformity", account_id=person.account_id, actor=person.actor, about="outage",
            text=f"Siden svarer ikke for {person.email}.",
        )  # fmt: skip
        lasting_town.call("account", "request_password_reset", email=person.email)
    lasting_town.settle()
    return [kari, ola]


def contribution_of(town: Town, name: str) -> Contribution:
    """What a service hands out."""
    service = town.exchange.services[name]
    if name == "account":
        return feature(service, ExportCollecting).own
    return feature(service, Exporting).contribution


def handed_out(contribution: Contribution, scope: ExportScope) -> dict[str, list[dict[str, Any]]]:
    """All rows of a service for a copy, by table."""
    tables: dict[str, list[dict[str, Any]]] = {}
    after: str | None = None
    for _ in range(100):
        page = contribution.page(scope, after)
        if page is None:
            return tables
        tables.setdefault(page.table.name, []).extend(page.rows)
        after = page.following
        if after is None:
            return tables
    raise AssertionError("the pages do not end")


def scope_of(person: Townsfolk, kind: ExportKind = ExportKind.ACCESS, *, company: bool = False) -> ExportScope:
    return ExportScope(account_id=person.account_id, user_id=None if company else person.user_id, kind=kind)


@pytest.mark.parametrize("name", CONTRIBUTORS)
def test_each_table_that_names_somebody_is_handed_out_or_says_why_not(lasting_town, name):
    contribution = contribution_of(lasting_town, name)
    naming = lasting_town.rows(
        name.replace("-", "_"),
        "SELECT DISTINCT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0"
        " AND (a.attname IN ('account_id', 'user_id') OR col_description(c.oid, a.attnum) LIKE 'pii:%')",
    )
    handed = {table for each in contribution.tables for table in each.of}
    unexplained = {table for (table,) in naming} - handed - contribution.left_out.keys() - OURSELVES
    assert not unexplained
    assert not handed & contribution.left_out.keys()
    assert len({each.name for each in contribution.tables}) == len(contribution.tables)


@pytest.mark.parametrize("name", CONTRIBUTORS)
@pytest.mark.parametrize("kind", ExportKind)
def test_what_is_handed_out_of_one_person_names_nobody_else(lasting_town, people, name, kind):
    kari, ola = people
    tables = handed_out(contribution_of(lasting_town, name), scope_of(ola, kind))
    said = json.dumps(tables, ensure_ascii=False)
    assert kari.email not in said
    assert str(kari.user_id) not in said
    assert "staff:" not in said
    derived = {(each.name, c.name) for each in contribution_of(lasting_town, name).tables for c in each.columns
               if c.origin is Origin.DERIVED}  # fmt: skip
    if kind is ExportKind.PORTABILITY:
        there = {(table, column) for table, rows in tables.items() for row in rows for column in row}
        assert not there & derived


@pytest.mark.parametrize("name", ["account", "audit", "cases", "notification", "registers"])
def test_what_a_service_holds_on_somebody_is_handed_out(lasting_town, people, name):
    tables = handed_out(contribution_of(lasting_town, name), scope_of(people[1]))
    assert any(tables.values()), tables.keys()


@pytest.mark.parametrize("name", [each for each in CONTRIBUTORS if each != "account"])
def test_nothing_is_handed_out_that_was_not_ordered(lasting_town, people, name):
    with pytest.raises(NotFound):
        lasting_town.call(name, "export_part", export_id=new_id(), after=None)


def test_the_copy_of_a_company_leaves_out_what_is_its_employees_alone(lasting_town, people):
    kari, ola = people
    scope = scope_of(kari, company=True)
    tables = {
        name: table
        for each in CONTRIBUTORS
        for name, table in handed_out(contribution_of(lasting_town, each), scope).items()
    }
    assert {"logins", "login_attempts", "sessions", "letters", "agreement_origins"}.isdisjoint(tables)
    assert {row["email"] for row in tables["users"]} == {kari.email, ola.email}
    assert tables["company"][0]["name"]
    assert len(tables["reports"]) == 2
    assert len(tables["tripletex_customer"]) == 1


# ── from the wish to the file ─────────────────────────────────────────────────────────────────────────────────


def ask(town: Town, person: Townsfolk, **wish: str) -> dict[str, Any]:
    return town.call("account", "request_export", account_id=person.account_id, actor=person.actor, **wish)


def make(town: Town) -> None:
    """Let everybody hear what was ordered, and the copies be made."""
    town.carry()
    town.settle()


def shown(town: Town, person: Townsfolk, export_id: str) -> dict[str, Any]:
    found = town.call("account", "exports", account_id=person.account_id, actor=person.actor)["exports"]
    return next(each for each in found if each["export_id"] == export_id)


def opened(town: Town, person: Townsfolk, export_id: str, password: str = PASSWORD) -> dict[str, Any]:
    return town.call(
        "account", "open_export", email=person.email, password=password, origin=ORIGIN, export_id=UUID(export_id)
    )


def fetched(town: Town, person: Townsfolk, export_id: str) -> bytes:
    file = opened(town, person, export_id)
    pieces = [
        town.call("account", "read_export", export_id=UUID(export_id), token=file["token"], position=position)
        for position in range(file["chunks"])
    ]
    whole = b"".join(base64.b64decode(each["data"]) for each in pieces)
    assert (len(whole), hashlib.sha256(whole).hexdigest()) == (file["bytes"], file["sha256"])
    return whole


@pytest.mark.clause("RIGHTS-1", "RIGHTS-2")
@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_person_fetches_all_that_is_held_on_them_and_nothing_of_others(lasting_town, kind):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    town.log_in(ola)
    town.settle()
    run(town.exchange.services["audit"], "fetch_origins")
    asked = ask(town, ola, kind=kind)
    assert asked["state"] == "collecting"
    assert ask(town, ola, kind=kind)["export_id"] == asked["export_id"], "asked twice, it is one"
    make(town)
    ready = shown(town, ola, asked["export_id"])
    assert ready["state"] == "ready"
    assert {each["name"] for each in ready["parts"]} == set(CONTRIBUTORS)
    with zipfile.ZipFile(io.BytesIO(fetched(town, ola, asked["export_id"]))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(files["data.json"])
    jsonschema.validate(data, json.loads(files["schema.json"]))
    tables = {(each["contributor"], each["name"]): each for each in data["tables"]}
    assert tables["account", "users"]["rows"][0]["email"] == ola.email
    assert tables["audit", "logins"]["rows"][0]["ip"].startswith("198.51.100.")
    assert kari.email not in files["data.json"].decode()
    is_access = kind == "access"
    assert ("answer.nb.txt" in files, "answer.en.txt" in files) == (is_access, is_access)
    assert (("cases", "breach_lists") in tables) == is_access
    _check_manifest(files, ready)
    for (contributor, name), table in tables.items():
        lines = list(csv.reader(io.StringIO(files[f"tables/{contributor}.{name}.csv"].decode("utf-8-sig"))))
        assert lines[0] == [column["name"] for column in table["columns"]]
        assert len(lines) - 1 == len(table["rows"])
    assert {"export.ordered", "export.ready", "export.opened"} <= {
        kind for (kind,) in town.rows("account", "SELECT convert_from(body, 'UTF8')::json->>'type' FROM outbox")
    }


def _check_manifest(files: dict[str, bytes], ready: dict[str, Any]) -> None:
    manifest = json.loads(files["manifest.json"])
    for file in manifest["files"]:
        assert hashlib.sha256(files[file["path"]]).hexdigest() == file["sha256"]
    assert {each["path"] for each in manifest["files"]} == files.keys() - {"manifest.json"}
    assert {each["name"]: each["rows"] for each in manifest["contributors"]} == {
        each["name"]: each["rows"] for each in ready["parts"]
    }
    body = {name: value for name, value in manifest.items() if name not in ("key_id", "public_key", "signature")}
    assert KEY.public.verifies(signature_of(manifest["signature"]), statement(package.FORM, body))
    changed = body | {"vendor": "somebody else"}
    assert not KEY.public.verifies(signature_of(manifest["signature"]), statement(package.FORM, changed))


def test_a_contributor_that_fails_leaves_the_copy_not_ready_and_is_asked_again(lasting_town):
    town = lasting_town
    (ola,) = town.company("ola")
    collecting = feature(town.exchange.services["account"], ExportCollecting)
    whole, failing = collecting.means, {"audit"}

    class Failing(type(town.exchange)):
        def call(self, service: str, method: str, **rest: Any) -> Any:
            if method == "export_part" and service in failing:
                raise Unavailable(service)
            return town.exchange.call(service, method, **rest)

    collecting.means = replace(whole, caller=Failing())
    asked = ask(town, ola)
    make(town)
    state = shown(town, ola, asked["export_id"])
    assert {each["name"] for each in state["parts"] if not each["done"]} == {"audit"}
    assert next(each for each in state["parts"] if each["name"] == "audit")["tries"] > 0
    with pytest.raises(Conflict):
        opened(town, ola, asked["export_id"])
    town.clock.move(timedelta(hours=2))
    with town.exchange.services["account"].database.transaction() as tx:
        waiting = collecting.exports_not_ready(tx, town.clock.now())
    assert waiting is not None
    failing.clear()
    town.settle()
    assert shown(town, ola, asked["export_id"])["state"] == "ready"
    fetched(town, ola, asked["export_id"])


def test_a_copy_is_there_for_a_week_for_whoever_asked_and_proves_it(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    asked = ask(town, ola)["export_id"]
    company = ask(town, kari, whose="company")["export_id"]
    with pytest.raises(Forbidden):
        ask(town, ola, whose="company")
    make(town)
    with pytest.raises(NotFound):
        opened(town, kari, asked)
    with pytest.raises(Exception, match="address or the password"):
        opened(town, ola, asked, "Ni elger og en sykkel")
    fetched(town, ola, asked)
    fetched(town, kari, company)
    file = opened(town, ola, asked)
    town.clock.move(timedelta(minutes=15, seconds=1))
    with pytest.raises(NotFound):
        town.call("account", "read_export", export_id=UUID(asked), token=file["token"], position=0)
    town.clock.move(timedelta(days=7) - timedelta(minutes=15, seconds=2))
    file = opened(town, ola, asked)
    town.clock.move(timedelta(seconds=1))
    for refused in (
        lambda: opened(town, ola, asked),
        lambda: town.call("account", "read_export", export_id=UUID(asked), token=file["token"], position=0),
    ):
        with pytest.raises(NotFound):  # nobody has tidied up yet
            refused()
    assert town.count("account", "export", id=asked) == 1


def test_who_is_inactive_gets_a_copy_and_nothing_of_it_outlives_the_erasure(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    early = ask(town, ola)["export_id"]
    make(town)
    town.leave(kari)
    town.settle()
    wish = {"email": ola.email, "password": PASSWORD, "origin": ORIGIN, "kind": "portability"}
    again = town.call("account", "request_export_with_password", **wish)
    make(town)
    ready = town.call("account", "request_export_with_password", **wish)
    assert (ready["export_id"], ready["state"]) == (again["export_id"], "ready")
    fetched(town, ola, early)
    fetched(town, ola, again["export_id"])
    town.pass_days(93)
    assert town.rows("account", "SELECT count(*) FROM export WHERE account_id = %s", kari.account_id) == [(0,)]
    assert town.count("account", "export_chunk", account_id=kari.account_id) == 0
    for service in PARTICIPANTS:
        assert town.count(service.replace("-", "_"), "export_order", account_id=kari.account_id) == 0


def test_an_erasure_that_begins_ends_a_copy_that_is_being_made(lasting_town):
    town = lasting_town
    (kari,) = town.company("kari")
    asked = ask(town, kari)["export_id"]
    town.retention.keyring.fence(kari.account_id, kari.user_id, town.clock.now())
    town.settle()
    assert town.count("account", "export", id=asked) == 0
