"""The list of services is the system: its folders, its classes, and who takes part in erasures."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest

from shared import system
from shared.bus import discovery
from shared.bus.declarations import HandlesSpec, specifications
from shared.database.migrate import ROOT
from shared.participation.events import ErasureOrdered

pytestmark = pytest.mark.unit

ONE_NUMBER = {"database/0003", "notification/0010"}
"""Two each that came at once, of which neither needs the other. What was applied keeps its name."""
ABOUT_A_CUSTOMER = re.compile(r"\b(account_id|user_id)\b|'pii:(?!staff\b)")
"""What is kept about the vendor's own people is no customer's, and has an end of its own."""
LABEL = re.compile(r"COMMENT ON COLUMN (\w+)\.\w+ IS\s+'(pii:(?:[^']|'')*)'")
PASSING = re.compile(r"erased: row deleted .*\b(an hour|a minute)\b")
"""What is gone within the hour by itself no erasure has to look for: there are days from its order to its end."""


def lasting(sql: str) -> str:
    """The statements but for those about tables of which all that is personal is gone within the hour."""
    labels: dict[str, list[str]] = {}
    for table, label in LABEL.findall(sql):
        labels.setdefault(table, []).append(label)
    passing = [table for table, said in labels.items() if all(map(PASSING.search, said))]
    statements = sql.split(";\n")
    return ";\n".join(
        each
        for each in statements
        if not any(re.search(rf"\b(?:TABLE|COLUMN|ON) {table}\b", each) for table in passing)
    )


def test_every_folder_with_migrations_and_every_class_is_a_service_of_the_list() -> None:
    assert {path.parent.name for path in ROOT.glob("services/*/migrations")} == set(system.DATABASES)
    assert [service.name for service in discovery.services()] == sorted(system.SERVICES)


def test_the_number_of_a_migration_says_which_comes_first() -> None:
    folders = [*ROOT.glob("services/*/migrations"), ROOT / "shared/database/migrations"]
    files = [path for folder in folders for path in folder.glob("*.sql")]
    numbers = Counter(f"{path.parents[1].name}/{path.name[:4]}" for path in files)
    assert {each for each, count in numbers.items() if count > 1} == ONE_NUMBER


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("service", system.ALL, ids=lambda service: service.name)
def test_who_keeps_something_about_a_customer_takes_part_in_every_erasure(service: system.ServiceSpec) -> None:
    migrations = sorted((ROOT / "services" / service.database / "migrations").glob("*.sql"))
    keeps = any(ABOUT_A_CUSTOMER.search(lasting(path.read_text(encoding="utf-8"))) for path in migrations)
    assert migrations
    assert service.takes_part == (keeps and service.name != "retention"), "retention orders erasures"


HANDS_OUT_NOTHING: dict[str, dict[str, str]] = {
    "staff": {
        "reading": "whom staff looked at, for a minute until the trail has it, which tells of the look",
        "role_grant": "for which companies a role was given: about the staff, and told to nobody (CJEU C-579/21)",
        "approval": "what two persons were asked to sign, with ids alone; what came of it is told where it was",
    },
}
"""Tables of services that are in no copy which name a customer or somebody there, each with the reason."""
NAMES_A_CUSTOMER = re.compile(r"^    (account_ids?|user_ids?|document)\b", re.MULTILINE)
NAMES_ONE_SINCE = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (?:account_ids?|user_ids?)\b")


@pytest.mark.clause("RIGHTS-1")
@pytest.mark.parametrize(
    "service", [each for each in system.ALL if not each.contributes], ids=lambda each: each.name
)
def test_who_hands_out_nothing_names_no_customer_or_says_why(service: system.ServiceSpec) -> None:
    names: set[str] = set()
    for path in sorted((ROOT / "services" / service.database / "migrations").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        made = re.findall(r"CREATE (?:UNLOGGED )?TABLE (\w+) \((.*?)\n\);", text, re.DOTALL)
        names |= {table for table, body in made if NAMES_A_CUSTOMER.search(body)} | set(
            NAMES_ONE_SINCE.findall(text)
        )
    assert names == HANDS_OUT_NOTHING.get(service.name, {}).keys()


def test_a_table_that_keeps_anything_longer_than_an_hour_is_looked_at_whole() -> None:
    of_an_hour = (
        "CREATE TABLE form (\n  account_id uuid\n);\n"
        "COMMENT ON COLUMN form.account_id IS 'pii:pseudonym; erased: row deleted after an hour';\n"
    )
    assert not ABOUT_A_CUSTOMER.search(lasting(of_an_hour))
    lasts = of_an_hour + "COMMENT ON COLUMN form.name IS 'pii:name; erased: row deleted at erasure.ordered';\n"
    assert ABOUT_A_CUSTOMER.search(lasting(lasts))
    assert ABOUT_A_CUSTOMER.search(lasting(of_an_hour.replace("COLUMN form.", "COLUMN other.")))


def test_who_takes_part_or_hands_out_copies_hears_the_order_to_erase() -> None:
    hearing = {
        service.name
        for service in discovery.services()
        for _, spec in specifications(service)
        if isinstance(spec, HandlesSpec) and spec.event is ErasureOrdered
    }
    assert hearing == {*system.PARTICIPANTS, *system.CONTRIBUTORS}


def test_a_folder_is_written_by_one_service_alone() -> None:
    written = list(chain.from_iterable(service.writes for service in system.ALL))
    assert len(written) == len(set(written))
