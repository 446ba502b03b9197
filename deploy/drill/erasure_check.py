"""After the erasure: is anybody still anywhere? Everything of the drill's system is searched, its raw files too.

The customers that stay are searched for as well: their columns are ciphertext, so in files, write-ahead logs and
backups their values must be as absent as those of the erased. The ids of their accounts are no secret and lie in
all of these: that they are found shows that the search finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import psycopg

from deploy.customers.clients import Vendors
from deploy.drill.environment import Environment
from deploy.drill.scenario import Customer, Scenario
from deploy.provision.search_user import searching
from deploy.residue_search.residue_scan import Report, ResidueScan
from deploy.residue_search.scan_locations import Found
from deploy.residue_search.vendor_residue import held

MUST_SHOW: Final = ("tables of account", "files of db", "backups of data, decrypted")
"""Where the account of somebody who stays is found with certainty."""


@dataclass
class Rediscovery:
    """What one search has shown. Hits tell a place and the number of a value, never the value."""

    report: Report
    values_of_erased: int
    values_of_others: int
    vendors: list[dict[str, Any]]

    def _within(self, first: int, count: int) -> list[Found]:
        return [found for found in self.report.found if first < found.value <= first + count]

    @property
    def of_erased(self) -> list[Found]:
        """Traces of the erased."""
        return self._within(0, self.values_of_erased)

    @property
    def of_others(self) -> list[Found]:
        """Plain values of those that stay, whose columns are ciphertext."""
        return self._within(self.values_of_erased, self.values_of_others)

    @property
    def shown(self) -> list[str]:
        """The places in which the control was found."""
        first = self.values_of_erased + self.values_of_others
        return sorted({found.place for found in self.report.found if found.value > first})

    @property
    def holds(self) -> bool:
        """Whether nothing was found of anybody by a search that went everywhere and can find."""
        return (
            not self.of_erased
            and not self.of_others
            and self.report.complete
            and set(MUST_SHOW) <= set(self.shown)
            and all(each["reason"] != "unexplained" for each in self.vendors)
        )

    def as_dict(self) -> dict[str, Any]:
        """For a program to read."""
        scan = self.report.as_dict()
        return {
            "holds": self.holds,
            "of_erased": {"values": self.values_of_erased, "found": [vars_of(each) for each in self.of_erased]},
            "of_others": {"values": self.values_of_others, "found": [vars_of(each) for each in self.of_others]},
            "control_found_in": self.shown,
            "searched": scan["searched"],
            "seconds": scan["seconds"],
            "vendors": self.vendors,
        }


def vars_of(found: Found) -> dict[str, Any]:
    """A hit as a mapping."""
    return {"place": found.place, "where": found.where, "value": found.value}


def rediscover(environment: Environment, scenario: Scenario) -> Rediscovery:
    """Search the system of the drill, the vendors first: what is asked of them must not be left in our logs."""
    erased = _traces(scenario.erased)
    others = _traces(each for each in scenario.customers if each not in scenario.erased)
    control = [each.account_id for each in scenario.customers if each not in scenario.erased]
    vendors = held(
        Vendors(environment.sandbox), (trace for each in scenario.erased for trace in (each.email, each.name))
    )
    _write_everything(environment)
    values = dict(enumerate([*erased, *others, *control], start=1))
    infrastructure = environment.native.infrastructure
    with searching(infrastructure.secrets_root, infrastructure.broker.management_url) as user:
        settings = replace(environment.settings, raw={**environment.settings.raw, **user})
        report = ResidueScan(settings, values).seek()
    return Rediscovery(report, len(erased), len(others), vendors)


def _traces(customers: Iterable[Customer]) -> list[str]:
    return [trace for customer in customers for trace in customer.traces()]


def _write_everything(environment: Environment) -> None:
    """Let both servers write what they hold in memory to their files."""
    infrastructure = environment.native.infrastructure
    for server in (infrastructure.db, infrastructure.keyring):
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CHECKPOINT")


def tell(title: str, found: Rediscovery) -> None:
    """Print what was searched and found, for a person."""
    print(f"{title}: {len(found.of_erased)} of {found.values_of_erased} values of the erased found, "
          f"{len(found.of_others)} of {found.values_of_others} of those that stay")  # fmt: skip
    for each in found.report.looked:
        missed = "".join(f"; {count} {reason}" for reason, count in each.missed.items())
        print(f"  {each.place:30} {each.things:8,} {each.unit:9} {each.bytes:14,} bytes{missed}")
    for hit in [*found.of_erased, *found.of_others]:
        print(f"  FOUND value {hit.value}: {hit.place}, {hit.where}")
    print(f"  in {sum(found.report.seconds.values()):.0f} s; the same search found accounts that stay in "
          f"{len(found.shown)} places: {', '.join(found.shown)}")  # fmt: skip
    for holding in found.vendors:
        print(f"  still at {holding['vendor']}: {holding['kind']}, {holding['places']} places, because "
              f"{holding['reason']}; until {holding['until']}")  # fmt: skip
