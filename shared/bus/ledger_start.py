"""The first line of the ledger: written once, before any service looks for it, never in the place of a lost one."""

from __future__ import annotations

from datetime import datetime

from shared.bus.service_restore_gate import ledger_keys
from shared.config import Settings
from shared.database import Database
from shared.identifiers import new_id
from shared.privacy.ledger_writer import LedgerWriter
from shared.privacy.restore_gate import position_of
from shared.signing import SigningKey


def ledger_writer(settings: Settings) -> LedgerWriter:
    """The ledger with the key to sign it, which only retention's secrets hold. Raises `SettingError`."""
    key = SigningKey.parse(settings.secrets.read("ledger_signing_key"))
    older = [each for each in ledger_keys(settings) if each.id != key.public.id]
    return LedgerWriter(settings.ledger_file, signing_key=key, older_keys=older)


def begin_if_first(ledger: LedgerWriter, database: Database, now: datetime) -> bool:
    """Begin the ledger where this is the first start of all: `database`, retention's, has never seen one.

    Where it has seen one and the file is gone, nothing is begun, and every gate stays shut. Several may do this at
    once; returns whether it was us.
    """
    if ledger.path.exists() or position_of(database) is not None:
        return False
    try:
        ledger.create(new_id(), now)
    except FileExistsError:  # somebody else began it a moment ago
        return False
    return True
