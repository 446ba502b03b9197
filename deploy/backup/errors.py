"""What can go wrong with a backup: it failed and is tried again, or a restore is refused for a reason."""

from __future__ import annotations

from shared.errors import Refused, Transient


class BackupFailed(Transient):
    """A backup, a look at the repository or a restore did not work out; nothing that was there before is lost."""


class RestoreRefused(Refused):
    """The restore asked for is not done; the message says why, and what can be done instead."""
