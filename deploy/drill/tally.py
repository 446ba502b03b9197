"""Who came back with the backup and what was lost with it: counted in the databases, as their superuser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deploy.drill.environment import Environment
from deploy.drill.scenario import Customer, Scenario

OF_ACCOUNTS: Final = {
    "account": ("account_user", "session", "login_attempt", "ticket", "agreement"),
    "notification": ("letter", "mailing", "suppression", "opt_out"),
    "audit": ("login_event", "subject_link"),
}


@dataclass
class Lost:
    """What a restore must not do to anybody; all of it 0 where it did not."""

    resurrected: int = 0
    objections: int = 0
    restrictions: int = 0
    holds: int = 0
    corrections: int = 0
    keys: int = 0
    certificates: int = 0


def count(environment: Environment, scenario: Scenario) -> Lost:
    """Look at the restored system."""
    return Lost(
        resurrected=_resurrected(environment, scenario),
        objections=_missing(
            environment, "notification", "SELECT DISTINCT account_id FROM opt_out", scenario.objecting
        ),
        restrictions=_unrestricted(environment, scenario.restricted, "restriction"),
        holds=_unrestricted(environment, scenario.held, "hold"),
        corrections=_missing(
            environment, "account", "SELECT DISTINCT account_id FROM lost_correction", scenario.correcting
        ),
        keys=_usable_keys(environment, scenario),
        certificates=_certificates_lost(environment, scenario),
    )


def _ids(customers: list[Customer]) -> list[str]:
    return [customer.account_id for customer in customers]


def _resurrected(environment: Environment, scenario: Scenario) -> int:
    """How many of the erased have a row somewhere, apart from the links by which they are minimised just now."""
    back: set[str] = set()
    ids = _ids(scenario.erased)
    for database, tables in OF_ACCOUNTS.items():
        for table in tables:
            query = f"SELECT DISTINCT account_id FROM {table} WHERE account_id = ANY(%s::uuid[])"  # noqa: S608
            back |= {str(account_id) for (account_id,) in environment.rows(database, query, ids)}
    back |= {
        str(account_id)
        for (account_id,) in environment.rows("account", "SELECT id FROM account WHERE id = ANY(%s::uuid[])", ids)
    }
    linked = (
        "SELECT account_id FROM customer_link WHERE state = 'linked' AND account_id = ANY(%s::uuid[]) "
        "UNION SELECT account_id FROM contact_link WHERE account_id = ANY(%s::uuid[])"
    )
    jobs = "SELECT account_id FROM job WHERE kind = 'minimise' AND account_id = ANY(%s::uuid[])"
    minimising = {str(account_id) for (account_id,) in environment.rows("billing_sync", jobs, ids)}
    copied = {str(account_id) for (account_id,) in environment.rows("billing_sync", linked, ids, ids)}
    return len(back | (copied - minimising))


def _missing(environment: Environment, database: str, query: str, customers: list[Customer]) -> int:
    present = {str(account_id) for (account_id,) in environment.rows(database, query)}
    return len(set(_ids(customers)) - present)


def _unrestricted(environment: Environment, customers: list[Customer], kind: str) -> int:
    """How many lack the row at retention, or the mark in a service that has to heed it."""
    over = "released_at" if kind == "hold" else "lifted_at"
    restricted = {
        str(account_id)
        for (account_id,) in environment.rows("retention", f"SELECT account_id FROM {kind} WHERE {over} IS NULL")  # noqa: S608
    }
    for database in ("account", "notification", "billing_sync"):
        query = "SELECT DISTINCT account_id FROM restricted WHERE kind = %s"
        restricted &= {str(account_id) for (account_id,) in environment.rows(database, query, kind)}
    return len(set(_ids(customers)) - restricted)


def _usable_keys(environment: Environment, scenario: Scenario) -> int:
    query = "SELECT count(*) FROM data_key WHERE state <> 'destroyed' AND account_id = ANY(%s::uuid[])"
    ((usable,),) = environment.rows("keyring", query, _ids(scenario.erased))
    return int(usable)


def _certificates_lost(environment: Environment, scenario: Scenario) -> int:
    """Of those in the archive, how many the table lacks or has otherwise."""
    archive = (environment.home / "state/certificates/certificates.jsonl").read_text().splitlines()
    table = {document for (document,) in environment.rows("retention", "SELECT document FROM certificate")}
    return len(set(archive) - table) + max(0, len(scenario.erased) - len(archive))
