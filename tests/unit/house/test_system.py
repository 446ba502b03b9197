"""The list of services is the system: its folders, its classes, and who takes part in erasures."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from shared import system
from shared.bus import discovery
from shared.bus.declarations import HandlesSpec, specifications
from shared.database.migrate import ROOT
from shared.participation.events import ErasureOrdered

pytestmark = pytest.mark.unit

ABOUT_A_CUSTOMER = re.compile(r"\b(account_id|user_id)\b|'pii:(?!staff\b)")
"""What is kept about the vendor's own people is no customer's, and has an end of its own."""


def test_every_folder_with_migrations_and_every_class_is_a_service_of_the_list() -> None:
    assert {path.parent.name for path in ROOT.glob("services/*/migrations")} == set(system.DATABASES)
    assert [service.name for service in discovery.services()] == sorted(system.SERVICES)


@pytest.mark.clause("ERASE-1")
@pytest.mark.parametrize("service", system.ALL, ids=lambda service: service.name)
def test_who_keeps_something_about_a_customer_takes_part_in_every_erasure(service: system.ServiceSpec) -> None:
    migrations = sorted((ROOT / "services" / service.database / "migrations").glob("*.sql"))
    keeps = any(ABOUT_A_CUSTOMER.search(path.read_text(encoding="utf-8")) for path in migrations)
    assert migrations
    assert service.takes_part == (keeps and service.name != "retention"), "retention orders erasures"


def test_who_takes_part_hears_the_order_to_erase() -> None:
    hearing = {
        service.name
        for service in discovery.services()
        for _, spec in specifications(service)
        if isinstance(spec, HandlesSpec) and spec.event is ErasureOrdered
    }
    assert hearing == set(system.PARTICIPANTS)


def test_a_folder_is_written_by_one_service_alone() -> None:
    written = list(chain.from_iterable(service.writes for service in system.ALL))
    assert len(written) == len(set(written))
