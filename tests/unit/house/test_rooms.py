"""Every service is composed of features, whose rooms hold the same things; names say what is inside."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from shared.bus import discovery
from shared.bus.declarations import specifications
from shared.participation.exporting import Exporting
from shared.participation.feature import Participation
from shared.system import DATABASES, wire_name
from shared.terms.rule_discovery import rule_modules

pytestmark = pytest.mark.unit

ROOT = Path(__file__).resolve().parents[3]

OF_A_SERVICE = {"README.md", "__init__.py", "__main__.py", "service.py", "migrations"}
OF_A_ROOM = {
    "__init__.py",
    "events.py",
    "calls.py",
    "values.py",
    "rules.py",
    "store.py",
    "queries.sql",
    "feature.py",
}
OF_ALL_SERVICES = {Participation.__module__, Exporting.__module__}
"""Where features stand that services have in common."""
OUTSIDE_ROOMS = {"migrations", "__pycache__"}
MEETING = {"events", "calls", "values"}
"""All that a feature may import of another one; a room without `feature.py` is there for all of its service."""

TERMS: dict[str, set[str]] = {
    "account": {
        "accounts/publishing.py",
        "authentication/password_hashing.py",
        "authentication/credentials.py",
        "authorisation/access.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "exports/contributed.py",
        "exports/means.py",
        "exports/ordering.py",
        "exports/package.py",
        "exports/proof.py",
        "exports/readable.py",
        "exports/sealed_copies.py",
        "exports/words.py",
        "field_encryption/sealing.py",
        "fields/kinds.py",
        "passwords/common_passwords.py",
        "passwords/data",
        "reencryption/tables.py",
        "register/business_register.py",
        "restore/facts.py",
        "takeover/facts.py",
        "tickets/issuing.py",
        "tickets/link_endings.py",
        "tickets/redeeming.py",
    },
    "audit": {
        "anomalies/places.py",
        "checkpoints/chain.py",
        "checkpoints/file.py",
        "checkpoints/signing.py",
        "checkpoints/tree.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "findings/telling.py",
        "verification/__main__.py",
        "verification/reader.py",
        "verification/verifier.py",
    },
    "billing_sync": {
        "customers/copying.py",
        "erasure/minimising.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "tripletex/responses.py",
        "tripletex/client.py",
    },
    "registers": {
        "engine/facts.py",
        "engine/publishing.py",
        "engine/showing.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "kinds/duty_rota.py",
        "kinds/letter_class.py",
        "kinds/mandate.py",
        "kinds/processor_purpose.py",
        "kinds/security_notice_agreement.py",
        "kinds/table.py",
    },
    "cases": {
        "effects/announce_breach.py",
        "effects/executor.py",
        "affected/facts.py",
        "intake/facts.py",
        "notices/facts.py",
        "restore/additions.py",
        "restore/facts.py",
        "restore/in_order.py",
        "severity/facts.py",
        "costs/facts.py",
        "engine/opening.py",
        "engine/registers.py",
        "engine/subject_check.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "kinds/alarm.py",
        "kinds/breach.py",
        "disputes/facts.py",
        "kinds/contact_failure.py",
        "kinds/dispute.py",
        "kinds/complaint.py",
        "kinds/enquiry.py",
        "kinds/forwarded_request.py",
        "kinds/incident.py",
        "kinds/marketing_objection.py",
        "kinds/nonconformity.py",
        "kinds/rights_request.py",
        "kinds/security_notice.py",
        "rights_requests/write_requester.py",
        "nonconformities/answer_customer.py",
        "kinds/table.py",
        "notices/order_letters.py",
    },
    "notification": {
        "duty_alerts/hook.py",
        "inbound_mail/form.py",
        "erasure/participant.py",
        "exporting/tables.py",
        "letter_lifecycle/facts.py",
        "letter_lifecycle/lifecycle.py",
        "letters/figures.py",
        "letters/kinds.py",
        "letters/notice_words.py",
        "letters/rendering.py",
        "letters/templates",
        "mailgun/client.py",
        "mailgun/vendor_events.py",
        "preferences/facts.py",
        "recipients/lookup.py",
    },
    "retention": {
        "certificates/archive.py",
        "certificates/format.py",
        "certificates/signing.py",
        "clocks/facts.py",
        "clocks/missing_clocks.py",
        "clocks/planning.py",
        "early_erasure/facts.py",
        "early_erasure/outcome.py",
        "erasure/due_dates.py",
        "erasure/event_ids.py",
        "erasure/standing.py",
        "execution/erasure_process.py",
        "execution/facts.py",
        "exporting/tables.py",
        "holds/facts.py",
        "ledger/facts.py",
        "maintenance/orphaned_keys.py",
        "restrictions/facts.py",
    },
    "staff": {
        "approvals/facts.py",
        "authentication/attempts.py",
        "authentication/proving.py",
        "database_access/facts.py",
        "first_administrators/invitation.py",
        "grants/facts.py",
        "machine_doors/facts.py",
        "machine_doors/noted.py",
        "passkeys/facts.py",
        "people/facts.py",
        "prerequisites/facts.py",
        "prerequisites/recording.py",
        "prerequisites/texts",
        "prerequisites/undertaking.py",
        "recovery/facts.py",
    },
}
"""What else lies in the rooms of a service (`room/file`): one more thing of substance, under its own name."""
BANNED_NAMES = re.compile(r"(utils?|helpers?|common|misc|models|views|base)\.py")
WORKPLACE = re.compile(
    r"/work/|/root/|\.library/|pypi\.org|files\.pythonhosted|deb\.debian\.org|registry\.npmjs", re.IGNORECASE
)


def tracked(*patterns: str) -> list[Path]:
    """The files of the project of these kinds."""
    return list(_tracked(patterns))


@cache
def _tracked(patterns: tuple[str, ...]) -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True, text=True
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    assert files, f"a guard that watches nothing: {patterns}"
    return tuple(path for path in files if path.exists())


def rooms_of(service: str) -> list[Path]:
    folder = ROOT / "services" / service
    return [path for path in sorted(folder.iterdir()) if path.is_dir() and path.name not in OUTSIDE_ROOMS]


@pytest.mark.parametrize("service", DATABASES)
def test_a_service_consists_of_rooms_and_its_composition(service: str) -> None:
    rooms = rooms_of(service)
    present = {path.name for path in (ROOT / "services" / service).iterdir()} - {"__pycache__"}
    assert present - {room.name for room in rooms} == OF_A_SERVICE
    assert any((room / "feature.py").exists() for room in rooms)


@pytest.mark.parametrize("service", DATABASES)
def test_a_room_holds_what_every_room_may_hold_and_few_other_things(service: str) -> None:
    others = {
        f"{room.name}/{path.name}"
        for room in rooms_of(service)
        for path in room.iterdir()
        if path.name not in OF_A_ROOM | {"__pycache__"}
    }
    assert others == TERMS.get(service, set())


def test_no_two_files_of_tests_have_one_name() -> None:
    """Pytest imports them by their name alone: of two, the one that a run meets second is not run."""
    names = Counter(path.name for path in tracked("tests/*.py") if path.name.startswith("test_"))
    assert [name for name, count in names.items() if count > 1] == []


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Every module, or name of one, that is imported when this is run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{each.name}" for each in node.names)
        yield from imports_of(node)


@pytest.mark.parametrize("service", DATABASES)
def test_features_of_one_service_meet_at_values_events_and_calls(service: str) -> None:
    features = {room.name for room in rooms_of(service) if (room / "feature.py").exists()}
    wrong = []
    for room in rooms_of(service):
        for path in sorted(room.rglob("*.py")):
            for name in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
                parts = [*name.split("."), "", ""]
                if parts[:2] != ["services", service] or parts[2] == room.name:
                    continue
                if parts[2] not in features and parts[2] != "service":
                    continue
                if parts[3] not in MEETING:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("service", DATABASES)
def test_a_service_lists_its_features_and_declares_nothing_itself(service: str) -> None:
    (kind,) = (each for each in discovery.services() if each.name == wire_name(service))
    assert {each.__module__ for each in kind.made_of} - OF_ALL_SERVICES == {
        f"services.{service}.{room.name}.feature" for room in rooms_of(service) if (room / "feature.py").exists()
    }
    of_features = [each for feature in kind.made_of for each in specifications(feature)]
    assert list(specifications(kind)) == of_features


def test_every_rule_stands_in_a_room_that_is_kept_pure() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    pure = set(settings["importlinter:contract:pure"]["source_modules"].split())
    rules = [name for name in rule_modules() if name.startswith("services.")]
    assert rules
    assert [name for name in rules if not {name, f"services.**.{name.rpartition('.')[2]}"} & pure] == []


def test_no_file_has_a_name_that_cannot_refuse_anything() -> None:
    assert [path.name for path in tracked("*.py") if BANNED_NAMES.fullmatch(path.name)] == []


ROOM_ROW = re.compile(r"^\| ((?:`\w+/?` ?)+)\|", re.MULTILINE)
"""A row of the README's first table: one room, or several that belong together."""


