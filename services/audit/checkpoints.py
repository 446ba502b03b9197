"""Checkpoints: signed statements about the trail, and the file outside the database that they are kept in.

A checkpoint says how many rows the trail had, with which root and which chain hash, and names the checkpoint
before it by hash. Whoever holds an old one, and the public key, can tell whether today's trail still begins
with what it stated.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.audit.chain import GENESIS, compact, instant
from shared.config import SettingError

ORIGIN: Final = "vilkar.audit.v1"
KEY_BYTES: Final = 32
LINE_LIMIT_BYTES: Final = 2048
FILE_MODE: Final = 0o640


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The state of the trail at `time`: hashes are 32 bytes, `previous` is the digest of the one before."""

    number: int
    tree_size: int
    root: bytes
    head: bytes
    time: datetime
    key_id: str
    previous: bytes = GENESIS
    signature: bytes = b""

    def statement(self) -> bytes:
        """The bytes that are signed."""
        values = self.as_json()
        del values["signature"]
        return compact({"origin": ORIGIN, **values}).encode("ascii")

    def as_json(self) -> dict[str, Any]:
        """The checkpoint as plain JSON values: hashes in hexadecimal, the signature in base64."""
        return {
            "number": self.number,
            "tree_size": self.tree_size,
            "root": self.root.hex(),
            "head": self.head.hex(),
            "time": instant(self.time),
            "key_id": self.key_id,
            "previous": self.previous.hex(),
            "signature": base64.b64encode(self.signature).decode("ascii"),
        }

    def line(self) -> bytes:
        """The checkpoint as a line of the file, without its end."""
        return compact(self.as_json()).encode("ascii")

    def digest(self) -> bytes:
        """What the next checkpoint names this one by."""
        return hashlib.sha256(self.line()).digest()

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read a line of the file. Raises `ValueError` where it is not exactly what `line` writes."""
        try:
            raw = json.loads(line)
            made = cls(
                number=int(raw["number"]),
                tree_size=int(raw["tree_size"]),
                root=bytes.fromhex(raw["root"]),
                head=bytes.fromhex(raw["head"]),
                time=datetime.fromisoformat(raw["time"]),
                key_id=str(raw["key_id"]),
                previous=bytes.fromhex(raw["previous"]),
                signature=base64.b64decode(raw["signature"], validate=True),
            )
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise ValueError("not a checkpoint") from None
        if made.line() != line:
            raise ValueError("not a checkpoint as it was written")
        return made


class Signer:
    """Signs checkpoints with the service's Ed25519 key."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        """`private_key` stays in this process."""
        self._private = private_key
        self.public = PublicKey(private_key.public_key())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the secret file's text: the raw private key in base64. Raises `SettingError`."""
        return cls(Ed25519PrivateKey.from_private_bytes(_key_bytes(text, "the signing key")))

    def sign(self, checkpoint: Checkpoint) -> Checkpoint:
        """The checkpoint with key id and signature."""
        named = replace(checkpoint, key_id=self.public.id, signature=b"")
        return replace(named, signature=self._private.sign(named.statement()))


class PublicKey:
    """Checks signatures. `id` is the beginning of the key's SHA-256."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        """`key` may be known to everybody."""
        self._key = key
        self._raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = hashlib.sha256(self._raw).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text` gives. Raises `SettingError`."""
        return cls(Ed25519PublicKey.from_public_bytes(_key_bytes(text, "the public key")))

    def text(self) -> str:
        """The raw key in base64."""
        return base64.b64encode(self._raw).decode("ascii")

    def signed(self, checkpoint: Checkpoint) -> bool:
        """Whether this key signed exactly this checkpoint."""
        if checkpoint.key_id != self.id:
            return False
        try:
            self._key.verify(checkpoint.signature, checkpoint.statement())
        except InvalidSignature:
            return False
        return True


