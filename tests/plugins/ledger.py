"""A ledger for service processes that a test starts without retention, which begins it and follows it elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from deploy.provision import secrets
from shared.clock import Clock
from shared.config import LEDGER_FILE
from shared.privacy.ledger_writer import LedgerWriter
from shared.signing import SigningKey

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from deploy.native.infrastructure import Infrastructure


def begin_ledger(infrastructure: Infrastructure, state_dir: Path, keyring_dsn: str | None = None) -> LedgerWriter:
    """Begin a ledger where processes with this state folder look for it.

    `keyring_dsn` is the owner's: the keyring is recorded to be at the ledger's beginning, as retention would.
    """
    key = SigningKey.parse(secrets.read(infrastructure.secrets_root, "retention", "ledger_signing_key"))
    writer = LedgerWriter(state_dir / "ledger" / LEDGER_FILE, signing_key=key)
    now = Clock().now()
    writer.create(uuid4(), now)
    if keyring_dsn is not None:
        keyring_follows(writer, keyring_dsn, now)
    return writer


def keyring_follows(writer: LedgerWriter, keyring_dsn: str, now: datetime) -> None:
    """Record that the keyring has come as far as the ledger, as retention would; `keyring_dsn` is the owner's."""
    _, head = writer.extent()
    with psycopg.connect(keyring_dsn) as owner:
        owner.execute(
            "UPDATE ledger_position SET position = %s, hash = %s, recorded_at = %s",
            (*head, now),
        )
