"""What can be wrong with a ledger, and the way out of each."""

from __future__ import annotations

from typing import ClassVar

from shared.errors import Permanent


class LedgerError(Permanent):
    """The ledger cannot be relied on, so nothing is written to it and no restored database is served."""

    way_out: ClassVar[str] = (
        "put back the newest copy; whoever is root may do that, or go on without, with 'make ledger-accept'"
    )

    def __init__(self, what: str) -> None:
        """`what` names positions and files, never a subject. The way out is part of the message."""
        super().__init__(f"{what}; {self.way_out}")


class LedgerMissing(LedgerError):
    """There is no ledger where it should be."""


class LedgerShortened(LedgerError):
    """The ledger ends before a place that is known to have been in it."""


class LedgerAltered(LedgerError):
    """A line of the ledger is not the one that was written: changed, removed, moved, or signed by a stranger."""


class LedgerPurged(LedgerError):
    """The database is older than any backup may be: what it misses has been purged from the ledger."""

    way_out = "restore a newer backup; whoever is root may go on with 'make ledger-accept'"


class LedgerTooNew(LedgerError):
    """The ledger holds a kind of fact that this version does not know how to replay."""

    way_out = "start a version at least as new as the one that wrote it"


class ReplayFailed(LedgerError):
    """A fact of the ledger could not be made true again in the database, or does not hold afterwards."""

    way_out = "nothing is served until it does; the state of the database is the one before this batch"