def export_public_key(path: Path, key: PublicKey) -> list[PublicKey]:
    """Write the public key for everybody to read, and return all keys in the file.

    Keys that were there before stay, for what they signed; the present one is the first line.
    """
    try:
        older = [PublicKey.parse(line) for line in path.read_text(encoding="ascii").split()]
    except FileNotFoundError:
        older = []
    keys = [key, *(each for each in older if each.id != key.id)]
    if not older or older[0].id != key.id:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text("".join(f"{each.text()}\n" for each in keys), encoding="ascii")
        draft.replace(path)
    return keys


def _key_bytes(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        raise SettingError(f"{what} is not base64") from None
    if len(raw) != KEY_BYTES:
        raise SettingError(f"{what} must be base64 of exactly {KEY_BYTES} bytes")
    return raw


@dataclass(slots=True)
class FileContents:
    """What the file holds: checkpoints in their order, and the numbers of lines that are not one.

    `torn` says that the last line was never finished; it counts as not written.
    """

    checkpoints: list[Checkpoint] = field(default_factory=list)
    damaged_lines: list[int] = field(default_factory=list)
    torn: bool = False
    present: bool = True


class CheckpointFile:
    """The append-only file `checkpoints.jsonl`, one checkpoint a line.

    It lies outside the database, so that whoever can change both the trail and its checkpoints there still
    contradicts something. Copied off the machine, it also survives whoever owns the machine.
    """

    def __init__(self, path: Path) -> None:
        """The file's folder is made when the first line is written."""
        self.path = path

    def read(self) -> FileContents:
        """Everything in the file. A missing file has no lines."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return FileContents(present=False)
        *lines, rest = raw.split(b"\n")
        contents = FileContents(torn=bool(rest))
        for number, line in enumerate(lines, start=1):
            try:
                contents.checkpoints.append(Checkpoint.parse(line))
            except ValueError:
                contents.damaged_lines.append(number)
        return contents

    def last(self) -> Checkpoint | None:
        """The last finished line, or None. Raises `ValueError` where it is no checkpoint."""
        try:
            with self.path.open("rb") as stream:
                end = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, end - 2 * LINE_LIMIT_BYTES))
                lines = stream.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return None
        return Checkpoint.parse(lines[-1]) if lines else None

    def append(self, checkpoints: Iterable[Checkpoint]) -> int:
        """Write lines to the disk, all or those that the disk took; cut off a torn line first. Returns how many.

        A checkpoint whose number the file has already is passed over, so two writers do no harm.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked() as stream:
            _cut_torn_line(stream)
            last = self.last()
            known = last.number if last else 0
            fresh = [each for each in checkpoints if each.number > known]
            stream.seek(0, os.SEEK_END)
            stream.write(b"".join(each.line() + b"\n" for each in fresh))
            stream.flush()
            os.fsync(stream.fileno())
        _sync_folder(self.path.parent)
        return len(fresh)

    def put_aside(self, suffix: str) -> str | None:
        """Rename the file and return its new name, or None where there is none. Nothing is overwritten."""
        if not self.path.exists():
            return None
        aside = self.path.with_name(f"{self.path.stem}.{suffix}{self.path.suffix}")
        if aside.exists():
            raise FileExistsError(f"{aside.name} is there already")
        self.path.rename(aside)
        _sync_folder(self.path.parent)
        return aside.name

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        with os.fdopen(descriptor, "r+b") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield stream


def _cut_torn_line(stream: IO[bytes]) -> None:
    """Remove what was written of a line when the machine stopped; the table still has that checkpoint."""
    end = stream.seek(0, os.SEEK_END)
    start = max(0, end - 2 * LINE_LIMIT_BYTES)
    stream.seek(start)
    tail = stream.read()
    if not tail or tail.endswith(b"\n"):
        return
    cut = tail.rfind(b"\n")
    if cut < 0 and start > 0:
        raise ValueError("the file of checkpoints ends with something that is no line of it")
    stream.truncate(start + cut + 1)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
