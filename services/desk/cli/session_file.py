"""The session of a command line, in a file that its owner alone reads: at which desk, whose, and its secret.

It lies in the user's folder of settings (`XDG_CONFIG_HOME`), or where `VILKAR_SESSION_FILE` says.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared.errors import Unauthenticated
from shared.identifiers import new_id

SETTING: Final = "VILKAR_SESSION_FILE"
NAME: Final = "vilkar/session.json"
LIMIT_BYTES: Final = 8192
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
REMEDY: Final = "vilkar login"


class NotLoggedIn(Unauthenticated):
    """Nobody is logged in here."""

    def __init__(self, why: str) -> None:
        """`why` is a sentence without its end; what to do is said after it."""
        super().__init__(f"{why}: {REMEDY}")


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """A session: the desk's address, the code of whose it is, and its secret token.

    `ends_at` is as it was told when it began; `invented` marks one of a demo's people.
    """

    desk: str
    code: str
    token: str = field(repr=False)
    ends_at: datetime
    invented: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "desk": self.desk,
            "code": self.code,
            "token": self.token,
            "ends_at": self.ends_at.isoformat(),
            "invented": self.invented,
        }

    @classmethod
    def from_json(cls, document: Any) -> StoredSession:
        """Read one. Raises `ValueError`."""
        match document:
            case {"desk": str(desk), "code": str(code), "token": str(token), "ends_at": str(ends_at), **more} if (
                desk and code and token.isascii() and token.isprintable() and " " not in token
            ):
                invented = more.get("invented", False) is True
                ends = datetime.fromisoformat(ends_at)
                return cls(desk=desk, code=code, token=token, ends_at=ends, invented=invented)
        raise ValueError("not a session")


@dataclass(frozen=True)
class SessionFile:
    """The file, there or not."""

    path: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> SessionFile:
        """Where this user has it."""
        if named := environment.get(SETTING):
            return cls(Path(named))
        home = Path(environment.get("HOME") or "~").expanduser()
        return cls(Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / NAME)

    def read(self) -> StoredSession:
        """The session. Raises `NotLoggedIn` where there is none, or where others could have read or made it."""
        try:
            # Whatever lies there is opened without waiting for anybody, as a pipe would.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            raise NotLoggedIn("You are not logged in") from None
        except OSError as error:
            raise NotLoggedIn(f"The file of your session cannot be read ({type(error).__name__})") from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
                raise NotLoggedIn("The file of your session is not yours")
            if status.st_mode & OTHERS:
                raise NotLoggedIn("Others can read the file of your session, so it is not believed")
            raw = os.read(descriptor, LIMIT_BYTES + 1)
        finally:
            os.close(descriptor)
        try:
            if len(raw) > LIMIT_BYTES:
                raise ValueError("longer than a session")  # noqa: TRY301  # one of the ways to be none
            return StoredSession.from_json(json.loads(raw))
        except (ValueError, RecursionError):
            raise NotLoggedIn("The file of your session holds none") from None

    def write(self, session: StoredSession) -> None:
        """Put a session in the place of any before: whole, and from the first moment its owner's alone."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_name(f".{self.path.name}.{new_id()}")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(draft, flags, stat.S_IRUSR | stat.S_IWUSR)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(session.to_json()) + "\n")
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)

    def remove(self) -> None:
        """There is no session any more."""
        self.path.unlink(missing_ok=True)
