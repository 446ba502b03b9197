"""The key file of a running process: exchanged under it, without a restart."""

from __future__ import annotations

from typing import Final

from shared import log
from shared.config import Secrets, SettingError
from shared.privacy.keys import Kek

NAME: Final = "kek"
"""The secret with the key-encryption keys, one a line."""

_log = log.get("privacy.kek_file")


class KekFile:
    """The key-encryption keys as their file has them at the moment of use.

    The file is looked at with every use (some microseconds) and read where it is another one than before. One that
    is lost or spoilt while the process runs does not stop what can still be done with the keys already read; `read`
    says so, and with it readiness.
    """

    def __init__(self, secrets: Secrets) -> None:
        """Raises `SettingError` where the file is missing, empty or malformed."""
        self._secrets = secrets
        self._seen: tuple[int, int, int] | None = None
        self._trouble: str | None = None
        self._kek = self.read()

    def current(self) -> Kek:
        """The keys to be used now."""
        try:
            seen = self._look()
            if seen != self._seen:
                self._kek, self._seen, self._trouble = self.read(), seen, None
        except SettingError as error:
            if self._trouble != str(error):
                self._trouble = str(error)
                _log.critical("kek_file_unreadable", exc_info=error)
        return self._kek

    def read(self) -> Kek:
        """The keys as the file has them. Raises `SettingError` where it is missing, empty or malformed."""
        return Kek.parse(self._secrets.read(NAME))

    def _look(self) -> tuple[int, int, int]:
        try:
            status = (self._secrets.folder / NAME).stat()
        except OSError as error:
            raise SettingError(f"the secret {NAME!r} cannot be read: {type(error).__name__}") from None
        return status.st_ino, status.st_mtime_ns, status.st_size
