"""The key files: one in the folder of each process that has one, and what the keeper keeps for itself.

    account/kek audit/kek      one key a line in base64; the first wraps, all unwrap
    keyring_keeper/kek_next    the key that an exchange under way brings in
    keyring_keeper/kek_kept    old keys that backups of the keyring still need, with the instant of each

A file is replaced in one step and has its successor's owner and mode; readers see the old or the new, never half.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy.keys.errors import KeysRefused
from shared.config import SettingError
from shared.privacy.kek_file import NAME
from shared.privacy.keys import KEY_BYTES, Kek, kek_id, parse_keys

HOLDERS: Final = ("account", "audit")
"""The processes with a key file."""
KEEPER: Final = "keyring_keeper"
NEXT: Final = "kek_next"
KEPT: Final = "kek_kept"
PRIVATE: Final = 0o400


@dataclass(frozen=True, slots=True)
class Kept:
    """An old key for old backups, and the instant after which no new backup needs it."""

    key: bytes
    retired_at: datetime

    @property
    def id(self) -> str:
        """Its public name."""
        return kek_id(self.key)


class KeyFiles:
    """The key files below one folder of secrets."""

    def __init__(self, root: Path, keeper: Path | None = None) -> None:
        """`root` holds the processes' folders; `keeper` is the keeper's own, by default below it as well."""
        self._root = root
        self._keeper = keeper or root / KEEPER

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second exchange out. Raises `KeysRefused` where one is under way."""
        with (self._keeper / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise KeysRefused("another exchange of the key-encryption key is running") from None
            yield

    # ── those of the processes ──────────────────────────────────────────────────────────────────────────────────

    def keys(self, holder: str) -> list[bytes]:
        """The keys of a process, in the order of its file. Raises `KeysRefused` where there are none."""
        try:
            keys = parse_keys((self._root / holder / NAME).read_text(encoding="ascii"))
            Kek(keys)
        except (OSError, UnicodeDecodeError, SettingError) as error:
            why = error if isinstance(error, SettingError) else type(error).__name__
            raise KeysRefused(
                f"the key file of {holder} is lost or spoilt ({why}); put it back first (docs/keys.md)"
            ) from None
        return keys

    def all_keys(self) -> dict[str, list[bytes]]:
        """The keys of every process."""
        return {holder: self.keys(holder) for holder in HOLDERS}

    def write(self, holder: str, keys: Sequence[bytes]) -> None:
        """Give a process these keys from its next look on."""
        path = self._root / holder / NAME
        _replace(path, "".join(f"{base64.b64encode(key).decode()}\n" for key in keys), like=path)
        if self.keys(holder) != list(keys):
            raise KeysRefused(f"the key file of {holder} does not hold what was written; look at its disk")

    # ── those of the keeper ─────────────────────────────────────────────────────────────────────────────────────

    def next(self) -> bytes | None:
        """The key that an exchange under way brings in."""
        try:
            keys = parse_keys((self._keeper / NEXT).read_text(encoding="ascii"))
        except FileNotFoundError:
            return None
        Kek(keys)
        return keys[0]

    def begin(self) -> bytes:
        """Make the key of a new exchange; it is on disk before anybody uses it."""
        key = secrets.token_bytes(KEY_BYTES)
        _replace(self._keeper / NEXT, f"{base64.b64encode(key).decode()}\n")
        return key

    def end(self) -> None:
        """The exchange is over."""
        (self._keeper / NEXT).unlink()
        _sync(self._keeper)

    def kept(self) -> list[Kept]:
        """The old keys that are kept for backups of the keyring, oldest first."""
        try:
            lines = (self._keeper / KEPT).read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return []
        words = [line.split() for line in lines if line.strip()]
        return [Kept(parse_keys(key)[0], datetime.fromisoformat(at)) for key, at in words]

    def keep(self, kept: Sequence[Kept]) -> None:
        """Keep exactly these old keys."""
        lines = [f"{base64.b64encode(each.key).decode()} {each.retired_at.isoformat()}\n" for each in kept]
        if lines:
            _replace(self._keeper / KEPT, "".join(lines))
        else:
            (self._keeper / KEPT).unlink(missing_ok=True)
            _sync(self._keeper)


def _replace(path: Path, text: str, *, like: Path | None = None) -> None:
    """Put `text` in the place of a file in one step, on disk before this returns; owner and mode as of `like`."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        if like is not None:
            owner = like.stat()
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fchmod(file.fileno(), owner.st_mode & 0o777)
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
