"""New data keys for companies and persons, and the rows sealed anew under them (ADR 0016)."""

from __future__ import annotations

from services.account.reencryption.tables import TABLES
from shared.bus import Feature, every
from shared.clock import Clock
from shared.database import Database
from shared.privacy import Vault
from shared.privacy.key_rotation import Renewing
from shared.privacy.reencryption import Resealer


class Reencryption(Feature):
    """The part of the service that makes new data keys, alone of all, and seals its own rows anew."""

    def __init__(self, database: Database, clock: Clock, vault: Vault) -> None:
        """`vault` has an open keyring."""
        self._clock = clock
        self.renewing = Renewing(vault.keyring)
        self.resealer = Resealer(holder="account", database=database, vault=vault, tables=TABLES)

    def check(self) -> None:
        """Raise where the keyring is older than the rows sealed with its keys."""
        self.resealer.check()

    @every(seconds=2)
    def renew_keys(self) -> None:
        """Give a stretch of companies and persons their key of the newest renewal."""
        self.renewing.renew(self._clock.now())

    @every(seconds=2)
    def reencrypt(self) -> None:
        """Seal a stretch of rows anew that lie under older keys."""
        self.resealer.turn(self._clock.now())
