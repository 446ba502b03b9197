"""`run_reseal DSN KEYRING FOLDER`: account's rounds in their own process."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

from services.account.reencryption.tables import TABLES
from shared.config import Secrets
from shared.database import Database
from shared.failpoints import Failpoints
from shared.privacy import KekFile, Keyring, Vault
from shared.privacy.reencryption import Resealer
from tests.plugins.account_world import START


def main() -> None:
    dsn, keyring_dsn, folder = sys.argv[1:]
    database = Database(dsn, source="account")
    keyring = Keyring(keyring_dsn, kek=KekFile(Secrets(folder=Path(folder))))
    database.open()
    keyring.open()
    resealer = Resealer(
        holder="account",
        database=database,
        vault=Vault(keyring),
        tables=TABLES,
        failpoints=Failpoints("test", os.environ),
    )
    for number in range(20):
        resealer.turn(START + timedelta(minutes=2 * number))
