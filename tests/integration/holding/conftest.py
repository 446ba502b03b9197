from __future__ import annotations

import os
import random
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from town import Exchange, Town

from sandbox import server as sandbox_server
from sandbox.settings import DEFAULT_KEYS
from services.account.authentication.password_hashing import PasswordHashing
from services.account.field_encryption.sealing import Sealing
from services.account.register.business_register import BusinessRegister
from services.account.service import AccountService
from services.audit.checkpoints.file import CheckpointFile
from services.audit.service import Audit
from services.billing_sync.service import BillingSync
from services.billing_sync.tripletex.client import Tripletex
from services.cases.service import Cases
from services.notification.letters.rendering import Renderer
from services.notification.mailgun.client import Mailgun
from services.notification.service import NotificationService
from services.registers.service import Registers
from services.retention.certificates.archive import CertificateArchive
from services.retention.service import Retention
from services.staff.service import Staff
from shared import vendor_imprint
from shared.clock import FixedClock
from shared.config import load
from shared.database import Database
from shared.privacy import Keyring, Vault
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey
from shared.system import CONTRIBUTORS, DATABASES
from tests import staff_statements
from tests.integration.staff.colleague import PARTY
from tests.plugins.account_world import INDEX, KEK
from tests.plugins.exporting import EXPORTING
from tests.unit.audit.audit_samples import SIGNER

IMPRINT = vendor_imprint.read(load({"VILKAR_ENVIRONMENT": "test"}))

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
CERTIFICATE_KEY = SigningKey(os.urandom(32))
LEDGER_KEY = SigningKey(os.urandom(32))


@pytest.fixture(scope="module")
def plots(databases, keyring_database) -> Iterator[tuple[dict, dict, dict]]:
    """The databases as each service sees them, the keyring as each role does, and the databases' owners."""
    opened = {name: Database(databases.dsn(name), source=name.replace("_", "-"), size=8) for name in DATABASES}
    rings = {
        role: Keyring(keyring_database.dsn(role), kek=None if role == "retention" else KEK, size=4)
        for role in ("account", "retention", "audit")
    }
    for each in (*opened.values(), *rings.values()):
        each.open()
    owners = {name: psycopg.connect(databases.owner_dsn(name), autocommit=True) for name in DATABASES}
    yield opened, rings, owners
    for each in (*opened.values(), *rings.values(), *owners.values()):
        each.close()


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory) -> CheckpointFile:
    """One file for all tests of the module, because a trail cannot be emptied."""
    return CheckpointFile(tmp_path_factory.mktemp("audit") / "checkpoints.jsonl")


@pytest.fixture
def town(plots, checkpoints, tmp_path) -> Iterator[Town]:
    with founded(plots, checkpoints, tmp_path) as town:
        yield town


@pytest.fixture(scope="module")
def lasting_town(plots, checkpoints, tmp_path_factory) -> Iterator[Town]:
    """One for all tests of a module that have companies of their own."""
    with founded(plots, checkpoints, tmp_path_factory.mktemp("town")) as town:
        yield town


@contextmanager
def founded(plots, checkpoints: CheckpointFile, folder: Path) -> Iterator[Town]:
    databases, rings, owners = plots
    _sweep(owners)
    clock = FixedClock(START)
    sandbox = sandbox_server.start(port=0, clock=clock)
    exchange = Exchange()
    parts = {name: {"database": databases[name], "clock": clock} for name in DATABASES}
    tripletex = Tripletex(
        sandbox.tripletex_url,
        consumer_token=DEFAULT_KEYS["tripletex_consumer_token"],
        employee_token=DEFAULT_KEYS["tripletex_employee_token"],
        now=clock.now,
    )
    sealing = Sealing(Vault(rings["account"]), INDEX)
    sealing.prepare(START)
    exchange.services = {
        "account": AccountService(
            **parts["account"],
            sealing=sealing,
            hashing=PasswordHashing(memory_kib=64, passes=1),
            register=BusinessRegister(sandbox.register_url),
            exporting=replace(EXPORTING, caller=exchange, contributors=CONTRIBUTORS),
        ),
        "retention": _retention(parts["retention"], exchange, rings["retention"], folder),
        "notification": _notification(parts["notification"], exchange, sandbox.mailgun_url),
        "billing-sync": BillingSync(
            **parts["billing_sync"],
            caller=exchange,
            tripletex=tripletex,
            hash_key=b"k" * 32,
        ),
        "audit": Audit(
            **parts["audit"],
            caller=exchange,
            vault=Vault(rings["audit"]),
            index=INDEX,
            signer=SIGNER,
            public_keys=[SIGNER.public],
            outside=checkpoints,
        ),
        "staff": Staff(
            **parts["staff"],
            party=PARTY,
            software_keys=True,
            signer=staff_statements.SIGNER,
            ledger_keys=[LEDGER_KEY.public],
            spent_codes=INDEX,
        ),
        "cases": Cases(**parts["cases"], caller=exchange),
        "registers": Registers(**parts["registers"], caller=exchange),
    }
    town = Town(
        exchange=exchange,
        clock=clock,
        owners=owners,
        keys=rings["account"],
        sandbox=sandbox,
        tripletex=tripletex,
        signing_key=CERTIFICATE_KEY,
        chance=random.Random(17),  # noqa: S311  # the order of delivery, the same in every run
    )
    for name in ("cases", "notification"):
        owners[name].execute("UPDATE ledger_position SET position = NULL, hash = NULL, recorded_at = NULL")
        town.restored(name)
    town.carry()
    try:
        yield town
    finally:
        sandbox.stop()


def _sweep(owners: dict[str, psycopg.Connection]) -> None:
    """Start with empty streets; the trail cannot be emptied and is not looked at."""
    for name, owner in owners.items():
        tables = owner.execute(
            "SELECT string_agg(quote_ident(table_name), ', ') FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN"
            " ('migration', 'ledger_position', 'provider_budget', 'trail', 'tree_node', 'checkpoint')"
        ).fetchone()[0]
        owner.execute(f"TRUNCATE {tables} CASCADE")
        if name == "notification":
            owner.execute("UPDATE provider_budget SET tokens = 0, refilled_at = 'epoch', paused_until = NULL")


def _retention(parts, exchange: Exchange, keyring: Keyring, folder) -> Retention:
    ledger = LedgerWriter(folder / "ledger.jsonl", signing_key=LEDGER_KEY)
    ledger.create(uuid4(), START)
    return Retention(
        **parts,
        caller=exchange,
        keyring=keyring,
        signing_key=CERTIFICATE_KEY,
        ledger=ledger,
        archive=CertificateArchive(folder / "certificates.jsonl"),
    )


def _notification(parts, exchange: Exchange, mailgun_url: str) -> NotificationService:
    mailgun = Mailgun(
        url=mailgun_url,
        domain="mg.example.no",
        api_key=DEFAULT_KEYS["mailgun_api_key"],
        sender="Semje Software <nogd@mg.example.no>",
        reply_to=IMPRINT.contact,
    )
    return NotificationService(
        **parts,
        caller=exchange,
        mailgun=mailgun,
        renderer=Renderer(base_url="https://nogd.example", imprint=IMPRINT),
        index=INDEX,
        unsubscribe_key=b"unsubscribe-key-for-tests",
        public_url="https://nogd.example",
        desk_url="https://desk.example",
        webhook_signing_key=DEFAULT_KEYS["mailgun_webhook_signing_key"],
        webhook_path_secret=DEFAULT_KEYS["mailgun_webhook_path_secret"],
        letters_per_second=500.0,
        burst=500.0,
        workers=1,
    )