@pytest.mark.parametrize("service", DATABASES)
def test_readme_of_each_service_lists_its_rooms(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    listed = [room for row in ROOM_ROW.findall(page) for room in re.findall(r"\w+", row)]
    assert sorted(listed) == [room.name for room in rooms_of(service)]


@pytest.mark.parametrize("service", DATABASES)
def test_readme_of_each_service_names_its_tables(service: str) -> None:
    page = (ROOT / "services" / service / "README.md").read_text(encoding="utf-8")
    tables: set[str] = set()
    for path in sorted((ROOT / "services" / service / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        tables = (tables | set(re.findall(r"CREATE (?:UNLOGGED )?TABLE (\w+)", text))) - set(
            re.findall(r"DROP TABLE (\w+)", text)
        )
    assert tables
    assert sorted(table for table in tables if not re.search(rf"\b{table}\b", page)) == []


def test_every_shared_room_but_the_bus_is_kept_from_the_bus_libraries() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / ".importlinter")
    guarded = set(settings["importlinter:contract:nameko"]["source_modules"].split())
    rooms = {
        f"shared.{path.relative_to(ROOT / 'shared').parts[0].removesuffix('.py')}"
        for path in tracked("shared/*.py")
    }
    assert rooms - guarded == {"shared.__init__", "shared.bus"}


def test_the_project_speaks_of_itself_alone() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".png"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in WORKPLACE.finditer(text)]
    assert found == []


def test_only_the_clock_reads_a_clock() -> None:
    allowed = {ROOT / "shared/clock.py"}
    found = []
    for path in tracked("shared/*.py", "services/*.py"):
        if path in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in {"utcnow", "today"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"datetime.now", "time.time"}:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


OF_OLDER_PROCESSES = re.compile(r"SET DEFAULT now\(\)")
"""Processes from before an upgrade do not name an instant that they know nothing of."""


def test_sql_takes_the_instant_as_a_parameter() -> None:
    clocks = re.compile(
        r"\b(now|clock_timestamp|statement_timestamp|localtimestamp)\s*\(|\bcurrent_(timestamp|date)\b",
        re.IGNORECASE,
    )
    found = [
        f"{path.relative_to(ROOT)}: {hit.group()}"
        for path in tracked("services/*.sql", "shared/*.sql")
        for hit in clocks.finditer(
            OF_OLDER_PROCESSES.sub("", re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
        )
    ]
    assert found == []


def test_nobody_imports_a_mock() -> None:
    assert [
        p for p in tracked("*.py") if p != Path(__file__) and "unittest.mock" in p.read_text(encoding="utf-8")
    ] == []
