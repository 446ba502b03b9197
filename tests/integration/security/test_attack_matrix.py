"""Every process's credentials against everything there is: what no program needs is refused.

`make attack-matrix` writes what was tried and what was allowed to a page for a person.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.bus import topology
from shared.bus.actors import may_claim
from shared.system import ALL_DATABASES, DATABASES, KEYRING_ROLES
from tests.integration.security import attack_matrix as attacks
from tests.integration.security.attack_matrix import Attempt, Matrix
from tests.integration.security.test_broker_rights import OUTSIDER, USERS, log_in, walled

__all__ = ["log_in", "walled"]

pytestmark = pytest.mark.integration

ACTORS = ("user:<id>", "staff:<code>", "system", "public")
SPOKEN_FOR = {"gateway": {"user:<id>", "public"}, "desk": {"staff:<code>"}}
TRIED_OF_A_KIND = 4
"""So many of each act that should be allowed, and of each that should be refused, each user really tries. All
others are looked up in the rights that the broker holds."""
READS_ALL = ("desk", "backup")


@pytest.fixture(scope="module")
def page():
    """Parts of the page, written at the end where somebody wants it."""
    parts: list[str] = []
    yield parts
    wanted = os.environ.get("VILKAR_ATTACK_MATRIX")
    if wanted:
        Path(wanted).parent.mkdir(parents=True, exist_ok=True)
        Path(wanted).write_text("\n".join(["# What each process can do with its credentials", "", *parts]))


def test_at_the_broker_everything_that_no_program_needs_is_refused(walled, log_in, page):
    system = topology.of_this_system(outside=(OUTSIDER,))
    bus = attacks.Bus(system, {user: str(uuid4()) for user in USERS}, str(uuid4()), (OUTSIDER,))
    for user in USERS:
        if user != "relay":
            with log_in(user).channel() as channel:
                channel.queue_declare(
                    bus.reply_queue(user), durable=True, auto_delete=False, arguments={"x-expires": 600_000}
                )
    needed = attacks.needs(bus)

    holds = attacks.held(walled.infrastructure.broker.call, walled.vhost)
    matrix, surprises = Matrix(needed=needed), []
    for user in USERS:
        own = {each.thing for each in needed if each.user == user and each.act == "declare"}
        plan = list(attacks.attempts(user, bus, own))
        foreseen = {Attempt(user, act, thing): holds[user].may(act, thing) for act, thing, _ in plan}
        matrix.allowed |= foreseen
        attacker, counted = attacks.Attacker(log_in(user)), Counter()
        for act, thing, how in spread(plan):
            foresaw = foreseen[Attempt(user, act, thing)]
            counted[act, foresaw] += 1
            if counted[act, foresaw] <= TRIED_OF_A_KIND and attacker.may(how) != foresaw:
                surprises.append(f"{user} {act} {thing}: the rights say {foresaw}")
    page.append(matrix.page("Broker"))
    assert len(matrix.allowed) > 3000
    assert matrix.wrong() == []
    assert surprises == [], "the broker does otherwise than the rights it holds say"


def spread(plan: list[Any]) -> list[Any]:
    """The same in another order, each time the same: not the first few of a kind are tried, but any."""
    return sorted(plan, key=lambda each: sha256(f"{each[0]} {each[1]}".encode()).digest())


def test_nobody_speaks_for_whom_it_may_not(page):
    matrix = Matrix()
    for user in ("", *USERS, OUTSIDER):
        speaks_for = SPOKEN_FOR.get(user, {"public"} if user == "" else {"system"})
        for actor in ACTORS:
            attempt = Attempt(user or "(no user_id)", "claim to be", actor)
            matrix.allowed[attempt] = may_claim(user, actor)
            if actor in speaks_for:
                matrix.needed.add(attempt)
    page.append(matrix.page("Who acts in a call"))
    assert matrix.wrong() == []


def test_in_the_databases_everything_that_no_program_needs_is_refused(databases, keyring_database, page):
    matrix = Matrix()
    for database in ALL_DATABASES:
        access = keyring_database if database == "keyring" else databases
        for role in (*DATABASES, "relay", "desk", "backup", *only_at(database)):
            if dsn := dsn_of(access, role, database):
                matrix.allowed |= dict(attacks.tried(role, database, dsn))
    matrix.needed = {
        attempt
        for attempt in matrix.allowed
        if needed_in_a_database(attempt) or (attempt.user, attempt.act, attempt.thing) in BEFORE_AN_UPGRADE
    }
    page.append(matrix.page("Databases"))
    too_much = matrix.too_much()
    assert too_much == [], "\n".join(too_much)


def only_at(database):
    return ("keyring_keeper",) if database == "keyring" else ("adminer",)


def dsn_of(access, role, database):
    """The role's address of this database; None where it has no role there."""
    if role == "adminer":
        return access.dsn(role, database=database)
    name = "keyring_password" if database == "keyring" else "db_password"
    file = access.infrastructure.secrets_root / role / name
    return access.server.dsn(access.name(database), role, file.read_text().strip()) if file.exists() else None


SHARED = attacks.statements([attacks.ROOT / "shared"])
KEYRING = attacks.statements([attacks.ROOT / "shared/privacy"])
RELAY = attacks.statements(list((attacks.ROOT / "shared/bus").glob("relay*")))
PROGRAMS = {name: attacks.statements([attacks.ROOT / "services" / name]) + SHARED for name in DATABASES}


BEFORE_AN_UPGRADE = {("audit", "UPDATE", "audit.erasure_step")}
"""What only a process from before the last upgrade does, beside those that have replaced it."""

RESEALED = {
    name: "".join(
        text
        for file in sorted((attacks.ROOT / "services" / name).rglob("*.py"))
        if "SealedTable(" in (text := file.read_text(encoding="utf-8"))
    )
    for name in DATABASES
}


LOCKS = re.compile(r"\bpg_(?:try_)?advisory_[a-z_]+(?=\()")


def needed_in_a_database(attempt: Attempt) -> bool:
    """What the statements of the role's program show that it needs."""
    role, act = attempt.user, attempt.act
    database, _, table = attempt.thing.partition(".")
    if act in ("connect to", "become adminer"):
        # A reader of one database is a member of the role that has the rights.
        return role in (enters(database) if act == "connect to" else {"adminer"})
    if act == "become pg_read_all_data" or (table and act == "SELECT" and role in READS_ALL):
        return role in READS_ALL and (table != "" or role == "backup")
    text = program_of(role, database)
    if act == "call" and (database, table) == ("keyring", "pg_advisory_xact_lock_shared"):
        return role in {"account", "keyring_keeper"}  # by the trigger on the keys that they write
    if act == "call":
        return table in locks_in(text)
    if act == "UPDATE" and role == database and f'"{table}"' in RESEALED.get(role, ""):
        return True  # its rows are sealed anew, by a statement that is made for each table
    return table in text if act == "SELECT" else act in attacks.WRITES and table in attacks.written(text, act)


@cache
def locks_in(text: str) -> frozenset[str]:
    """The locks that a program's statements take; read once, for it is asked for each function."""
    return frozenset(LOCKS.findall(text))


def enters(database: str) -> set[str]:
    if database == "keyring":
        return {*KEYRING_ROLES, "desk", "backup", "keyring_keeper"}
    return {database, "relay", "desk", "backup", "adminer"}


def program_of(role: str, database: str) -> str:
    """The statements that a role runs in a database."""
    if role in READS_ALL:
        return ""
    if database == "keyring":
        return KEYRING
    return RELAY if role == "relay" else PROGRAMS[role] if role == database else ""
