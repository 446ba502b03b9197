"""The ledger's copy off-site. It is no set that is restored: it is what a restored set is measured by.

Retention copies the ledger whenever it has grown (`shared.privacy.ledger_copy`). What lies there is verified once
more, must continue what was sent before, and is sent encrypted. Kept are the copies of the last two days: what the
ledger itself forgets must not live on in its copies.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from deploy.backup import rules
from deploy.backup.errors import BackupFailed, RestoreRefused
from deploy.backup.repository import Repository
from shared import append_only
from shared.config import Secrets
from shared.privacy.ledger import Ledger
from shared.privacy.ledger_errors import LedgerError
from shared.privacy.ledger_lines import Mark
from shared.signing import PublicKey

KEEP: Final = timedelta(days=2)
PUBLIC_KEY: Final = "ledger_public_key"
SENT_FILE: Final = "ledger_sent.json"
"""Beside the record: how far the copy reached that was sent last."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """From where to where a copy that was sent tells the facts."""

    head: Mark
    opens_after: int


class LedgerCopies:
    """Copies of one ledger at one target."""

    def __init__(
        self, file: Path, *, keys: Secrets, sent: Path, scratch: Path, opened: Callable[[bool], Repository]
    ) -> None:
        """`file` is what to send, `sent` remembers how far what was sent last reached.

        `opened` returns the repository, and makes it where told to.
        """
        self._file = file
        self._keys = keys
        self._sent = sent
        self._scratch = scratch
        self._opened = opened

    def send(self, now: datetime) -> bool:
        """Verify and send the ledger where it has changed since it was sent last; says whether it has.

        Raises `BackupFailed` where it is missing although it was sent before, or does not continue what was sent.
        """
        before = self._last_sent()
        if not self._file.exists() and before is None:
            return False
        folder = self._scratch / "ledger-to-send"
        try:
            sending = self._take_out(folder, before)
        except LedgerError as error:
            raise BackupFailed(f"the ledger was not sent: {error}") from error
        repository = self._opened(True)
        snapshots = repository.snapshots()
        changed = sending != before or not snapshots
        if changed:
            repository.store(folder, rules.dated(snapshots, now))
            self._note(sending)
        old = [each for each in snapshots[: None if changed else -1] if each.at < now - KEEP]
        if old:
            repository.forget(old)
        return changed

    def _take_out(self, folder: Path, before: _Sent | None) -> _Sent:
        """Copy what is to be sent, and verify the copy: the file may grow or be exchanged meanwhile."""
        folder.mkdir(mode=0o700)
        target = folder / self._file.name
        if self._file.exists():
            shutil.copyfile(self._file, target)
        copy = Ledger(target, keys=self._public_keys())
        opens_after = copy.opening().position
        known = before.head if before is not None and before.head.position >= opens_after else None
        return _Sent(copy.verify(known, every_signature=False).head, opens_after)

    def as_it_lies(self) -> Ledger | None:
        """The ledger that is sent, where there is one."""
        return Ledger(self._file, keys=self._public_keys()) if self._file.exists() else None

    def _last_sent(self) -> _Sent | None:
        try:
            raw = json.loads(self._sent.read_bytes())
        except FileNotFoundError:
            return None
        return _Sent(Mark(int(raw["position"]), str(raw["hash"])), int(raw["opens_after"]))

    def _note(self, sent: _Sent) -> None:
        value = {"position": sent.head.position, "hash": sent.head.hash, "opens_after": sent.opens_after}
        append_only.exchange(self._sent, [json.dumps(value).encode("ascii") + b"\n"])

    def fetch(self, folder: Path) -> Path:
        """Write the newest copy into `folder`, which must not hold one, and verify it."""
        target = folder / self._file.name
        if target.exists():
            raise RestoreRefused(f"{target} is there already; a ledger is never written over")
        repository = self._opened(False)
        present = repository.snapshots()
        if not present:
            raise RestoreRefused("there is no copy of the ledger")
        files = repository.fetch(present[-1], self._scratch / "ledger")
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files / self._file.name, target)
        try:
            Ledger(target, keys=self._public_keys(), name="the copy of the ledger").verify()
        except LedgerError as error:
            target.unlink()
            raise BackupFailed(f"the copy of the ledger is not to be relied on: {error}") from error
        return target

    def _public_keys(self) -> list[PublicKey]:
        return [PublicKey.parse(line) for line in self._keys.read(PUBLIC_KEY).split()]
