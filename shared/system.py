"""The services of the system, once: databases, roles, secrets, users of the broker and containers follow from it.

`make new-service NAME=…` adds one; `docs/how-to/add-a-service.md` says what else there is to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service with a database of its own."""

    name: str
    """On the wire, at the broker and among the containers, as `billing-sync`."""
    reaches_keyring: bool = False
    """Whether it has a role where the data keys are."""
    calls_vendors: bool = False
    """Whether it may reach the internet."""
    takes_part: bool = True
    """Whether it keeps something about a customer, and so takes part in every erasure."""
    contributes: bool = True
    """Whether it holds something about a customer, and so contributes to every copy of what is held."""
    writes: tuple[str, ...] = ()
    """The folders that it alone writes, besides its database: `ledger` is where `VILKAR_LEDGER_DIR` says."""
    reads: tuple[str, ...] = ()
    """The folders that it reads, besides the ledger, which every service reads."""

    @property
    def database(self) -> str:
        """Its name in Python and SQL: of its folder, database and role, and of its folder of secrets."""
        return self.name.replace("-", "_")


ALL: Final = (
    ServiceSpec(name="account", reaches_keyring=True, calls_vendors=True, reads=("terms",)),
    ServiceSpec(
        name="retention",
        reaches_keyring=True,
        takes_part=False,  # it orders erasures
        writes=("certificates", "ledger", "ledger-copies"),
        reads=("backup-state",),
    ),
    ServiceSpec(name="notification", calls_vendors=True),
    ServiceSpec(name="billing-sync", calls_vendors=True),
    ServiceSpec(name="audit", reaches_keyring=True, writes=("checkpoints",)),
    ServiceSpec(name="staff", takes_part=False, contributes=False),
    ServiceSpec(name="cases"),
    ServiceSpec(name="registers"),
)
"""In the order in which an upgrade starts them anew: who answers calls before who makes them."""

VIRTUAL_HOST: Final = "vilkar"
"""Where the system is at its broker."""
SERVICES: Final = tuple(service.name for service in ALL)
"""The wire names of the services that own a database: they publish, hear and answer."""
PARTICIPANTS: Final = tuple(sorted(service.name for service in ALL if service.takes_part))
"""Who takes part in every erasure. An outside service joins by its wire name in VILKAR_ERASURE_PARTICIPANTS."""
CONTRIBUTORS: Final = tuple(sorted(service.name for service in ALL if service.contributes))
"""Who contributes to every copy of what is held on somebody."""
DATABASES: Final = tuple(service.database for service in ALL)
"""The databases of the services, each with a role of the same name."""
ALL_DATABASES: Final = (*DATABASES, "keyring")
"""With that of the data keys, which lies on a PostgreSQL instance of its own."""
KEYRING_ROLES: Final = tuple(service.database for service in ALL if service.reaches_keyring)
"""The services that reach that instance, by their roles."""
BUS_PROCESSES: Final = (*DATABASES, "gateway", "relay", "desk")
"""The processes that log in at the broker, by their folders of secrets; each is a user with its wire name."""


def folder_setting(folder: str) -> str:
    """The setting that says where a folder is."""
    return f"VILKAR_{folder.replace('-', '_').upper()}_DIR"


def wire_name(process: str) -> str:
    """The name on the wire, and at the broker, of the process whose folder is `process`."""
    return process.replace("_", "-")
