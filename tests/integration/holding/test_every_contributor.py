"""One examination for every service that contributes to copies: what it declares, hands out and keeps to itself."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from town import Town, Townsfolk

from examples.plain_participant import Nogd, NotOrderedError
from services.account.export_collecting.feature import ExportCollecting
from services.account.export_requests.feature import Exports
from services.account.exports import package
from services.audit.anomalies.events import AnomalyDetected
from shared.calls import Caller
from shared.errors import Conflict, Forbidden, Internal, Locked, NotFound, Restoring, Unavailable
from shared.events import Code
from shared.identifiers import new_id
from shared.participation.contribution import COLUMNS_OF_ALL, Contribution
from shared.participation.export_values import ExportKind, ExportScope, Origin
from shared.participation.exporting import Exporting
from shared.signing import signature_of, statement
from shared.system import CONTRIBUTORS
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
        lasting_town.call(
            "account", "begin_support", account_id=person.account_id, actor=person.actor,
            text=f"Hvordan bytter jeg passord for {person.email}?",
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
def test_each_column_of_what_is_handed_out_is_in_a_copy_or_says_why_not(lasting_town, name):
    contribution = contribution_of(lasting_town, name)
    handed = {f"{of}.{column.name}" for each in contribution.tables for of in each.of for column in each.columns}
    held = lasting_town.rows(
        name.replace("-", "_"),
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
        " AND c.relname = ANY (%s)",
        [of for each in contribution.tables for of in each.of],
    )
    columns = {
        f"{table}.{column.removesuffix('_sealed')}" for table, column in held if column not in COLUMNS_OF_ALL
    }
    explained = contribution.columns_left_out.keys()
    assert columns - handed == explained, "what is in no copy says why, and nothing else does"
    assert not handed & explained


CODE = re.compile(r"[a-z]+(?:[_.][a-z]+)*")
WORDLESS = {"country", "version", "domain", "text", "receiver", "content", "evidence_sha256"}
"""Columns whose values are no codes of ours though they may look like one, such as what somebody typed."""


@pytest.mark.clause("RIGHTS-1")
@pytest.mark.parametrize("name", CONTRIBUTORS)
def test_each_code_that_a_column_may_hold_has_words_in_both_languages(lasting_town, people, name):
    contribution = contribution_of(lasting_town, name)
    allowed = lasting_town.rows(
        name.replace("-", "_"),
        "SELECT c.relname, a.attname, pg_get_constraintdef(k.oid) FROM pg_constraint AS k"
        " JOIN pg_class AS c ON c.oid = k.conrelid"
        " JOIN pg_attribute AS a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]"
        " WHERE k.contype = 'c' AND pg_get_constraintdef(k.oid) LIKE '%%= ANY (ARRAY[%%'",
    )
    codes_of = {(table, column): set(re.findall(r"'([a-z_]+)'::text", said)) for table, column, said in allowed}
    missing = {
        (table.name, column.name, code)
        for table in contribution.tables
        for column in table.columns
        for of in table.of
        for code in codes_of.get((of, column.name), set()) - column.codes.keys()
    }
    assert not missing
    for each in (column for table in contribution.tables for column in table.columns):
        assert all(len(said) == 2 and all(said) for said in each.codes.values())


@pytest.mark.clause("RIGHTS-1")
@pytest.mark.parametrize("name", CONTRIBUTORS)
def test_no_code_is_handed_out_without_words(lasting_town, people, name):
    kari, ola = people
    contribution = contribution_of(lasting_town, name)
    codes = {(table.name, column.name): column.codes for table in contribution.tables for column in table.columns}
    wordless = {
        (table, column, value)
        for scope in (scope_of(kari, company=True), scope_of(ola))
        for table, rows in handed_out(contribution, scope).items()
        for row in rows
        for column, values in row.items()
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, str) and CODE.fullmatch(value) and column not in WORDLESS
        if value not in codes[table, column]
    }
    assert not wordless


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


@pytest.mark.clause("RIGHTS-1", "RIGHTS-2")
@pytest.mark.parametrize("kind", ExportKind)
def test_what_somebody_did_is_handed_out_to_them_and_not_whom_else_it_was_about(lasting_town, people, kind):
    town = lasting_town
    kari, ola = people
    town.call(
        "account", "update_user", account_id=kari.account_id, actor=kari.actor, user_id=ola.user_id,
        version=town.version(ola), phone="90054321",
    )  # fmt: skip
    town.settle()
    of_kari, of_ola = (handed_out(contribution_of(town, "audit"), scope_of(each, kind)) for each in people)
    done = [(row["type"], row["done_to"]) for row in of_kari["own_acts"]]
    assert ("user.updated", "another_user") in done
    assert ("login.succeeded", "you") in done
    assert "user.updated" not in {row["type"] for row in of_ola["own_acts"]}
    if kind is ExportKind.ACCESS:
        changed = [row for row in of_ola["trail"] if row["type"] == "user.updated"]
        assert {(row["done_by"], *row["field_names"]) for row in changed} == {("another_user", "phone")}


@pytest.mark.clause("RIGHTS-1")
def test_whoever_is_the_company_is_handed_out_what_is_held_on_it_and_nobody_who_works_there(lasting_town, people):
    kari, ola = people
    alone = replace(scope_of(kari), with_company=True)
    tables = {
        name: rows
        for each in CONTRIBUTORS
        for name, rows in handed_out(contribution_of(lasting_town, each), alone).items()
    }
    assert tables["company"][0]["name"]
    assert tables["company_trail"]
    assert tables["tripletex_customer"]
    assert {row["email"] for row in tables["users"]} == {kari.email}
    assert "company_users" not in tables
    assert {"company_holds", "company_cases", "logins"} <= tables.keys()
    assert ola.email not in json.dumps(tables)


def test_the_own_copy_of_a_sole_trader_is_ordered_with_the_company(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    town.owners["account"].execute("UPDATE account SET org_form = 'ENK' WHERE id = %s", (kari.account_id,))
    for person, with_company in ((kari, True), (ola, False)):
        asked = ask(town, person)["export_id"]
        make(town)
        assert town.rows("audit", "SELECT with_company FROM export_order WHERE export_id = %s", asked) == [
            (with_company,)
        ]
        with zipfile.ZipFile(io.BytesIO(fetched(town, person, asked))) as archive:
            names = {each["name"] for each in json.loads(archive.read("data.json"))["tables"]}
        assert ("company" in names, "company_trail" in names) == (with_company, with_company)


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
def test_s24_and_s28_a_person_fetches_all_that_is_held_on_them_and_nothing_of_others(lasting_town, kind):
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
    assert data["format"] == package.FORM
    _check_origins_and_staff(files, data, kind)
    is_access = kind == "access"
    assert ("answer.nb.txt" in files, "answer.en.txt" in files) == (is_access, is_access)
    assert ("copy.nb.html" in files, "copy.en.html" in files) == (is_access, is_access)
    if is_access:
        assert "<dt>rolle</dt><dd>bruker</dd>" in files["copy.nb.html"].decode()
        assert "<dt>role</dt><dd>user</dd>" in files["copy.en.html"].decode()
    assert (("cases", "breach_lists") in tables) == is_access
    _check_manifest(files, ready)
    for (contributor, name), table in tables.items():
        lines = list(csv.reader(io.StringIO(files[f"tables/{contributor}.{name}.csv"].decode("utf-8-sig"))))
        assert lines[0] == [column["name"] for column in table["columns"]]
        assert len(lines) - 1 == len(table["rows"])
    assert {"export.ordered", "export.ready", "export.opened"} <= {
        kind for (kind,) in town.rows("account", "SELECT convert_from(body, 'UTF8')::json->>'type' FROM outbox")
    }


def _check_origins_and_staff(files: dict[str, bytes], data: dict[str, Any], kind: str) -> None:
    """No staff by name; on access all that article 15 wants told, else nothing that was concluded of somebody."""
    said = "".join(each.decode() for name, each in files.items() if not name.startswith("schema"))
    assert "staff:" not in said
    origins = {column["origin"] for table in data["tables"] for column in table["columns"]}
    if kind == "portability":
        assert origins == {Origin.PROVIDED, Origin.OBSERVED}
        return
    assert origins == set(Origin)
    for language in ("nb", "en"):
        answer = files[f"answer.{language}.txt"].decode()
        assert all(named in answer for named in ("Tripletex", "Domeneshop", "Mailgun", "Datatilsynet"))


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


@pytest.mark.clause("RIGHTS-1", "RIGHTS-5")
def test_a_copy_that_cannot_be_made_becomes_a_request_with_the_clock_of_the_law_and_never_goes_before(lasting_town):
    town = lasting_town
    (ola,) = town.company("ola")
    town.settle()
    wished = town.clock.now()
    with answering(town, lambda service: Unavailable(service) if service == "audit" else None):
        asked = ask(town, ola)
        town.settle()
        town.clock.move(timedelta(days=3))
        town.settle()
        assert shown(town, ola, asked["export_id"])["handed_over_at"] is None, "to the second"
        town.clock.move(timedelta(seconds=1))
        town.settle()
        handed = shown(town, ola, asked["export_id"])
        assert (handed["state"], handed["handed_over_at"] is None) == ("collecting", False)
        find = (
            "SELECT f.kind, f.signal, f.received_at, c.statutory_due - f.received_at > interval '27 days'"
            " FROM case_file AS f JOIN case_subject AS s ON s.case_id = f.id"
            " JOIN case_clock AS c ON c.case_id = f.id"
            " WHERE s.user_id = %s AND c.rule = 'dsr.deadline'"
        )
        assert town.rows("cases", find, ola.user_id) == [("rights_request", "access", wished, True)]
        assert letters_to(town, ola, "rights_received") == 1
        town.clock.move(timedelta(days=40))
        run(town.exchange.services["account"], "purge_expired")
        assert town.count("account", "export", id=asked["export_id"]) == 1
    town.clock.move(timedelta(minutes=11))
    town.settle()
    assert shown(town, ola, asked["export_id"])["state"] == "ready"
    for _ in range(3):
        town.settle()
    ended = (
        "SELECT f.state, f.ended_at IS NOT NULL FROM case_file AS f JOIN case_subject AS s ON s.case_id = f.id"
        " WHERE s.user_id = %s AND f.kind = 'rights_request'"
    )
    assert town.rows("cases", ended, ola.user_id) == [("answered", True)]
    steps = (
        "SELECT d.step, d.reason, d.is_late, d.late_reason FROM case_decision AS d"
        " JOIN case_subject AS s USING (case_id) WHERE s.user_id = %s ORDER BY d.number"
    )
    assert town.rows("cases", steps, ola.user_id) == [
        ("begin_answer", "identity_known", False, None),
        ("answer_request", "done", True, "system_away"),
    ]
    assert letters_to(town, ola, "rights_answered") == 1


@pytest.mark.clause("RIGHTS-1", "RIGHTS-5")
def test_of_two_late_copies_each_is_a_request_and_one_that_is_made_anew_is_the_same(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    states = (
        "SELECT f.state FROM case_file AS f JOIN case_subject AS s ON s.case_id = f.id"
        " WHERE s.user_id = %s AND f.kind = 'rights_request' ORDER BY f.state"
    )
    with answering(town, lambda service: Unavailable(service) if service == "audit" else None):
        ask(town, kari)
        company = ask(town, kari, whose="company")["export_id"]
        town.clock.move(timedelta(days=3, seconds=1))
        town.settle()
        assert town.rows("cases", states, kari.user_id) == [("received",), ("received",)]
        town.restrict(ola.account_id, ola.user_id)
        town.settle()
        town.clock.move(timedelta(days=3, seconds=1))
        town.settle()
        assert len(town.rows("cases", states, kari.user_id)) == 2, "the wish is the same"
    assert shown(town, kari, company)["state"] == "withdrawn"
    town.clock.move(timedelta(minutes=11))
    for _ in range(3):
        town.settle()
    assert town.rows("cases", states, kari.user_id) == [("answered",), ("answered",)]


def letters_to(town: Town, person: Townsfolk, letter: str) -> int:
    return town.count("notification", "letter", user_id=person.user_id, letter=letter)


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
    town.settle()
    of_ola, of_kari = (
        handed_out(contribution_of(town, "audit"), scope_of(each))["company_copies"] for each in (ola, kari)
    )
    assert [(row["shown_to"], row["copies"]) for row in of_ola] == [("owner", 1)]
    assert of_kari == [], "one's own fetching is no disclosure"
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
    for service in CONTRIBUTORS:
        assert town.count(service.replace("-", "_"), "export_order", account_id=kari.account_id) == 0


def test_what_a_crash_or_a_restore_takes_of_copies_is_collected_anew(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    asked = [ask(town, ola)["export_id"], ask(town, kari, whose="company")["export_id"]]
    make(town)
    fetched(town, ola, asked[0])
    half = ask(town, ola, kind="portability")["export_id"]
    with answering(town, lambda service: Unavailable(service) if service == "audit" else None):
        make(town)
    for table in ("export_chunk", "export_page", "export_download"):
        town.owners["account"].execute(f"TRUNCATE {table}")  # as PostgreSQL does with unlogged ones
    run(town.exchange.services["account"], "collect_lost_exports")
    assert {shown(town, ola, each)["state"] for each in (asked[0], half)} == {"collecting"}
    town.clock.move(timedelta(minutes=11))
    for _ in range(40):  # also what others had asked for before
        run(town.exchange.services["account"], "collect_exports")
    for person, export_id in ((ola, asked[0]), (kari, asked[1]), (ola, half)):
        with zipfile.ZipFile(io.BytesIO(fetched(town, person, export_id))) as archive:
            assert person.email in archive.read("data.json").decode()
    run(town.exchange.services["account"], "collect_lost_exports")
    assert shown(town, ola, half)["state"] == "ready", "what is whole stays"


def test_no_page_and_no_piece_of_a_copy_is_in_a_backup(lasting_town):
    unlogged = (
        "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r' AND relname LIKE 'export%'"
    )
    found = {name for (name,) in lasting_town.rows("account", unlogged)}
    assert found == {"export_page", "export_chunk", "export_download"}


def test_an_erasure_that_begins_ends_a_copy_that_is_being_made(lasting_town):
    town = lasting_town
    (kari,) = town.company("kari")
    asked = ask(town, kari)["export_id"]
    town.retention.keyring.fence(kari.account_id, kari.user_id, town.clock.now())
    town.settle()
    assert town.count("account", "export", id=asked) == 0


@pytest.mark.clause("RIGHTS-2")
def test_a_copy_goes_straight_to_a_named_receiver_who_gives_a_receipt(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    export_id = UUID(ask(town, ola, kind="portability")["export_id"])
    make(town)
    proof = {"email": ola.email, "password": PASSWORD, "origin": ORIGIN, "export_id": export_id}
    made = town.call("account", "make_transfer", **proof, receiver="Ny Leverandør AS")
    spare = town.call("account", "make_transfer", **proof, receiver="En Annen AS")
    with pytest.raises(NotFound):
        town.call("account", "make_transfer", **proof | {"email": kari.email}, receiver="Ny Leverandør AS")
    file = town.call("account", "fetch_transfer", code=made["code"])
    piece = town.call("account", "read_export", export_id=export_id, token=file["token"], position=0)
    assert hashlib.sha256(base64.b64decode(piece["data"])).hexdigest() == file["sha256"]
    with pytest.raises(Conflict):
        town.call("account", "confirm_transfer", code=made["code"], sha256="00" * 32)
    receipt = town.call("account", "confirm_transfer", code=made["code"], sha256=file["sha256"])
    assert town.call("account", "confirm_transfer", code=made["code"], sha256=file["sha256"]) == receipt
    assert json.loads(receipt["receipt"])["receiver"] == "Ny Leverandør AS"
    own = {"account_id": ola.account_id, "actor": ola.actor}
    town.call("account", "end_transfer", **own, transfer_id=UUID(spare["transfer_id"]))
    for code in (made["code"], spare["code"], "x" * 43):
        with pytest.raises(NotFound):
            town.call("account", "fetch_transfer", code=code)
    listed = town.call("account", "transfers", **own)["transfers"]
    assert [(each["receiver"], each["state"]) for each in listed] == [
        ("En Annen AS", "over"),
        ("Ny Leverandør AS", "received"),
    ]
    told = handed_out(contribution_of(town, "account"), scope_of(ola))["transfers"]
    assert {row["receiver"] for row in told} == {"Ny Leverandør AS", "En Annen AS"}
    assert town.call("account", "transfers", account_id=kari.account_id, actor=kari.actor)["transfers"] == []


def test_a_code_ends_with_the_password_that_was_proved_for_it(lasting_town):
    town = lasting_town
    (ola,) = town.company("ola")
    export_id = UUID(ask(town, ola, kind="portability")["export_id"])
    make(town)
    proof = {"email": ola.email, "password": PASSWORD, "origin": ORIGIN, "export_id": export_id}
    made = town.call("account", "make_transfer", **proof, receiver="Ny Leverandør AS")
    town.clock.move(timedelta(minutes=1))
    town.owners["account"].execute(
        "UPDATE credential SET changed_at = %s WHERE user_id = %s", (town.clock.now(), ola.user_id)
    )
    with pytest.raises(NotFound):
        town.call("account", "fetch_transfer", code=made["code"])


# ── a service of others ───────────────────────────────────────────────────────────────────────────────────────


class Others(Caller):
    """Carries calls to the example, and what it answers back, as the broker would."""

    def call(self, service: str, method: str, *, timeout_seconds: float | None = None, **fields: Any) -> Any:
        try:
            return json.loads(json.dumps(getattr(NOGD, method)(**json.loads(json.dumps(fields, default=str)))))
        except NotOrderedError:
            raise Internal(f"{service}.{method}:NotOrderedError") from None


NOGD = Nogd()


@pytest.mark.clause("RIGHTS-1")
def test_a_service_of_others_contributes_and_is_asked_again_until_it_has_heard_of_the_order(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    NOGD.seats[str(kari.account_id)] = [str(kari.user_id), str(ola.user_id)]
    account = town.exchange.services["account"]
    doors = [feature(account, ExportCollecting), feature(account, Exports)]
    whole = doors[0].means
    for door in doors:
        door.means = replace(whole, outside=("nogd",), outside_caller=Others())
    asked = ask(town, ola)["export_id"]
    company = ask(town, kari, whose="company")["export_id"]
    make(town)
    waiting = shown(town, ola, asked)
    assert {each["name"] for each in waiting["parts"] if not each["done"]} == {"nogd"}
    for export_id, user_id in ((asked, str(ola.user_id)), (company, None)):
        ordered = {"export_id": export_id, "account_id": str(ola.account_id), "user_id": user_id, "kind": "access"}
        NOGD.hear_order({"data": ordered})
    town.clock.move(timedelta(minutes=11))
    town.settle()
    for person, export_id, users in (
        (ola, asked, {str(ola.user_id)}),
        (kari, company, {*map(str, people_of(kari, ola))}),
    ):
        with zipfile.ZipFile(io.BytesIO(fetched(town, person, export_id))) as archive:
            tables = {
                (each["contributor"], each["name"]): each
                for each in json.loads(archive.read("data.json"))["tables"]
            }
        assert {row["user_id"] for row in tables["nogd", "seats"]["rows"]} == users
    NOGD.end_copies(str(ola.account_id), str(ola.user_id))
    for export_id in (asked, company):
        with pytest.raises(NotOrderedError):
            NOGD.export_part(export_id)
    for door in doors:
        door.means = whole


def people_of(*people: Townsfolk) -> Iterator[UUID]:
    return (each.user_id for each in people)


# ── a contributor that cannot be trusted, and a copy that is taken back ───────────────────────────────────────


@contextmanager
def answering(town: Town, instead: Callable[[str], Any]) -> Iterator[None]:
    """Contributors answer for a while what `instead` says, or raises; the rest where it says None."""
    collecting = feature(town.exchange.services["account"], ExportCollecting)
    whole = collecting.means

    class Answering(type(town.exchange)):
        def call(self, service: str, method: str, **rest: Any) -> Any:
            wrong = instead(service) if method == "export_part" else None
            return town.exchange.call(service, method, **rest) if wrong is None else wrong

    collecting.means = replace(whole, caller=Answering())
    try:
        yield
    finally:
        collecting.means = whole


def undone(town: Town, person: Townsfolk, export_id: str) -> set[str]:
    """The parts of a copy that are not there yet."""
    return {each["name"] for each in shown(town, person, export_id)["parts"] if not each["done"]}


def test_one_that_answers_nonsense_spoils_no_copy_and_keeps_no_other_part_waiting(lasting_town):
    town = lasting_town
    (ola,) = town.company("ola")

    def nonsense(service: str) -> Any:
        if service == "audit":
            raise KeyError(ola.email)
        if service == "cases":
            return {
                "page": {"table": "../../x", "nb": "x", "en": "x", "columns": [], "rows": []},
                "following": None,
            }
        if service == "notification":
            raise Restoring(details={"state": "restoring"})
        return None

    asked = ask(town, ola)["export_id"]
    with answering(town, nonsense):
        make(town)
        assert undone(town, ola, asked) == {"audit", "cases", "notification"}
        before = {each["name"]: each["tries"] for each in shown(town, ola, asked)["parts"]}
        town.clock.move(timedelta(minutes=1))
        town.settle()
        assert all(
            each["tries"] > before[each["name"]] for each in shown(town, ola, asked)["parts"] if not each["done"]
        )
    town.clock.move(timedelta(minutes=15))
    town.settle()
    assert shown(town, ola, asked)["state"] == "ready"


def test_one_whose_database_was_set_back_behind_the_order_hears_it_again(lasting_town):
    town = lasting_town
    (ola,) = town.company("ola")
    asked = ask(town, ola)["export_id"]
    town.carry()
    town.owners["audit"].execute("DELETE FROM export_order WHERE export_id = %s", [asked])
    for _ in range(12):
        town.settle()
        town.clock.move(timedelta(minutes=1))
    town.settle()
    assert shown(town, ola, asked)["state"] == "ready"


@pytest.mark.clause("RIGHTS-1")
def test_people_of_a_company_that_was_closed_get_their_own_copy(lasting_town):
    town = lasting_town
    (kari,) = town.company("kari")
    own, company = ask(town, kari)["export_id"], ask(town, kari, whose="company")["export_id"]
    make(town)
    town.call(
        "account", "block_account", account_id=kari.account_id, version=town.version(kari, of_account=True),
        reason="security", actor="staff:kari",
    )  # fmt: skip
    with pytest.raises(Locked):
        opened(town, kari, company)
    fetched(town, kari, own)
    wish = {"email": kari.email, "password": PASSWORD, "origin": ORIGIN}
    assert town.call("account", "request_export_with_password", **wish)["export_id"] == own
    with pytest.raises(Locked):
        town.call("account", "request_export_with_password", **wish, whose="company")


@pytest.mark.clause("RIGHTS-2")
def test_s28_what_a_detector_concluded_is_told_on_access_and_never_taken_along(lasting_town):
    town = lasting_town
    (kari,) = town.company("kari")
    town.settle()
    now = town.clock.now()
    event = AnomalyDetected(
        anomaly_id=new_id(), detector=Code("success_in_cluster"), rule_version=1, window_from=now, window_to=now,
        attempts=9, failures=8, targets=1, networks=1, accounts=1, account_ids=[kari.account_id],
        user_ids=[kari.user_id],
    )  # fmt: skip
    with town.exchange.services["audit"].database.transaction() as tx:
        tx.outbox.add(event, now=town.clock.now())
    town.settle()
    said = {
        kind: json.dumps(
            {name: handed_out(contribution_of(town, name), scope_of(kari, kind)) for name in CONTRIBUTORS}
        )
        for kind in ExportKind
    }
    for conclusion in ("user.login_suspected", "user.reset_required", "reset_required_at"):
        assert conclusion in said[ExportKind.ACCESS]
    for trace in ("suspected", "anomaly", "reset_required", "impossible_travel"):
        assert trace not in said[ExportKind.PORTABILITY]


@pytest.mark.clause("RIGHTS-4", "HOLD-1")
@pytest.mark.parametrize("decision", ["restricted", "held"])
def test_why_a_company_is_held_or_restricted_is_not_told_to_who_works_there(lasting_town, decision):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    if decision == "restricted":
        town.restrict(kari.account_id)
    else:
        town.hold(kari.account_id)
        town.hold(kari.account_id, user_ids=[ola.user_id])
    town.settle()
    table, why = ("restrictions", "ground") if decision == "restricted" else ("holds", "reason")
    own = handed_out(contribution_of(town, "retention"), scope_of(ola))[table]
    assert {row["of_company"] for row in own} == ({True} if decision == "restricted" else {True, False})
    assert {row[why] for row in own} == {None}
    of_company = handed_out(contribution_of(town, "retention"), scope_of(kari, company=True))[table]
    assert all(row[why] for row in of_company)
    said = json.dumps(handed_out(contribution_of(town, "audit"), scope_of(ola))["trail"])
    assert "dispute" not in said


@pytest.mark.clause("RIGHTS-4", "HOLD-1")
@pytest.mark.parametrize("decision", ["restricted", "held"])
def test_a_copy_with_somebody_in_it_who_may_be_in_none_is_withdrawn_and_made_anew(lasting_town, decision):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    asked = ask(town, kari, whose="company")["export_id"]
    make(town)
    file = opened(town, kari, asked)
    if decision == "restricted":
        town.restrict(ola.account_id, ola.user_id)
    else:
        town.hold(ola.account_id, user_ids=[ola.user_id])
    town.carry()
    with pytest.raises(Conflict):
        opened(town, kari, asked)
    with pytest.raises(NotFound):
        town.call("account", "read_export", export_id=UUID(asked), token=file["token"], position=0)
    town.settle()
    town.clock.move(timedelta(minutes=1))  # whoever was asked before the order came is asked again
    town.settle()
    _check_made_anew(town, kari, asked, decision, without=ola)


def _check_made_anew(town: Town, owner: Townsfolk, old: str, because: str, *, without: Townsfolk) -> None:
    found = town.call("account", "exports", account_id=owner.account_id, actor=owner.actor)["exports"]
    (withdrawn,) = (each for each in found if each["export_id"] == old)
    assert (withdrawn["state"], withdrawn["withdrawn_because"]) == ("withdrawn", because)
    (ready,) = (each for each in found if each["state"] == "ready")
    assert ready["asked_at"] == withdrawn["asked_at"]
    with zipfile.ZipFile(io.BytesIO(fetched(town, owner, ready["export_id"]))) as archive:
        data = archive.read("data.json").decode()
    assert owner.email in data
    assert without.email not in data
    assert town.count("account", "export_chunk", export_id=old) == 0


def test_a_copy_with_somebody_in_it_who_is_erased_is_made_anew_once_everybody_has_erased_them(lasting_town):
    town = lasting_town
    kari, ola = town.company("kari", "ola")
    town.call(
        "account", "deactivate_user", account_id=kari.account_id, actor=kari.actor, user_id=ola.user_id,
        version=town.version(ola),
    )  # fmt: skip
    town.settle()
    town.pass_days(88)
    asked = ask(town, kari, whose="company")["export_id"]
    make(town)
    town.pass_days(6)
    assert not town.known(ola)
    _check_made_anew(town, kari, asked, "erased", without=ola)
